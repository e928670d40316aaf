/**
 * Whether the detector keeps up with its own schedule. In the verdicts, an overloaded detector and a broken network look alike: evidence
 * grows old. The schedule distinguishes the two by looks that were due and not made, ticks that began late, and an alarm that rang late.
 */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { toInstant } from "../domain/instant.ts";
import type { Behind, Load } from "../domain/load.ts";
import { TUNING } from "../verdict/tuning.ts";
import type { ShardState, TargetState } from "../verdict/memory/judge-state.ts";
import { freshnessMs } from "../verdict/facts/votes.ts";
import { Arrears } from "./arrears.ts";
import { askedAt } from "./target-rules.ts";

/**
 * How long, beyond two intervals, a look may take to arrive here: the longest probe and its report. A vantage whose newest look is older
 * than that has missed a whole round.
 */
export const LOOK_SLACK_MS = 5_000;
/** If at least this share of the vantages is late, the trouble is not that of a single place. */
const LATE_SHARE = 0.5;
/** A delay of this length has taken a good part of the shortest interval, which is 5 s. */
const LATE_MS = 2_000;
/** How long the worst lateness is remembered. */
const WINDOW_MS = 60_000;
/**
 * After being on time so often in a row, an alarm or a tick counts as late no more. An overloaded object is late again by then, and one
 * that was held up once is not.
 */
const ON_TIME = { alarm: 1, tick: 2 };
/** Vantages and targets named in one sentence. */
const NAMED_MAX = 5;

/** The worst lateness of something within the last one to two minutes, and whether it is still late. */
export class Lateness {
  readonly #onTimeNeeded: number;
  #windowAt = 0;
  #worstMs = 0;
  #beforeMs = 0;
  #onTime = 0;

  /** `onTimeNeeded`: how often in a row it must be on time to count as late no more. */
  constructor(onTimeNeeded: number) {
    this.#onTimeNeeded = onTimeNeeded;
  }

  /** `now`: epoch milliseconds. */
  note(lateMs: number, now: number): void {
    this.#turn(now);
    this.#worstMs = Math.max(this.#worstMs, lateMs);
    this.#onTime = lateMs >= LATE_MS ? 0 : this.#onTime + 1;
  }

  isLate(now: number): boolean {
    return this.#onTime < this.#onTimeNeeded && this.worstMs(now) >= LATE_MS;
  }

  /** Milliseconds; 0 where nothing was late. */
  worstMs(now: number): number {
    this.#turn(now);
    return Math.max(this.#worstMs, this.#beforeMs);
  }

  #turn(now: number): void {
    const windows = Math.floor((now - this.#windowAt) / WINDOW_MS);
    if (windows === 0) return;
    this.#beforeMs = windows === 1 ? this.#worstMs : 0;
    this.#worstMs = 0;
    this.#windowAt += windows * WINDOW_MS;
  }
}

/** How late the shard's alarm and its vantages' ticks were. In memory only: it covers the last two minutes. */
export class Punctuality {
  readonly #alarm = new Lateness(ON_TIME.alarm);
  readonly #ticks = new Map<string, Lateness>();
  readonly #arrears = new Map<string, Arrears>();

  /** The alarm that was to ring at `dueAt` has rung; epoch milliseconds. */
  rang(dueAt: number, now: number): void {
    this.#alarm.note(now - dueAt, now);
  }

  /** Reports among these events say how late their ticks began, and which turns went by. */
  heard(events: readonly EvidenceEvent[], now: number): void {
    for (const event of events) {
      if (event.kind !== "report") continue;
      const { vantage, lateMs, turns, madeAt } = event.report;
      if (lateMs !== undefined) this.#of(vantage).note(lateMs, now);
      // A report that was held back while the shard was out of reach is about an earlier time.
      if (turns !== undefined && now - madeAt < WINDOW_MS)
        this.#arrearsOf(vantage).note(turns, now, this.isTickLate(vantage, now));
    }
  }

  /** Vantages that do not keep up with their turns. */
  behind(now: number): Behind[] {
    return [...this.#arrears].flatMap(([vantage, arrears]) => {
      const behind = arrears.at(now, this.isTickLate(vantage, now));
      return behind === null ? [] : [{ vantage, ...behind }];
    });
  }

  alarmMs(now: number): number {
    return this.#alarm.worstMs(now);
  }

  tickMs(vantage: string, now: number): number {
    return this.#ticks.get(vantage)?.worstMs(now) ?? 0;
  }

  isAlarmLate(now: number): boolean {
    return this.#alarm.isLate(now);
  }

  isTickLate(vantage: string, now: number): boolean {
    return this.#ticks.get(vantage)?.isLate(now) ?? false;
  }

  #arrearsOf(vantage: string): Arrears {
    const known = this.#arrears.get(vantage) ?? new Arrears();
    this.#arrears.set(vantage, known);
    return known;
  }

  #of(vantage: string): Lateness {
    const known = this.#ticks.get(vantage) ?? new Lateness(ON_TIME.tick);
    this.#ticks.set(vantage, known);
    return known;
  }
}

/**
 * For every vantage, how many looks are due by now and how many of them have not come; and the targets whose evidence is too old to act on.
 */
export const loadOf = (state: ShardState, punctuality: Punctuality, now: number): Load => {
  const counts = new Map<string, Count>();
  const stale: Load["stale"] = [];
  for (const target of state.targets.values()) {
    if (target.target.paused) continue;
    countLooks(counts, state, target, now);
    if (isTooOld(target, now)) stale.push(shownStale(target));
  }
  const looks = [...counts].map(([vantage, count]) => ({
    vantage,
    ...count,
    lateMs: punctuality.tickMs(vantage, now),
    isLate: punctuality.isTickLate(vantage, now),
  }));
  const late = looks.filter(({ overdue, isLate }) => overdue > 0 || isLate).length;
  const alarmLateMs = punctuality.alarmMs(now);
  const isAlarmLate = punctuality.isAlarmLate(now);
  const isOverloaded = (late > 0 && late >= LATE_SHARE * looks.length) || isAlarmLate;
  return { looks, behind: punctuality.behind(now), alarmLateMs, isAlarmLate, stale, isOverloaded };
};

interface Count {
  due: number;
  overdue: number;
}

/** Also counts a vantage that has never reported, because no other vantage makes its looks. */
const countLooks = (counts: Map<string, Count>, state: ShardState, known: TargetState, now: number): void => {
  const { target, edges } = known;
  const allowedMs = 2 * target.intervalMs + LOOK_SLACK_MS;
  for (const id of target.vantages) {
    if (state.vantages.get(id)?.vantage.kind !== "regional") continue;
    if (now - askedAt(known, id) <= allowedMs) continue;
    const { due, overdue } = counts.get(id) ?? { due: 0, overdue: 0 };
    const lookedAt = edges.get(id)?.recent.at(-1)?.begin ?? 0;
    counts.set(id, { due: due + 1, overdue: overdue + (now - lookedAt > allowedMs ? 1 : 0) });
  }
};

const isTooOld = (target: TargetState, now: number): boolean => {
  if (target.override !== null && target.override.until > now) return false;
  // While a target is paused no vantage fails to look at it, so its age counts from when vantages were asked.
  const askedSince = Math.min(...target.target.vantages.map((id) => askedAt(target, id)));
  const since = Number.isFinite(askedSince) ? askedSince : target.createdAt;
  return now - Math.max(target.asOf ?? 0, since) > freshnessMs(target, TUNING);
};

const shownStale = ({ target: { site, target }, asOf }: TargetState): Load["stale"][number] => ({
  site,
  target,
  asOf: asOf === null ? null : toInstant(asOf),
});

/** Some of these names, and how many more there are. */
export const listed = (names: string[]): string => {
  const more = names.length - NAMED_MAX;
  return names.slice(0, NAMED_MAX).join(", ") + (more > 0 ? ` and ${more} more` : "");
};

/** One sentence for each thing that is late; none where everything is in time. */
export const lateReasons = ({ looks, alarmLateMs, isAlarmLate, isOverloaded }: Load): string[] => {
  const overdue = looks.filter((one) => one.overdue > 0);
  const late = looks.filter(({ isLate }) => isLate);
  return [
    isOverloaded && overdue.length > 0
      ? `overloaded, or cut off from its vantages: ${sumOf(overdue, "overdue")} of ${sumOf(looks, "due")} looks are overdue by a whole interval (${listed(overdue.map((one) => `${one.vantage} ${one.overdue}`))})`
      : "",
    isOverloaded && late.length > 0
      ? `overloaded, or interrupted: ticks began late within two minutes (${listed(late.map(({ vantage, lateMs }) => `${vantage} by ${seconds(lateMs)}`))})`
      : "",
    isAlarmLate
      ? `overloaded, or interrupted: an alarm rang ${seconds(alarmLateMs)} late within two minutes`
      : "",
  ].filter((reason) => reason !== "");
};

/** One sentence where evidence has grown old. */
export const staleReasons = ({ stale }: Load, list = listed): string[] =>
  stale.length === 0
    ? []
    : [`too old to act on, so that /avoid and /failover say no: the evidence on ${list(stale.map(aged))}`];

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

const sumOf = (looks: Load["looks"], what: "due" | "overdue"): number =>
  looks.reduce((sum, count) => sum + count[what], 0);

const aged = ({ site, target, asOf }: Load["stale"][number]): string =>
  `${site}/${target} (${asOf === null ? "none yet" : `newest ${asOf}`})`;
