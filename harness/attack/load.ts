import { existsSync } from "node:fs";
import { loadavg } from "node:os";
import { setTimeout as wait } from "node:timers/promises";
import type { DetectorApi, Key } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { type Tail, tailOf } from "../bench/statistics.ts";
import type { Workerd } from "../bench/workerd.ts";
import { Nodes } from "../scale/nodes.ts";
import { type Answers, flow, forged, hangUp, holdMany, openStreams, type Wave } from "./flood.ts";
import { type Built, Runtime } from "./runtime.ts";
import { healthOf, hostsOf, untilFresh } from "./world.ts";

/** One process does everything here, and is faster if it need not wait for a disk that other programs use. */
const IN_MEMORY = "/dev/shm";
/** Targets that are watched before, during and after the flood. */
const CALM = 20;
/** A full shard holds 500: the detector refuses the other puts. */
const PUT_NAMES = 600;
const PUTS = 50_000;
const MINUTES_OF_PUTS = 10;
/** Waits: four times as many as an isolate holds. Streams: more than it has seats for. */
const WAITS = 1_000;
const STREAMS = 300;
const IDLE_MS = 60_000;
const CRON_MS = 60_000;
const SAMPLE_MS = 5_000;
const ALIVE_WITHIN_MS = 60_000;
/** All must be well again within a minute. */
const WELL_WITHIN_MS = 60_000;
const SITE = "calm";
/** The target that the flood's heartbeats and drills concern: it is not one of the calm targets. */
const SPOKEN_FOR = "spoken-for";

export interface LoadFigures {
  minutes: number;
  idleLateMs: Tail;
  loadLateMs: Tail;
  afterLateMs: Tail;
  /** Memory of the runtime: before the flood, at most, and a minute after. */
  memory: { idle: number; most: number; after: number };
  answers: Record<string, Answers>;
  /** Until health was ok and all verdicts rested on looks from after the flood; null: not within a minute. */
  wellAfterMs: number | null;
  /** Changes of verdict of the calm targets, to which nothing happened. */
  moved: Record<string, number>;
  /** Share of one core during the flood, and the number of programs that waited to run on the machine at its end. */
  cpuShare: number;
  machineLoad: number;
  faults: string[];
}

const calmKeys: Key[] = Array.from({ length: CALM }, (_, number) => ({
  site: SITE,
  target: `node-${number}`,
}));

let last = 0;
const next = (most: number): number => (last += 1) % most;

const ADMIN = (): string => "local-admin";
const json = (body: object) => (): string => JSON.stringify(body);

const wavesOf = (node: string, notify: string): Wave[] => {
  const target = `/v1/sites/${SITE}/targets/${SPOKEN_FOR}`;
  const word = (): string => `boot-${next(1_000_000)}`;
  return [
    {
      name: "targets",
      perSecond: PUTS / (MINUTES_OF_PUTS * 60),
      method: "PUT",
      path: () => `/v1/sites/flood/targets/node-${next(PUT_NAMES)}`,
      token: ADMIN,
      body: () => JSON.stringify({ url: `${node}/${next(1_000_000)}`, intervalMs: 60_000, timeoutMs: 2_000 }),
    },
    {
      name: "heartbeats",
      perSecond: 100,
      method: "POST",
      path: () => `${target}/heartbeats`,
      token: () => notify,
      body: () => JSON.stringify({ bootId: word() }),
    },
    {
      name: "notices",
      perSecond: 20,
      method: "POST",
      path: () => `${target}/notices`,
      token: ADMIN,
      body: () => JSON.stringify({ kind: next(2) === 0 ? "start" : "crash", bootId: word() }),
    },
    {
      name: "drills",
      perSecond: 10,
      method: "POST",
      path: () => "/v1/drills",
      token: ADMIN,
      body: json({ site: SITE, target: SPOKEN_FOR, fault: "error", durationMs: 30_000 }),
    },
    {
      name: "webhooks",
      perSecond: 10,
      method: "PUT",
      path: () => `/v1/webhooks/hook-${next(20)}`,
      token: ADMIN,
      body: json({ url: `${node}/hook` }),
    },
    {
      name: "forged tokens",
      perSecond: 100,
      method: "GET",
      path: () => `${target}/verdict`,
      token: forged,
      body: () => null,
    },
    {
      name: "large bodies",
      perSecond: 2,
      method: "PUT",
      path: () => target,
      token: ADMIN,
      body: () => "x".repeat(2_000_000),
    },
  ];
};

const heldWave = (): Wave => ({
  name: "held waits",
  perSecond: 0,
  method: "GET",
  path: () => `/v1/sites/${SITE}/targets/node-1/verdict?seq=2&waitMs=15000`,
  token: () => "local-read",
  body: () => null,
});

/** A sample of memory every few seconds. */
const watchMemory = (workerd: Workerd): { most: () => number; stop: () => void } => {
  let most = 0;
  const timer = setInterval(() => void (most = Math.max(most, workerd.residentBytes())), SAMPLE_MS);
  return { most: () => most, stop: () => clearInterval(timer) };
};

/** All requests at once and beyond every limit, for so many minutes, with a minute before and after. */
export const attackByLoad = async (
  built: Built,
  minutes: number,
  say: (line: string) => void,
): Promise<LoadFigures> => {
  const port = await freePort();
  const hosts = hostsOf(CALM + 1);
  const nodes = await Nodes.start(hosts, port);
  const runtime = await Runtime.on(built, existsSync(IN_MEMORY) ? IN_MEMORY : undefined);
  const cron = setInterval(() => void runtime.cron().catch(() => undefined), CRON_MS);
  try {
    const workerd = await runtime.start();
    await runtime.cron();
    return await play(runtime, workerd, { hosts, port, minutes, say });
  } finally {
    clearInterval(cron);
    hangUp();
    await runtime.end();
    await nodes.kill();
  }
};

interface Play {
  hosts: string[];
  port: number;
  minutes: number;
  say: (line: string) => void;
}

const play = async (
  runtime: Runtime,
  workerd: Workerd,
  { hosts, port, minutes, say }: Play,
): Promise<LoadFigures> => {
  const { api } = runtime;
  const node = `http://${hosts[CALM]}:${port}`;
  for (const [number, key] of [...calmKeys, { site: SITE, target: SPOKEN_FOR }].entries())
    await api.putTarget(key, {
      url: `http://${hosts[number]}:${port}/`,
      intervalMs: 5_000,
      timeoutMs: 2_000,
    });
  const { token: notify } = await api.makeToken({ scope: "notify", site: SITE, target: SPOKEN_FOR });
  const alive = { since: 0, withinMs: ALIVE_WITHIN_MS, isHealthy: false };
  if ((await untilFresh(api, calmKeys, alive)) === null) throw new Error("the calm targets are not alive");
  await runtime.late();
  say(`idle for ${IDLE_MS / 1_000} s`);
  await wait(IDLE_MS);
  const idleLateMs = tailOf(await runtime.late());
  const idle = workerd.residentBytes();

  say(`the flood: ${minutes} min`);
  const memory = watchMemory(workerd);
  const stop = AbortSignal.timeout(minutes * 60_000);
  const [cpuBefore, began] = [workerd.cpuMs(), performance.now()];
  const closeStreams = openStreams(Number(new URL(api.url).port), STREAMS, "local-read");
  const waves = wavesOf(node, notify);
  const held = heldWave();
  const all = await Promise.all([
    ...waves.map((wave) => flow(api.url, wave, stop)),
    holdMany(api.url, held, WAITS, stop),
  ]);
  closeStreams();
  const cpuShare = (workerd.cpuMs() - cpuBefore) / (performance.now() - began);
  const [machineLoad = NaN] = loadavg();
  const ended = Date.now();
  const loadLateMs = tailOf(await runtime.late());
  say("over; until all is well");
  const wellAfterMs = await untilFresh(api, calmKeys, {
    since: ended,
    withinMs: WELL_WITHIN_MS,
    isHealthy: true,
  });
  await wait(Math.max(0, ended + WELL_WITHIN_MS - Date.now()));
  memory.stop();
  const answers = Object.fromEntries([...waves, held].map(({ name }, at) => [name, all[at] as Answers]));
  const figures = {
    minutes,
    idleLateMs,
    loadLateMs,
    afterLateMs: tailOf(await runtime.late()),
    memory: { idle, most: memory.most(), after: workerd.residentBytes() },
    answers,
    wellAfterMs,
    moved: await movedOf(api),
    cpuShare,
    machineLoad,
  };
  const { reasons } = await healthOf(api);
  return { ...figures, faults: faultsOf(figures, reasons) };
};

/** Changes of verdict by kind, except the first one that each target has at its start. */
const movedOf = async (api: DetectorApi): Promise<Record<string, number>> => {
  const moved: Record<string, number> = {};
  for (const key of calmKeys)
    for (const { from, to, confirmed } of (await api.history(key)).slice(0, -1)) {
      const change = `${from} to ${to}${confirmed ? "" : " (not confirmed)"}`;
      if (from !== to) moved[change] = (moved[change] ?? 0) + 1;
    }
  return moved;
};

const faultsOf = ({ answers, wellAfterMs }: Omit<LoadFigures, "faults">, reasons: string[]): string[] => [
  ...Object.entries(answers)
    .filter(([, { wrong }]) => wrong > 0)
    .map(([name, { wrong }]) => `${name}: ${wrong} answers from 500 on that were no 503 with Retry-After`),
  ...(wellAfterMs === null ? [`not all was well within a minute after: ${reasons.join("; ")}`] : []),
];
