/**
 * What each shipped configuration costs the machine it runs on, and us: CPU seconds and requests a minute, for so many targets. For a
 * follower the kernel reports its use over a while. For a command, the `times` of the shell that ran it so many times does.
 */
import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";
import { until } from "../../scripts/until.ts";
import type { Consumer } from "./consumer.ts";
import { cpuOf } from "./cpu.ts";
import type { Daemon } from "./daemon.ts";
import { exampleFile, fillExample } from "./example.ts";
import { programLine, startExporter, tokenIn } from "./exporter.ts";
import type { Door } from "./faults.ts";
import { startGdnsdExporter } from "./programs/gdnsd.ts";
import { haproxyAvoid, startAgent } from "./programs/haproxy.ts";
import { nagiosLine } from "./programs/nagios.ts";
import { powerDnsAvoid } from "./programs/powerdns.ts";
import { STATES } from "./state.ts";
import type { World } from "./world.ts";

/** As many as there are states: the examples of a run follow these. */
export const COST_TARGETS = STATES.length;
const WINDOW_MS = 20_000;
const READY_WITHIN_MS = 20_000;
const RUNS = 40;
/** For commands that take a quarter of a second each. */
const FEW_RUNS = 10;

/** One line of the page. */
export interface Cost {
  title: string;
  /** What runs: `one process`, `parallax-avoid each 5 s`. */
  runs: string;
  /** CPU seconds a minute of the processes that our configuration starts; undefined if it starts none. */
  cpu: number | undefined;
  /** The same with `parallax check` in place of the script. */
  cpuByProgram: number | undefined;
  /** Requests a minute to our API. */
  requests: number;
}

export const COSTS_NEED: Pick<Consumer, "name" | "needs"> = {
  name: "costs",
  needs: {
    commands: {
      ...haproxyAvoid.needs.commands,
      ...powerDnsAvoid.needs.commands,
      "/usr/lib/nagios/plugins/check_http": "monitoring-plugins-basic",
      curl: "curl",
    },
  },
};

const A_MINUTE_MS = 60_000;

/** The shell's own count for the processes that it started: the second line of `times`, `0m1.230000s 0m0.450000s`. */
export const childrenIn = (times: string): number =>
  [...(times.trim().split("\n").at(-1) ?? "").matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds),
    0,
  );

/** CPU seconds and requests of one run of a command. */
const costOfOne = async (
  line: readonly string[],
  runs: number,
  door: Door,
  env: Record<string, string> = {},
) => {
  const loop = `i=0; while [ $i -lt ${runs} ]; do "$@" >/dev/null 2>&1; i=$((i+1)); done; times`;
  const before = door.requests;
  const { stdout } = await promisify(execFile)("/bin/sh", ["-c", loop, "sh", ...line], {
    env: { ...process.env, ...env },
  });
  return { cpu: childrenIn(stdout) / runs, requests: (door.requests - before) / runs };
};

interface Command {
  title: string;
  /** As the list names it. */
  what: string;
  everyS: number;
  line: readonly string[];
  env?: Record<string, string>;
  /** The flags with which `parallax check` does the same. */
  program?: readonly string[];
}

const commandsOf = async (world: World, door: Door, token: string): Promise<Command[]> => {
  const target = "alive/primary";
  const avoid = [exampleFile("check/parallax-avoid"), target, door.url, token];
  const haproxy = join(world.dir, "costs", "parallax-check");
  const text = await fillExample("haproxy/parallax-check", { PARALLAX_URL: door.url, TOKEN_FILE: token });
  await writeFile(
    haproxy,
    text.replace("exec parallax-avoid", `exec ${exampleFile("check/parallax-avoid")}`),
    {
      mode: 0o755,
    },
  );
  const named = { HAPROXY_PROXY_NAME: "alive", HAPROXY_SERVER_NAME: "primary" };
  const binary = ["--binary"];
  return [
    { title: "keepalived `track_script`", what: "`parallax-avoid`", everyS: 5, line: avoid, program: binary },
    { title: "gdnsd `extmon`", what: "`parallax-avoid`", everyS: 5, line: avoid, program: binary },
    {
      title: "HAProxy `external-check`",
      what: "`parallax-check`",
      everyS: 5,
      line: [haproxy],
      env: named,
      program: binary,
    },
    {
      title: "Nagios",
      what: "`check_parallax`",
      everyS: 60,
      line: await nagiosLine(world, door, "parallax", [target]),
      program: [],
    },
    {
      title: "Nagios",
      what: "`negate … check_http`",
      everyS: 60,
      line: await nagiosLine(world, door, "parallax_http", target.split("/")),
    },
  ];
};

const costOfCommands = async (world: World): Promise<Cost[]> => {
  const door = await world.door("costs-commands");
  const token = await tokenIn(join(world.dir, "costs"), world);
  const costs: Cost[] = [];
  for (const { title, what, everyS, line, env, program } of await commandsOf(world, door, token)) {
    const times = (60 / everyS) * COST_TARGETS;
    const one = await costOfOne(line, RUNS, door, env);
    const check = programLine(world, door, token, ["check", "alive/primary", ...(program ?? [])]);
    const other = program === undefined ? undefined : await costOfOne(check, FEW_RUNS, door);
    costs.push({
      title,
      runs: `${what}, ${everyS === 60 ? "each minute" : `each ${everyS} s`}`,
      cpu: one.cpu * times,
      cpuByProgram: other && other.cpu * times,
      requests: one.requests * times,
    });
  }
  return costs;
};

/** The use of a follower or a poller over a while, once it has begun. */
const overAWhile = async (door: Door, pid?: number) => {
  await until(() => door.requests >= 2, {
    withinMs: READY_WITHIN_MS,
    explain: () => `${door.name} has asked ${door.requests} times`,
  });
  const [cpu, requests, begin] = [await cpuOf(pid), door.requests, performance.now()];
  await wait(WINDOW_MS);
  const share = A_MINUTE_MS / (performance.now() - begin);
  return { cpu: ((await cpuOf(pid)) - cpu) * share, requests: (door.requests - requests) * share };
};

const follower = async (
  world: World,
  title: string,
  name: string,
  start: (door: Door, dir: string) => Promise<Daemon>,
): Promise<Cost> => {
  const door = await world.door(`costs-${name}`);
  const daemon = await start(door, join(world.dir, `costs-${name}`));
  try {
    const { cpu, requests } = await overAWhile(door, daemon.pid);
    return { title, runs: `one \`parallax ${name}\``, cpu, cpuByProgram: undefined, requests };
  } finally {
    await daemon.stop();
  }
};

/** Asks as HAProxy does for each server each second. */
const askAgent = (port: number): NodeJS.Timeout =>
  setInterval(() => {
    for (const state of STATES) {
      const socket = connect(port, "127.0.0.1", () => socket.end(`${state}/primary\n`));
      socket.on("error", () => undefined).resume();
    }
  }, 1_000);

const followers = (world: World): Promise<Cost>[] => {
  const targets = STATES.map((state) => `${state}/primary`);
  return [
    follower(world, "keepalived `track_file`", "export-keepalived", async (door, dir) => {
      const files = join(dir, "files");
      await mkdir(files, { recursive: true });
      return startExporter(world, door, dir, ["export-keepalived", ...targets, "--dir", files]);
    }),
    follower(world, "gdnsd `extfile`", "export-gdnsd", async (door, dir) => {
      const { exporter } = await startGdnsdExporter(world, door, dir);
      return exporter;
    }),
    follower(world, "HAProxy `agent-check`", "haproxy-agent", async (door, dir) => {
      const { port, agent } = await startAgent(world, door, dir);
      const asking = askAgent(port);
      const stop = agent.stop.bind(agent);
      agent.stop = async () => {
        clearInterval(asking);
        await stop();
      };
      return agent;
    }),
  ];
};

/** Programs that ask by themselves, and start no process. */
const poller = async (world: World, consumer: Consumer, title: string, runs: string): Promise<Cost> => {
  const door = await world.door(`costs-${consumer.name}`);
  const dir = join(world.dir, "costs-pollers");
  await mkdir(dir, { recursive: true });
  const running = await consumer.start({ ...world, dir, door: async () => door });
  try {
    // Some programs ask about a target only once they have been asked about it.
    for (const state of consumer.states) await running.observe(state);
    const { requests } = await overAWhile(door);
    return { title, runs, cpu: undefined, cpuByProgram: undefined, requests };
  } finally {
    await running.stop();
  }
};

/** Measures all costs while the API is fine. */
export const runCosts = async (world: World, tell: (what: string) => void): Promise<Cost[]> => {
  tell("what each configuration costs");
  const [commands, ...others] = await Promise.all([
    costOfCommands(world),
    ...followers(world),
    poller(world, haproxyAvoid, "HAProxy `avoid.cfg`", "nothing: HAProxy asks"),
    poller(world, powerDnsAvoid, "PowerDNS", "nothing: PowerDNS asks"),
  ]);
  return [...others, ...commands];
};
