import { setTimeout as wait } from "node:timers/promises";
import { DetectorApi, pathOf, type TargetBody } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import { detectorOn, VANTAGES } from "../bench/detector.ts";
import type { Told } from "../bench/lateness-told.ts";
import { type Tail, tailOf } from "../bench/statistics.ts";
import { sum, type Tallies, talliesSince } from "../bench/tally.ts";
import { Workerd } from "../bench/workerd.ts";
import { type Detection, follow, type Is } from "./follow.ts";
import { Nodes } from "./nodes.ts";
import { type Placed, placedOf, type Scale } from "./world.ts";

const SCALED = new URL("../bench/worker/scaled.ts", import.meta.url);
const TIMEOUT_MS = 2_000;
const CRON_MS = 60_000;
/** Beyond two intervals, for bursts and their bounds. */
const PATIENCE_MS = 60_000;
/** Targets of a shard that are put at a time. */
const PUT_TOGETHER = 4;
const PUT_WITHIN_MS = 600_000;
const PUT_AGAIN_MS = 5_000;
/** How often what it is waited for is looked at. */
const LOOK_MS = 500;

/** A window in which nothing happens, counted. */
export interface Steady {
  windowMs: number;
  /** Looks that were reported, and their share of those that the schedule asks for. */
  looks: number;
  share: number;
  /** A target and hour. */
  vantageRows: number;
  vantageCalls: number;
  aggregatorRows: number;
  aggregatorCalls: number;
  /** Processor time of workerd for a thousand looks. */
  cpuMs: number;
  /** Processor time as a share of one core. */
  cpuShare: number;
  tickMs: Tail;
  reportMs: Tail;
}

export interface ScaleFigure {
  scale: Scale;
  /** Until all were put, and until all were alive. */
  putMs: number;
  /** Puts that were refused, or not answered in time, and done again. */
  refused: number;
  aliveMs: number;
  steady: Steady;
  /** A list of all targets: how long it took, and how large it is. */
  lists: { path: string; status: number; ms: number; bytes: number }[];
  /** To the first transition to `process_crashed` and to a confirmed one. */
  crashed: Detection;
  crashConfirmed: Detection;
  /** To routing `avoid` and to `unreachable` with all of its site. */
  avoided: Detection;
  siteNamed: Detection;
  /** After its object's end: until a read of its shard is answered, … */
  answersMs: number;
  /** … transitions that its other targets had because of it, and how soon the target killed with it was reported. */
  stray: number;
  late: Detection;
  /** Targets that nothing happened to, and how many of them had a transition. */
  untouched: { targets: number; moved: number };
  /** Of the time of the faults. */
  tickMs: Tail;
  reportMs: Tail;
  health: string[];
}

interface Stage {
  scale: Scale;
  placed: Placed[];
  api: DetectorApi;
  workerd: Workerd;
  nodes: Record<"stays" | "killed" | "cut" | "late", Nodes>;
  say: (what: string) => void;
}

/** Starts detector and nodes, and measures. `say`: prints a line of progress. */
export const measureScale = async (scale: Scale, say: (what: string) => void): Promise<ScaleFigure> => {
  const placed = placedOf(scale);
  const port = await freePort();
  const nodePort = await freePort();
  const nodes = await startNodes(placed, nodePort);
  const service = detectorOn(port, SCALED);
  const vars = {
    ...service.vars,
    SHARDS: String(scale.shards),
    VANTAGES: VANTAGES.slice(0, scale.vantages).join(","),
  };
  const workerd = await Workerd.start([{ ...service, vars }]);
  const api = new DetectorApi(`http://127.0.0.1:${port}`);
  const cron = setInterval(() => void api.ask("/cron").catch(() => undefined), CRON_MS);
  try {
    return await play({ scale, placed, api, workerd, nodes, say }, nodePort);
  } finally {
    clearInterval(cron);
    await workerd.stop();
    await Promise.all(Object.values(nodes).map((farm) => farm.kill()));
  }
};

const startNodes = async (placed: Placed[], port: number): Promise<Stage["nodes"]> => {
  const start = (fate: Placed["fate"]): Promise<Nodes> =>
    Nodes.start(
      placed.filter((one) => one.fate === fate).map(({ host }) => host),
      port,
    );
  const [stays, killed, cut, late] = await Promise.all([
    start("stays"),
    start("killed"),
    start("cut"),
    start("late"),
  ]);
  return { stays, killed, cut, late };
};

const play = async (stage: Stage, nodePort: number): Promise<ScaleFigure> => {
  const { scale, placed, api, nodes, say } = stage;
  let refused = 0;
  const putMs = await timed(async () => void (refused = await putAll(stage, nodePort)));
  say(`${scale.targets} targets put in ${seconds(putMs)} s`);
  const aliveMs = await timed(() => untilAllAlive(stage));
  say(`all alive ${seconds(aliveMs)} s later; counting for ${seconds(scale.intervalMs)} s`);
  const steady = await measureSteady(stage);
  const lists = await measureLists(api);
  const told = follow(api);
  await told.ready;
  const of = (...fates: Placed["fate"][]): Placed[] => placed.filter(({ fate }) => fates.includes(fate));

  const killedAt = Date.now();
  await nodes.killed.kill();
  say(`${of("killed").length} targets killed`);
  await untilTold(stage, told, of("killed"), isConfirmedCrash);

  const cutAt = Date.now();
  await nodes.cut.cut();
  say(`${of("cut").length} targets cut off`);
  await untilTold(stage, told, of("cut"), isSiteNamed);

  const fallAt = Date.now();
  await Promise.all([nodes.late.kill(), api.ask(`/fall?shard=${scale.shards - 1}`)]);
  const answersMs = await untilAnswers(stage, fallAt);
  say(`the object of shard ${scale.shards - 1} ended`);
  await untilTold(stage, told, of("late"), isConfirmedCrash);
  told.stop();

  const lateness = await latenessOf(api);
  const { reasons } = JSON.parse((await api.ask("/healthz")).text) as { reasons: string[] };
  const others = of("stays");
  const inLast = others.filter(({ shard }) => shard === scale.shards - 1);
  return {
    scale,
    putMs,
    refused,
    aliveMs,
    steady,
    lists,
    crashed: told.detection(of("killed"), killedAt, isCrash),
    crashConfirmed: told.detection(of("killed"), killedAt, isConfirmedCrash),
    avoided: told.detection(of("cut"), cutAt, isAvoided),
    siteNamed: told.detection(of("cut"), cutAt, isSiteNamed),
    answersMs,
    stray: told.moved(inLast, fallAt),
    late: told.detection(of("late"), fallAt, isConfirmedCrash),
    untouched: { targets: others.length, moved: told.moved(others, 0) },
    ...lateness,
    health: reasons,
  };
};

const isCrash: Is = ({ to }) => to === "process_crashed";
const isConfirmedCrash: Is = ({ to, confirmed }) => to === "process_crashed" && confirmed;
const isAvoided: Is = ({ advice }) => advice.routing === "avoid";
const isSiteNamed: Is = ({ to, because }) => to === "unreachable" && /site/.test(because);

/**
 * Puts the targets, some of each shard at a time: targets that are put while vantages are notified of others go to the vantages with the
 * next notification.
 */
const putAll = async ({ scale, placed, api }: Stage, port: number): Promise<number> => {
  let refused = 0;
  const put = async (left: Placed[]): Promise<void> => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) {
      const body: TargetBody = {
        url: `http://${one.host}:${port}/`,
        intervalMs: scale.intervalMs,
        timeoutMs: TIMEOUT_MS,
        // Nodes have no witness here: without it a crash would never be confirmed, and failover is what is to be timed.
        policy: { outsideProof: true, restartGraceMs: 0 },
      };
      // On a busy machine an answer comes too late, or vantages grow slow and nothing more is admitted for a while. Twice put is once put.
      await until(() => api.putTarget(one.key, body).catch(() => void (refused += 1)), {
        withinMs: PUT_WITHIN_MS,
        everyMs: PUT_AGAIN_MS,
        explain: () => `${one.key.site}/${one.key.target} cannot be put`,
      });
    }
  };
  const byShard = Map.groupBy(placed, ({ shard }) => shard);
  await Promise.all(
    [...byShard.values()].flatMap((left) => Array.from({ length: PUT_TOGETHER }, () => put(left))),
  );
  return refused;
};

/** By site: a list of all is what is measured later, and one answer a target would take longer than what it is waited for. */
const untilAllAlive = async ({ scale, placed, api }: Stage): Promise<void> => {
  const left = [...new Set(placed.map(({ key }) => key.site))];
  const isAlive = async (site: string): Promise<boolean> => {
    const { status, text } = await api
      .ask(`/v1/verdicts?site=${site}`)
      .catch(() => ({ status: 0, text: "" }));
    if (status !== 200) return false;
    const { verdicts } = JSON.parse(text) as { verdicts: { verdict: string }[] };
    return verdicts.every(({ verdict }) => verdict === "alive");
  };
  await until(
    async () => {
      while (left[0] !== undefined && (await isAlive(left[0]))) left.shift();
      return left.length === 0;
    },
    {
      withinMs: 2 * scale.intervalMs + PATIENCE_MS,
      everyMs: LOOK_MS,
      explain: async () =>
        `the targets of ${left.length} sites are not alive: ${(await api.ask("/healthz")).text}`,
    },
  );
};

const measureSteady = async ({ scale, api, workerd }: Stage): Promise<Steady> => {
  const looksOf = async (): Promise<number> => Number((await api.ask("/looks")).text);
  const talliesOf = async (): Promise<Tallies> => JSON.parse((await api.ask("/tally")).text) as Tallies;
  await latenessOf(api);
  const [looksBefore, talliesBefore] = [await looksOf(), await talliesOf()];
  const [cpuBefore, began] = [workerd.cpuMs(), performance.now()];
  await wait(scale.intervalMs);
  const windowMs = performance.now() - began;
  const cpuMs = workerd.cpuMs() - cpuBefore;
  const looks = (await looksOf()) - looksBefore;
  const { aggregator, vantages } = talliesSince(talliesBefore, await talliesOf());
  // By looks and not by the clock: those that began before the window end in it, and others go beyond its end.
  const perLook = (counts: Record<string, number>): number =>
    (sum(counts) / looks) * scale.vantages * (3_600_000 / scale.intervalMs);
  return {
    windowMs,
    looks,
    share: looks / (scale.targets * scale.vantages * (windowMs / scale.intervalMs)),
    vantageRows: perLook(vantages.rows),
    vantageCalls: perLook(vantages.calls),
    aggregatorRows: perLook(aggregator.rows),
    aggregatorCalls: perLook(aggregator.calls),
    cpuMs: (cpuMs / looks) * 1_000,
    cpuShare: cpuMs / windowMs,
    ...(await latenessOf(api)),
  };
};

/** Of the time since it was last asked. */
const latenessOf = async (api: DetectorApi): Promise<{ tickMs: Tail; reportMs: Tail }> => {
  const { tickMs, reportMs } = JSON.parse((await api.ask("/lateness")).text) as Told;
  return { tickMs: tailOf(tickMs), reportMs: tailOf(reportMs) };
};

/** What lists all targets, asked once each. */
const LISTS = [
  "/v1/sites",
  "/v1/verdicts",
  "/v1/avoid",
  "/v1/metrics",
  "/v1/sd",
  "/v1/export/gdnsd",
  "/v1/vantages",
];

const measureLists = async (api: DetectorApi): Promise<ScaleFigure["lists"]> => {
  const figures: ScaleFigure["lists"] = [];
  for (const path of LISTS) {
    const began = performance.now();
    // Without an answer in time: status 0.
    const { status, text } = await api.ask(path).catch(() => ({ status: 0, text: "" }));
    figures.push({ path, status, ms: performance.now() - began, bytes: Buffer.byteLength(text) });
  }
  return figures;
};

/** Waits until all have such a transition, but not for ever: the figures show what is missing. */
const untilTold = async (
  { scale, say }: Stage,
  told: ReturnType<typeof follow>,
  all: Placed[],
  is: Is,
): Promise<void> => {
  const deadline = performance.now() + 2 * scale.intervalMs + PATIENCE_MS;
  while (told.lacking(all, is) > 0 && performance.now() < deadline) await wait(LOOK_MS);
  const lacking = told.lacking(all, is);
  if (lacking > 0) say(`${lacking} of ${all.length} are not told of in time`);
};

const untilAnswers = async ({ placed, scale, api }: Stage, since: number): Promise<number> => {
  const key = placed.find(({ shard }) => shard === scale.shards - 1)?.key ?? { site: "", target: "" };
  const answers = () =>
    api.ask(`${pathOf(key)}/verdict`).then(
      ({ status }) => status === 200,
      () => false,
    );
  await until(answers, {
    withinMs: PATIENCE_MS,
    everyMs: 10,
    explain: () => "the shard does not answer any more",
  });
  return Date.now() - since;
};

const timed = async (work: () => Promise<void>): Promise<number> => {
  const began = performance.now();
  await work();
  return performance.now() - began;
};

const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
