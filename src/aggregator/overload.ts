/**
 * Whether the detector keeps up with its own schedule. An overloaded detector and a broken network look alike
 * from a verdict's side: evidence grows old. Here the two are told apart by what the schedule promised: a look
 * that was due and not made, and an alarm that rang late.
 */
import type { Load } from "../domain/load.ts";
import { toInstant } from "../domain/instant.ts";
import { DEFAULT_POLICY } from "../verdict/policy.ts";
import type { ShardState, TargetState } from "../verdict/state.ts";
import { freshnessMs } from "../verdict/votes.ts";

/**
 * Beyond two intervals, how long a look may take to be known here: the longest probe and its report. A vantage
 * whose newest look is older than that has missed a whole round.
 */
const LOOK_SLACK_MS = 5_000;
/** Where at least this share of the vantages misses rounds it is no single place's trouble. */
const OVERDUE_SHARE = 0.5;
/** An alarm as late as this has taken a good part of the shortest interval, which is 5 s. */
const ALARM_LATE_MS = 2_000;
/** How long the worst alarm is remembered. */
const ALARM_WINDOW_MS = 60_000;
/** Vantages and targets named in one sentence. */
const NAMED_MAX = 5;

/** How late this object's alarms ring: the worst of the last one to two minutes. */
export class Lateness {
  #windowAt = 0;
  #worstMs = 0;
  #beforeMs = 0;

  /** An alarm that was to ring at `dueAt` has rung at `now`; epoch milliseconds. */
  note(dueAt: number, now: number): void {
    this.#turn(now);
    this.#worstMs = Math.max(this.#worstMs, now - dueAt);
  }

  /** Milliseconds; 0 where none was late. */
  worstMs(now: number): number {
    this.#turn(now);
    return Math.max(this.#worstMs, this.#beforeMs);
  }

  #turn(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / ALARM_WINDOW_MS);
    if (windows === 0) return;
    this.#beforeMs = windows === 1 ? this.#worstMs : 0;
    this.#worstMs = 0;
    this.#windowAt += windows * ALARM_WINDOW_MS;
  }
}

/** What is due of every vantage by now, and what of it has not come; and whose evidence is too old to act on. */
export const loadOf = (state: ShardState, alarmLateMs: number, now: number): Load => {
  const looks = new Map<string, { due: number; overdue: number }>();
  const stale: Load["stale"] = [];
  for (const target of state.targets.values()) {
    if (target.target.paused) continue;
    countLooks(looks, state, target, now);
    if (isTooOld(target, now)) stale.push(shownStale(target));
  }
  const counts = [...looks].map(([vantage, count]) => ({ vantage, ...count }));
  const late = counts.filter(({ overdue }) => overdue > 0).length;
  const isOverloaded = (late > 0 && late >= OVERDUE_SHARE * counts.length) || alarmLateMs >= ALARM_LATE_MS;
  return { looks: counts, alarmLateMs, stale, isOverloaded };
};

/** A vantage that has never reported is counted too: what it was to see nobody sees. */
const countLooks = (
  looks: Map<string, { due: number; overdue: number }>,
  state: ShardState,
  { target, createdAt, edges }: TargetState,
  now: number,
): void => {
  const allowedMs = 2 * target.intervalMs + LOOK_SLACK_MS;
  if (now - createdAt <= allowedMs) return;
  for (const id of target.vantages) {
    if (state.vantages.get(id)?.vantage.kind !== "regional") continue;
    const count = looks.get(id) ?? { due: 0, overdue: 0 };
    const lookedAt = edges.get(id)?.recent.at(-1)?.begin ?? createdAt;
    looks.set(id, {
      due: count.due + 1,
      overdue: count.overdue + (now - lookedAt > allowedMs ? 1 : 0),
    });
  }
};

const isTooOld = (target: TargetState, now: number): boolean => {
  if (target.override !== null && target.override.until > now) return false;
  return now - (target.asOf ?? target.createdAt) > freshnessMs(target, DEFAULT_POLICY);
};

const shownStale = ({ target: { site, target }, asOf }: TargetState): Load["stale"][number] => ({
  site,
  target,
  asOf: asOf === null ? null : toInstant(asOf),
});

const listed = (names: string[]): string => {
  const more = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
};

/** One sentence for each thing that is late; none when all is in time. */
export const lateReasons = ({ looks, alarmLateMs, stale, isOverloaded }: Load): string[] =>
  [
    isOverloaded ? lateLooks(looks) : "",
    alarmLateMs >= ALARM_LATE_MS
      ? `overloaded, or interrupted: an alarm rang ${(alarmLateMs / 1_000).toFixed(1)} s late within two minutes`
      : "",
    stale.length > 0
      ? `too old to act on, so that /avoid and /failover say no: the evidence on ${listed(stale.map(aged))}`
      : "",
  ].filter((reason) => reason !== "");

const lateLooks = (looks: Load["looks"]): string => {
  const late = looks.filter(({ overdue }) => overdue > 0);
  if (late.length === 0) return "";
  const [due, overdue] = [sumOf(looks, "due"), sumOf(looks, "overdue")];
  const names = listed(late.map(({ vantage, overdue: missed }) => `${vantage} ${missed}`));
  return `overloaded, or cut off from its vantages: ${overdue} of ${due} looks are overdue by a whole interval (${names})`;
};

const sumOf = (looks: Load["looks"], what: "due" | "overdue"): number =>
  looks.reduce((sum, count) => sum + count[what], 0);

const aged = ({ site, target, asOf }: Load["stale"][number]): string =>
  `${site}/${target} (${asOf === null ? "none yet" : `newest ${asOf}`})`;
