import { setTimeout as wait } from "node:timers/promises";
import { DetectorApi } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { fillBacklog } from "../../test/probe/servers.ts";
import { NodeProcess } from "../nodes/process.ts";
import { detectorOn, INTERVAL_MS, keysOf, untilAlive, VANTAGES, verdictsOf, watchAll } from "./detector.ts";
import { sum, type Tallies, talliesSince } from "./tally.ts";
import { Workerd } from "./workerd.ts";

const COUNTED = new URL("./worker/counted.ts", import.meta.url);
/** After the verdicts are in, the last looks of a recovery are still to come. */
const SETTLE_MS = 6_000;
const WINDOW_MS = 20_000;
const FALL_MS = 60_000;
/** More than a listener of Node's, or the kernel, keeps waiting. */
const BACKLOG_MAX = 8_192;
const OBJECT_GB = 0.128;

/**
 * How all targets fail: their process is killed; stopped, so that it accepts and is silent; or stopped with its backlog full, so that every
 * SYN is dropped.
 */
export type Failure = "refused" | "hung" | "silent";

/** What a window cost, divided by the ticks that ran in it: one look of one vantage. */
export interface Cost {
  vantageRows: number;
  vantageCalls: number;
  aggregatorRows: number;
  aggregatorCalls: number;
  /** Invocations in which it probed. */
  probers: number;
  /** Of vantage and aggregator, by wall time at the 128 MB that the platform bills an object for. */
  gbSeconds: number;
  /** Ticks that ran, as a share of those that the schedule asks for in such a window. */
  ticks: number;
  /** The counts themselves. */
  raw: Tallies;
}

export interface CostFigure {
  targets: number;
  failure: Failure;
  healthy: Cost;
  /** From the moment of failure on: bursts and transitions included. */
  fall: Cost;
  /** Afterwards, everything still failing. */
  failing: Cost;
  /** The targets' verdicts at the end. */
  verdicts: Record<string, number>;
}

/** Rows and calls of vantages and aggregator together, as multiples of the rows and calls of another window. */
export const ratioOf = (cost: Cost, base: Cost): { rows: number; calls: number } => ({
  rows: (cost.vantageRows + cost.aggregatorRows) / (base.vantageRows + base.aggregatorRows),
  calls: (cost.vantageCalls + cost.aggregatorCalls) / (base.vantageCalls + base.aggregatorCalls),
});

/** Counts one detector's rows and calls: healthy, falling, failing. */
export const measureCost = async (targets: number, failure: Failure): Promise<CostFigure> => {
  const port = await freePort();
  const node = await NodeProcess.start();
  const workerd = await Workerd.start([detectorOn(port, COUNTED)]);
  let letGo = (): void => undefined;
  try {
    const api = new DetectorApi(`http://127.0.0.1:${port}`);
    const keys = keysOf(targets);
    await watchAll(api, keys, node.url);
    await untilAlive(api, keys);
    await wait(SETTLE_MS);
    const healthy = await countFor(api, WINDOW_MS);
    letGo = await fail(node, failure);
    const fall = await countFor(api, FALL_MS);
    const failing = await countFor(api, WINDOW_MS);
    return { targets, failure, healthy, fall, failing, verdicts: await verdictsOf(api, keys) };
  } finally {
    letGo();
    await workerd.stop();
    await node.stop();
  }
};

/** Returns a function that releases what the failure holds. */
const fail = async (node: NodeProcess, failure: Failure): Promise<() => void> => {
  if (failure === "refused") await node.kill();
  else node.freeze();
  return failure === "silent" ? fillBacklog(node.port, BACKLOG_MAX) : () => undefined;
};

const countFor = async (api: DetectorApi, windowMs: number): Promise<Cost> => {
  const before = await talliesOf(api);
  const begin = performance.now();
  await wait(windowMs);
  const raw = talliesSince(before, await talliesOf(api));
  const asked = ((performance.now() - begin) / INTERVAL_MS) * VANTAGES.length;
  const ran = raw.vantages.calls["alarm"] ?? NaN;
  return {
    vantageRows: sum(raw.vantages.rows) / ran,
    vantageCalls: sum(raw.vantages.calls) / ran,
    aggregatorRows: sum(raw.aggregator.rows) / ran,
    aggregatorCalls: sum(raw.aggregator.calls) / ran,
    probers: sum(raw.probers.calls) / ran,
    gbSeconds: ((raw.vantages.activeMs + raw.aggregator.activeMs) / 1_000 / ran) * OBJECT_GB,
    ticks: ran / asked,
    raw,
  };
};

const talliesOf = async (api: DetectorApi): Promise<Tallies> => {
  const { aggregator, ...others } = JSON.parse((await api.ask("/tally")).text) as Tallies;
  // Calls by this benchmark itself are not the detector's work.
  const { read: _read, ...calls } = aggregator.calls;
  return { ...others, aggregator: { ...aggregator, calls } };
};
