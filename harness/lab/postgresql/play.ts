/** Plays one fault on a pair that serves, and measures the outcome. */
import { setTimeout as wait } from "node:timers/promises";
import { until } from "../../../scripts/until.ts";
import { CONSOLE } from "../topology.ts";
import type { Decider, PairFault } from "./faults.ts";
import { bothWritableMs, longestGapMs, lostRows, resumedMs, staleRows, switchesIn } from "./judge.ts";
import type { PgNode } from "./node.ts";
import { Observer } from "./observer.ts";
import type { Pair } from "./pair.ts";
import { type Leader, Writer } from "./writer.ts";

/** The decider about which node of a pair leads, and its means to act. */
export interface Rule {
  /** `advisory`, `strict`, `Patroni`, …: a row of the table. */
  name: string;
  pair: Pair;
  decider: Decider;
  /** The leader, as a client learns it. */
  leader: () => Promise<Leader | undefined>;
  /** Waits until all is well for the decider too, so that a fault may begin. */
  ready?: () => Promise<void>;
  /** The decider's own record of what it did since an instant of `Date.now()`, a sentence each. */
  history?: (since: number) => Promise<string[]>;
  /** Called when a fault has begun, and when it is over: for a decision by hand. */
  struck?: (primary: PgNode) => Promise<void>;
  mended?: (primary: PgNode) => Promise<void>;
  stop: () => Promise<void>;
}

export interface Cell {
  fault: PairFault;
  isSynchronous: boolean;
  /** The first number of its rows. */
  first: number;
}

export interface CellResult {
  fault: string;
  rule: string;
  isSynchronous: boolean;
  /** Copied from the fault. */
  mustResume: boolean;
  endsLease: boolean;
  /** The longest time without an acknowledged row, for the client that follows the leader. */
  gapSeconds: number;
  /** From a fault through which the primary cannot serve to the first row acknowledged after it; null if there was none. */
  resumedSeconds: number | null;
  rows: number;
  lost: number;
  /** Lost rows of a client that never asks which node leads, and that runs beside the old primary. */
  strayLost: number;
  bothWritableSeconds: number;
  /** Rows of an older epoch that were accepted after a row of a newer one: from the client that follows, and from the other. */
  stale: number;
  strayStale: number;
  switches: number;
  needless: number;
  /** From the end of the fault until the pair was whole. */
  wholeSeconds: number;
  history: string[];
}

const CALM_ROWS = 20;
/** A deadline and no bound: on a machine where much else runs a leader has taken more than 20 s. */
const CALM_WITHIN_MS = 60_000;
/** A fault from which the pair does not recover ends after this time. */
const FATAL_HOLD_MS = 45_000;
const HOLD_MS = 15_000;
/** How long to watch the effects of a fault once rows are accepted again. */
const AFTERWARDS_MS = 4_000;
const STRAY_NUMBERS = 500_000;

export const playCell = async (rule: Rule, { fault, isSynchronous, first }: Cell): Promise<CellResult> => {
  const { pair } = rule;
  await pair.whole(isSynchronous);
  await rule.ready?.();
  const { leader: primary } = await pair.whole(isSynchronous);
  const standby = pair.other(primary);
  const { host, port } = primary.place;
  const told = await until(rule.leader, { withinMs: CALM_WITHIN_MS, explain: () => "nobody leads" });
  const observer = new Observer(pair.nodes.map(({ place }) => place));
  const follower = new Writer("follower", { from: CONSOLE, port }, first, rule.leader);
  const stray = new Writer("stray", { from: host, port }, first + STRAY_NUMBERS, () => Promise.resolve(told));
  const inForce = fault.of(primary, standby, rule.decider);
  try {
    await until(() => follower.rows.length > CALM_ROWS, {
      withinMs: CALM_WITHIN_MS,
      explain: () =>
        `no rows are taken: ${follower.complaint}\n${pair.nodes.map(({ tail }) => tail).join("\n")}`,
    });
    const begin = performance.now();
    const since = Date.now();
    await inForce.apply();
    const applied = performance.now();
    const holdMs = fault.isFatal && !fault.isUndecided ? FATAL_HOLD_MS : HOLD_MS;
    const struck = rule.struck?.(primary);
    const resumed = (): number => resumedMs(follower.rows, applied);
    await until(() => (fault.isFatal && resumed() !== Infinity) || performance.now() - applied > holdMs, {
      withinMs: holdMs + CALM_WITHIN_MS,
      explain: () => "the wait did not end",
    });
    await struck;
    await wait(AFTERWARDS_MS);
    await inForce.undo();
    await rule.mended?.(primary);
    const { leader: last, seconds } = await pair.whole(isSynchronous);
    const end = performance.now();
    await wait(AFTERWARDS_MS);
    await Promise.all([follower.stop(), stray.stop(), observer.stop()]);
    const kept = await pair.rowsOf(last);
    const switches = switchesIn(follower.rows);
    const secondsOf = (ms: number): number => Number((ms / 1_000).toFixed(1));
    return {
      fault: fault.name,
      rule: rule.name,
      isSynchronous,
      mustResume: fault.mustResume,
      endsLease: fault.endsLease,
      gapSeconds: secondsOf(longestGapMs(follower.rows, begin, end)),
      resumedSeconds: fault.isFatal && resumed() !== Infinity ? secondsOf(resumed()) : null,
      rows: follower.rows.length,
      lost: lostRows(follower.rows, kept).length,
      strayLost: lostRows(stray.rows, kept).length,
      bothWritableSeconds: secondsOf(bothWritableMs(observer.words)),
      stale: staleRows(follower.rows).length,
      strayStale: staleRows(follower.rows, stray.rows).length,
      switches,
      needless: fault.isFatal ? Math.max(0, switches - 1) : switches,
      wholeSeconds: secondsOf(seconds * 1_000),
      history: (await rule.history?.(since)) ?? [],
    };
  } finally {
    await Promise.all([follower.stop(), stray.stop(), observer.stop()]);
    await inForce.undo();
  }
};
