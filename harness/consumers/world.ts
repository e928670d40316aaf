/** One real detector, real nodes in every state, and the proxy through which all consumers poll. */
import { mkdtemp, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { endAtExit } from "../../scripts/children.ts";
import type { Key, TargetBody } from "../../scripts/detector-api.ts";
import { Detector } from "../../scripts/detector.ts";
import { Machine } from "../../scripts/machine.ts";
import { freePort } from "../../scripts/port.ts";
import { NodeProcess } from "../nodes/process.ts";
import { launchHost, VANTAGES } from "../world/launch.ts";
import { LiveWorld, TIMES, untilWell } from "../world/world.ts";
import { type Door, FaultProxy } from "./faults.ts";
import { groupIlls, makeGroups } from "./groups.ts";
import { ALL_STATES, LOST, type State, TRUTHS } from "./state.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const CUT = VANTAGES.slice(0, 2);
const DRILL_MS = 3_600_000;
const ALIVE_WITHIN_MS = 60_000;
const STATE_WITHIN_MS = 60_000;
const TRIES = 10;
/** A frozen process sees no channel close, so the kernel has to end it. */
const WITH_US = ["setpriv", "--pdeathsig", "KILL"];

/** A watched node, on its own loopback address. */
export interface Watched {
  key: Key;
  node: NodeProcess;
  address: string;
  port: number;
}

/** A primary in some state, and the live standby that could take its place, on the same port of another address. */
export interface Pair {
  primary: Watched;
  standby: Watched;
}

export interface World {
  detector: Detector;
  /** The proxy; `faults.fault` is its present fault. */
  faults: FaultProxy;
  /** A consumer's own door: where it must poll us, and how often it did. */
  door(name: string): Promise<Door>;
  pairs: Readonly<Record<State, Pair>>;
  /** A further pair, alive, for tests that need deaths at known instants; site names are yours to choose. */
  pair(site: string, policy?: TargetBody["policy"]): Promise<Pair>;
  /** Whether the machine keeps up. */
  machine: Pick<Machine, "strain">;
  /** A token of scope read. */
  readToken: string;
  /** The one-file program, which Node runs. */
  program: string;
  /** A directory for all files that consumers write; removed afterwards. */
  dir: string;
  /** What is wrong, in words; empty if every pair is in its state. */
  ills(): Promise<string>;
  stop(): Promise<void>;
}

export const startDetector = async (dir: string): Promise<Detector> => {
  const bundle = await bundleWorker(join(ROOT, "src/index.ts"), join(dir, "index.js"));
  return Detector.start(launchHost(bundle), await freePort());
};

/** Two nodes on one port of two addresses, since some programs distinguish nodes by address alone. */
const startNodes = async (index: number): Promise<[NodeProcess, NodeProcess, string, string, number]> => {
  const [one, two] = [`127.20.${index}.1`, `127.20.${index}.2`];
  for (let left = TRIES; ; left--) {
    const port = await freePort();
    const begun = await Promise.allSettled(
      [one, two].map((host) => NodeProcess.startAt({ host, port, within: WITH_US })),
    );
    const [first, second] = begun.flatMap((node) => (node.status === "fulfilled" ? [node.value] : []));
    if (first !== undefined && second !== undefined) return [first, second, one, two, port];
    await first?.stop();
    if (left === 1) throw new Error(`no port free on both ${one} and ${two}`);
  }
};

/** Everything that was started, so that a failed start leaves nothing behind. */
class Builder {
  readonly dir: string;
  readonly live: LiveWorld;
  readonly detector: Detector;
  readonly faults: FaultProxy;
  readonly machine: Machine;
  #pairs = 0;

  private constructor(dir: string, detector: Detector, live: LiveWorld) {
    this.dir = dir;
    this.detector = detector;
    this.live = live;
    this.faults = new FaultProxy({ host: "127.0.0.1", port: detector.port });
    live.endWith(() => this.faults.stop());
    this.machine = new Machine(detector.api);
    live.endWith(async () => this.machine.stop());
  }

  /** With a detector, and nothing that it watches. What consumers write goes into a folder that ends with the world. */
  static async start(): Promise<Builder> {
    const dir = await mkdtemp(join(tmpdir(), "parallax-consumers-"));
    const forget = endAtExit(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
    // What others write where nobody told them to goes with the rest.
    process.env["TMPDIR"] = dir;
    const remove = async (): Promise<void> => {
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
      forget();
    };
    try {
      const detector = await startDetector(dir);
      const live = new LiveWorld(detector.api);
      live.endWith(remove);
      live.endWith(() => detector.stop());
      return new Builder(dir, detector, live);
    } catch (error) {
      await remove();
      throw error;
    }
  }

  async pair(site: string, elsewhere: string, body: Partial<TargetBody>): Promise<Pair> {
    const [first, second, one, two, port] = await startNodes(++this.#pairs);
    this.live.own(first);
    this.live.own(second);
    const pair: Pair = {
      primary: { key: { site, target: "primary" }, node: first, address: one, port },
      standby: { key: { site: elsewhere, target: "standby" }, node: second, address: two, port },
    };
    // What the programs do on a 200 does not hang on how long it was waited for: ten seconds for each death save none.
    const policy = { restartGraceMs: 0, ...body.policy };
    // One listener at all addresses, so each primary's host has it: without it no crash is confirmed.
    const witness = `tcp://${one}:${(await this.live.witness("0.0.0.0")).port}`;
    await this.live.watch(pair.primary.key, { url: first.url, witness, ...body, policy });
    await this.live.watch(pair.standby.key, { url: second.url });
    return pair;
  }
}

/** Brings a pair's primary into its state, and leaves it there. */
const afflict = async ({ api }: Detector, state: State, pair: Pair): Promise<void> => {
  const { key, node } = pair.primary;
  const drill = { fault: "silence", durationMs: DRILL_MS, live: true } as const;
  const deeds: Record<State, () => unknown> = {
    alive: () => undefined,
    gray: () => node.mode("half-error"),
    crashed: () => node.kill(),
    hung: () => node.freeze(),
    partitioned: () => api.startDrill({ ...key, ...drill, vantages: CUT }),
    dead: () => api.startDrill({ ...key, ...drill }),
    unreachable: () => api.startDrill({ site: key.site, ...drill }),
    paused: async () => api.putTarget(key, { url: node.url, intervalMs: TIMES.intervalMs, paused: true }),
    lost: async () => {
      await node.kill();
      // Which of the two fell last must be plain: that one stays in.
      await untilWell(async () => (await groupIlls(api, state)).join(", "), { withinMs: STATE_WITHIN_MS });
      await pair.standby.node.kill();
    },
  };
  await deeds[state]();
};

const bitsOf = async ({ api }: Detector, key: Key) => {
  const [up, avoid, failover] = await Promise.all(
    (["up", "avoid", "failover"] as const).map((kind) => api.check(key, kind)),
  );
  return { up, avoid, failover };
};

/** In words, where one pair differs from what its state requires. */
const illsOf = async (detector: Detector, state: State, pair: Pair): Promise<string[]> => {
  const { primary, standby } = pair;
  const truth = TRUTHS[state];
  const [verdict, other, bits, ofGroups] = await Promise.all([
    detector.api.verdict(primary.key),
    detector.api.verdict(standby.key),
    bitsOf(detector, primary.key),
    groupIlls(detector.api, state),
  ]);
  const ills = (["up", "avoid", "failover"] as const)
    .filter((kind) => bits[kind] !== truth[kind])
    .map((kind) => `/${kind} ${bits[kind]}`);
  if (verdict.verdict !== truth.verdict) ills.push(verdict.verdict);
  if (truth.confirmed && !verdict.confirmed) ills.push("not confirmed");
  // A lost standby's verdict may change: no target of its site answers any more.
  const isStandbyRight = state === LOST ? other.advice.routing === "avoid" : other.verdict === "alive";
  if (!isStandbyRight) ills.push(`standby ${other.verdict}`);
  ills.push(...ofGroups);
  return ills.length === 0 ? [] : [`${state}: ${ills.join(", ")}`];
};

const furnish = async (builder: Builder, program: string, tell: (what: string) => void): Promise<World> => {
  const { detector, faults, live, machine } = builder;
  const { api } = detector;
  tell("starting nodes");
  const pairs = {} as Record<State, Pair>;
  for (const state of ALL_STATES)
    pairs[state] = await builder.pair(
      state,
      state === "unreachable" ? "elsewhere" : state,
      state === "dead" ? { policy: { outsideProof: true } } : {},
    );
  await untilWell(() => live.ills(), { withinMs: ALIVE_WITHIN_MS });
  const ills = async (states: readonly State[] = ALL_STATES): Promise<string> =>
    (await Promise.all(states.map((state) => illsOf(detector, state, pairs[state])))).flat().join("; ");
  tell("making groups");
  for (const state of ALL_STATES) await makeGroups(api, pairs[state]);
  for (const state of ALL_STATES) {
    tell(`${state}: ${TRUTHS[state].how}`);
    await afflict(detector, state, pairs[state]);
    // One after the other: many silences at once would make the detector suspect itself, and rightly.
    await untilWell(() => ills([state]), { withinMs: STATE_WITHIN_MS });
  }
  await untilWell(ills, { withinMs: STATE_WITHIN_MS });
  return {
    detector,
    faults,
    door: (name) => faults.open(name),
    pairs,
    pair: async (site, policy) => {
      const pair = await builder.pair(site, site, policy === undefined ? {} : { policy });
      await untilWell(() => live.ills([pair.primary.key, pair.standby.key]), { withinMs: ALIVE_WITHIN_MS });
      return pair;
    },
    machine,
    readToken: "local-read",
    program,
    dir: builder.dir,
    ills,
    stop: () => live.stop(),
  };
};

/** Starts everything and brings every pair into its state; calls `tell` with each step. */
export const startWorld = async (program: string, tell: (what: string) => void): Promise<World> => {
  tell("starting the detector");
  const builder = await Builder.start();
  try {
    return await furnish(builder, program, tell);
  } catch (error) {
    await builder.live.stop();
    throw error;
  }
};
