/** A judge's input and its results: laws are checked against it, and a finding keeps it. */
import type { EvidenceEvent, JudgedTarget } from "../../../src/domain/evidence.ts";
import { type Change, emptyState, NEVER, type ShardState } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { type Judge, SHORTEST_ALARM_MS } from "../parallax/aggregator.ts";

/** One call of the judge. */
export interface Told {
  now: number;
  events: readonly EvidenceEvent[];
}

export interface Moment extends Told {
  state: ShardState;
  changes: readonly Change[];
}

export interface Span {
  from: number;
  to: number;
}

/** What is true of the world, as far as the laws need it; epoch milliseconds. It is kept with a finding. */
export interface Facts {
  /** When a vantage, be it outside or inside, can be served by a target: nothing in between, or little. */
  served: readonly (Span & { key: string; vantage: string })[];
  /** The same without loss beyond what the network always has. */
  clear: readonly (Span & { key: string; vantage: string })[];
  /** When a vantage is not itself: it is down, loses what it sends, is not heard, or is heard late. */
  unsound: readonly (Span & { vantage: string })[];
  /** When a vantage lies: its reports from that time are no evidence. */
  lying?: readonly (Span & { vantage: string })[];
  /** From when on nothing changes and nothing is left to chance; null where something is. */
  stillSince: number | null;
  /** Sites that nothing befalls. */
  hale: readonly string[];
  /** When the collector stands still. */
  held: readonly Span[];
  /** Stretches of which the reports are delivered again as a backlog. */
  backlogs: readonly Span[];
}

export interface History {
  moments: readonly Moment[];
  facts: Facts;
}

/** A law broken: of which target and when, with what was seen in one sentence. */
export interface Breach {
  key: string;
  at: number;
  says: string;
  /** What is made short stays of one kind, where a law can be broken in several ways. */
  kind?: string;
}

export interface Law {
  name: string;
  /** What holds in every world. */
  sentence: string;
  /**
   * What may be taken out of a list that breaks it. `events`: anything, since what the law asks for stands in the list itself;
   * `wholes`: whole targets and vantages alone, or the list would tell of a world that is not.
   */
  grain: "events" | "wholes";
  breaches: (history: History, judge: Judge) => Breach[];
}

/** Calls the judge with the given events, and never by an alarm. */
export const asTold = (judge: Judge, told: readonly Told[], from: ShardState = emptyState()): Moment[] => {
  let state = from;
  return told.map(({ now, events }) => {
    const judgement = judge(state, events, now, TUNING);
    state = judgement.state;
    return { now, events, state, changes: judgement.changes };
  });
};

/** Gives the judge all events, and wakes it by its own alarms in between, as the aggregator does. */
export const withAlarms = (
  judge: Judge,
  told: readonly Told[],
  held: readonly Span[],
  until: number,
): Moment[] => {
  const moments: Moment[] = [];
  let state = emptyState();
  let alarmAt = Infinity;
  const call = (now: number, events: readonly EvidenceEvent[]): void => {
    const judgement = judge(state, events, now, TUNING);
    state = judgement.state;
    moments.push({ now, events, state, changes: judgement.changes });
    const at = Math.ceil(Math.max(judgement.nextAt, now + SHORTEST_ALARM_MS));
    alarmAt = judgement.nextAt === NEVER ? Infinity : wokenAt(held, at);
  };
  const wakeBefore = (end: number): void => {
    while (alarmAt < end) call(alarmAt, []);
  };
  for (const { now, events } of told) {
    if (events.length === 0) continue;
    wakeBefore(now);
    call(now, events);
  }
  wakeBefore(until);
  return moments;
};

const wokenAt = (held: readonly Span[], at: number): number => {
  const until = held.find(({ from, to }) => from <= at && at < to)?.to;
  return until === undefined ? at : wokenAt(held, until);
};

/** What is published of a target from `at` on. */
export interface Word {
  at: number;
  verdict: string;
  confirmed: boolean;
  rule: string;
  routing: "serve" | "avoid";
  failover: boolean;
}

/** Everything published, by target and in order. */
export const wordsIn = (moments: readonly Pick<Moment, "now" | "changes">[]): Map<string, Word[]> => {
  const words = new Map<string, Word[]>();
  for (const { now, changes } of moments)
    for (const { site, target, transition } of changes) {
      const key = `${site}/${target}`;
      const { to, confirmed, rule, advice } = transition;
      const word = { at: now, verdict: to, confirmed, rule: rule ?? "" };
      const list = words.get(key) ?? [];
      list.push({ ...word, routing: advice.routing, failover: advice.failover });
      words.set(key, list);
    }
  return words;
};

/** The configuration of each target as it was last given. */
export const targetsIn = (moments: readonly Told[]): Map<string, JudgedTarget> => {
  const targets = new Map<string, JudgedTarget>();
  for (const { events } of moments)
    for (const event of events)
      if (event.kind === "target") targets.set(`${event.target.site}/${event.target.target}`, event.target);
  return targets;
};

/** When the history ends. */
export const endOf = (moments: readonly Told[]): number => moments.at(-1)?.now ?? 0;
