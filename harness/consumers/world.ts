/** One real detector, real nodes in every state, and the proxy through which all consumers poll. */
import { mkdtemp, rm } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { endAtExit } from "../../scripts/children.ts";
import { type Key, pathOf, type TargetBody } from "../../scripts/detector-api.ts";
import { Detector } from "../../scripts/detector.ts";
import { Machine } from "../../scripts/machine.ts";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import type { HostSettings } from "../../test/chain/host.ts";
import { NodeProcess } from "../nodes/process.ts";
import { openWitness, type WitnessPort } from "../nodes/witness.ts";
import { type Door, FaultProxy } from "./faults.ts";
import { groupIlls, makeGroups } from "./groups.ts";
import { ALL_STATES, LOST, type State, TRUTHS } from "./state.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const HOST = join(ROOT, "test/chain/host.ts");
const VANTAGES = ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"];
const CUT = VANTAGES.slice(0, 2);
export const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;
const DRILL_MS = 3_600_000;
const ALIVE_WITHIN_MS = 60_000;
const STATE_WITHIN_MS = 60_000;
const TRIES = 10;
/** A frozen process sees no channel close: the kernel has to end it. */
const WITH_US = ["setpriv", "--pdeathsig", "KILL"];

/** A node that is watched, on a loopback address of its own. */
export interface Watched {
  key: Key;
  node: NodeProcess;
  address: string;
  port: number;
}

/** A primary in some state and the standby that could take its place, alive, on the same port of another address. */
export interface Pair {
  primary: Watched;
  standby: Watched;
}

export interface World {
  detector: Detector;
  /** The proxy; `faults.fault` is what it does now. */
  faults: FaultProxy;
  /** A door of its own for a consumer: where it must poll us, and how often it did. */
  door(name: string): Promise<Door>;
  pairs: Readonly<Record<State, Pair>>;
  /** A further pair, alive, for what needs deaths at known instants; site names are yours to choose. */
  pair(site: string, policy?: TargetBody["policy"]): Promise<Pair>;
  /** Whether the machine keeps up. */
  machine: Pick<Machine, "strain">;
  /** A token of scope read. */
  readToken: string;
  /** The one-file program, to be run by Node. */
  program: string;
  /** A directory for all that consumers write; gone afterwards. */
  dir: string;
  /** What is not as it should be, in words; empty when every pair is in its state. */
  ills(): Promise<string>;
  stop(): Promise<void>;
}

export const startDetector = async (dir: string): Promise<Detector> => {
  const bundle = await bundleWorker(join(ROOT, "src/index.ts"), join(dir, "index.js"));
  const port = await freePort();
  const settings: Omit<HostSettings, "port" | "stateDir"> = {
    bundle,
    cronMs: 60_000,
    vars: {
      VANTAGES: VANTAGES.join(","),
      CONTROLS: `tcp://127.0.0.1:${port}`,
      SHARDS: "1",
      AGGREGATOR_HINT: "",
      ALLOW_PRIVATE: "true",
      ADMIN_TOKEN: "local-admin",
      READ_TOKEN: "local-read",
    },
  };
  return Detector.start((place) => [HOST, JSON.stringify({ ...settings, ...place })], port);
};

/** Two nodes on one port of two addresses, since some programs know nodes by address alone. */
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

/** Everything that was started, so that a start that fails leaves nothing. */
class Builder {
  readonly dir: string;
  readonly nodes: NodeProcess[] = [];
  detector: Detector | undefined;
  faults: FaultProxy | undefined;
  machine: Machine | undefined;
  /** One listener at all addresses, so each primary's host has it: without it no crash is confirmed. */
  witness: WitnessPort | undefined;
  #pairs = 0;
  readonly #forget: () => void;

  constructor(dir: string) {
    this.dir = dir;
    this.#forget = endAtExit(() => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }));
    // What others write where nobody told them to goes with the rest.
    process.env["TMPDIR"] = dir;
  }

  async pair(
    api: Detector["api"],
    site: string,
    elsewhere: string,
    body: Partial<TargetBody>,
  ): Promise<Pair> {
    const [first, second, one, two, port] = await startNodes(++this.#pairs);
    this.nodes.push(first, second);
    const pair: Pair = {
      primary: { key: { site, target: "primary" }, node: first, address: one, port },
      standby: { key: { site: elsewhere, target: "standby" }, node: second, address: two, port },
    };
    const times = { intervalMs: INTERVAL_MS, timeoutMs: TIMEOUT_MS };
    // What the programs do on a 200 does not hang on how long it was waited for: ten seconds for each death save none.
    const policy = { restartGraceMs: 0, ...body.policy };
    this.witness ??= await openWitness("0.0.0.0");
    const witness = `tcp://${one}:${this.witness.port}`;
    await api.putTarget(pair.primary.key, { url: first.url, witness, ...times, ...body, policy });
    await api.putTarget(pair.standby.key, { url: second.url, ...times });
    return pair;
  }

  async end(): Promise<void> {
    this.machine?.stop();
    await this.faults?.stop();
    await Promise.all(this.nodes.map((node) => node.stop()));
    await this.witness?.close();
    await this.detector?.stop();
    await rm(this.dir, { recursive: true, force: true, maxRetries: 5 });
    this.#forget();
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
    paused: async () => api.putTarget(key, { url: node.url, intervalMs: INTERVAL_MS, paused: true }),
    lost: async () => {
      await node.kill();
      // Which of the two fell last must be plain: that one stays in.
      await waitFor(async () => (await groupIlls(api, state)).join(", "), STATE_WITHIN_MS);
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

/** What of one pair is not as its state wants it, in words. */
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
  // What a lost one is held to have come to may change: with it nobody answers for its site.
  const isStandbyRight = state === LOST ? other.advice.routing === "avoid" : other.verdict === "alive";
  if (!isStandbyRight) ills.push(`standby ${other.verdict}`);
  ills.push(...ofGroups);
  return ills.length === 0 ? [] : [`${state}: ${ills.join(", ")}`];
};

const waitFor = async (ills: () => Promise<string>, withinMs: number): Promise<void> => {
  let last = "";
  await until(
    async () => {
      last = await ills();
      return last === "";
    },
    { withinMs, explain: () => last },
  );
};

const furnish = async (builder: Builder, program: string, tell: (what: string) => void): Promise<World> => {
  tell("starting the detector");
  const detector = await startDetector(builder.dir);
  builder.detector = detector;
  const { api } = detector;
  const faults = new FaultProxy({ host: "127.0.0.1", port: detector.port });
  builder.faults = faults;
  const machine = new Machine(api);
  builder.machine = machine;
  tell("starting nodes");
  const pairs = {} as Record<State, Pair>;
  for (const state of ALL_STATES)
    pairs[state] = await builder.pair(
      api,
      state,
      state === "unreachable" ? "elsewhere" : state,
      state === "dead" ? { policy: { outsideProof: true } } : {},
    );
  const notAlive = async (some: Pair[]): Promise<string> => {
    const keys = some.flatMap(({ primary, standby }) => [primary.key, standby.key]);
    const verdicts = await Promise.all(keys.map((key) => api.verdict(key)));
    return verdicts
      .filter(({ verdict }) => verdict !== "alive")
      .map((one) => `${pathOf(one)} ${one.verdict}`)
      .join("; ");
  };
  await waitFor(() => notAlive(Object.values(pairs)), ALIVE_WITHIN_MS);
  const ills = async (states: readonly State[] = ALL_STATES): Promise<string> =>
    (await Promise.all(states.map((state) => illsOf(detector, state, pairs[state])))).flat().join("; ");
  tell("making groups");
  for (const state of ALL_STATES) await makeGroups(api, pairs[state]);
  for (const state of ALL_STATES) {
    tell(`${state}: ${TRUTHS[state].how}`);
    await afflict(detector, state, pairs[state]);
    // One after the other: many silences at once would make the detector suspect itself, and rightly.
    await waitFor(() => ills([state]), STATE_WITHIN_MS);
  }
  await waitFor(ills, STATE_WITHIN_MS);
  return {
    detector,
    faults,
    door: (name) => faults.open(name),
    pairs,
    pair: async (site, policy) => {
      const pair = await builder.pair(api, site, site, policy === undefined ? {} : { policy });
      await waitFor(() => notAlive([pair]), ALIVE_WITHIN_MS);
      return pair;
    },
    machine,
    readToken: "local-read",
    program,
    dir: builder.dir,
    ills,
    stop: () => builder.end(),
  };
};

/** Starts it all and brings every pair into its state; `tell` hears what is being done. */
export const startWorld = async (program: string, tell: (what: string) => void): Promise<World> => {
  const builder = new Builder(await mkdtemp(join(tmpdir(), "parallax-consumers-")));
  try {
    return await furnish(builder, program, tell);
  } catch (error) {
    await builder.end();
    throw error;
  }
};
