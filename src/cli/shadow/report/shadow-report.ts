/** The report of a journal, every figure with its count. It is the same for all formats, and `--format json` prints it. */
import { toInstant } from "../../../domain/plain/rfc3339.ts";
import { type Comparison, compare, type Rules, type Shared, type Single } from "./compare-recordings.ts";
import { type Incident, incidentsIn } from "./incidents.ts";
import type { LaneRecording, LaneSpan, Spell, LaneWord } from "./report-lanes.ts";

/** The figures of a list of durations; null where there is none. */
export interface Figures {
  count: number;
  medianMs: number | null;
  p90Ms: number | null;
  maxMs: number | null;
}

interface Shown {
  from: string;
  to: string;
  durationMs: number;
  isStartSeen: boolean;
  isEndSeen: boolean;
}

interface OneSided extends Shown {
  target: string;
  /** The verdicts and observations of Parallax at that time, a sentence each. */
  evidence: string[];
}

interface Flaps {
  from: string;
  to: string;
  target: string;
  changes: number;
}

interface Downtime {
  count: number;
  totalMs: number;
  longestMs: number;
  spans: { from: string; to: string; durationMs: number; why: string }[];
}

interface Advised extends Shown {
  target: string;
  /** The checker's state meanwhile. */
  checker: "down" | "up" | "not known";
  because: string;
  drill: string | null;
}

export interface ShadowReport {
  checker: string;
  everyMs: number;
  rules: Rules;
  from: string;
  to: string;
  watchedMs: number;
  runs: number;
  gaps: { count: number; totalMs: number; spans: { from: string; to: string; durationMs: number }[] };
  tornLines: number;
  matched: { name: string; target: string }[];
  unmatched: readonly string[];
  alone: readonly string[];
  both: {
    count: number;
    /** The longest of all runs. Differences up to that of their own run are within one poll of the checker by the shadow, and count for neither side. */
    sameWithinMs: number;
    parallaxFirst: Figures;
    checkerFirst: Figures;
    same: { count: number };
    startNotSeen: { count: number };
    incidents: {
      target: string;
      parallax: Shown[];
      checker: Shown[];
      leadMs: number | null;
      /** The same for the run that saw this one begin. */
      sameWithinMs: number;
      verdicts: string[];
    }[];
  };
  parallaxOnly: { count: number; incidents: OneSided[] };
  checkerOnly: { count: number; incidents: OneSided[] };
  notComparable: { count: number; parallax: OneSided[]; checker: OneSided[] };
  flaps: { parallax: { count: number; spans: Flaps[] }; checker: { count: number; spans: Flaps[] } };
  downtime: { parallax: Downtime; checker: Downtime };
  failover: { count: number; whileCheckerUp: number; advised: Advised[] };
}

/** The smallest value that at least `part` of the values do not exceed (nearest rank). */
const quantile = (sorted: readonly number[], part: number): number | null =>
  sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)] ?? null;

export const figuresOf = (values: readonly number[]): Figures => {
  const sorted = values.toSorted((a, b) => a - b);
  return {
    count: sorted.length,
    medianMs: quantile(sorted, 0.5),
    p90Ms: quantile(sorted, 0.9),
    maxMs: sorted.at(-1) ?? null,
  };
};

const spanOf = ({ from, to }: LaneSpan) => ({
  from: toInstant(from),
  to: toInstant(to),
  durationMs: to - from,
});

const shownOf = ({ isStartSeen, isEndSeen, ...span }: Incident): Shown => ({
  ...spanOf(span),
  isStartSeen,
  isEndSeen,
});

const wordOf = ({ at, instant, verdict, rule, because, routing, failover, drill }: LaneWord): string =>
  [
    toInstant(at),
    `(its own time ${instant})`,
    verdict,
    routing,
    ...(failover ? ["failover"] : []),
    ...(rule === null ? [] : [`by ${rule}`]),
    ...(drill === null ? [] : [`drill ${drill}`]),
  ].join(" ") + `: ${because}`;

/** The most sentences of one incident. The journal has the others. */
const MAX_SENTENCES = 12;

/** The verdict at the begin of an incident, the transitions until its end, and the looks that the checker's fault caused. */
const evidenceOf = ({ words, looks }: LaneRecording, target: string, { from, to }: LaneSpan): string[] => {
  const said = words.get(target) ?? [];
  const first = said.findLastIndex(({ at }) => at <= from);
  const sentences = said.slice(Math.max(0, first)).filter(({ at }) => at <= to);
  const looked = looks
    .filter((look) => look.target === target && look.at >= from && look.at <= to + LOOK_LATE_MS)
    .map(({ at, verdict, rule, because, reachableFrom, unreachableFrom }) =>
      [
        `${toInstant(at)} looked up: ${verdict}${rule === null ? "" : ` by ${rule}`}: ${because}`,
        `; reached from ${reachableFrom.length}: ${reachableFrom.join(", ") || "none"}`,
        `; not from ${unreachableFrom.length}: ${unreachableFrom.join(", ") || "none"}`,
      ].join(""),
    );
  const all = [...sentences.map(wordOf), ...looked];
  const more = all.length - MAX_SENTENCES;
  return more > 0 ? [...all.slice(0, MAX_SENTENCES), `and ${more} more`] : all;
};
/** How long after the checker's report a look may come: its delay and a round trip. */
const LOOK_LATE_MS = 15_000;

const oneSided = (recording: LaneRecording, singles: readonly Single[]): OneSided[] =>
  singles.map(({ target, incident }) => ({
    target,
    ...shownOf(incident),
    evidence: evidenceOf(recording, target, incident),
  }));

const downtimeOf = (silences: Comparison["silentA"]): Downtime => {
  const spans = silences.map(({ why, ...span }) => ({ ...spanOf(span), why }));
  return {
    count: spans.length,
    totalMs: spans.reduce((sum, { durationMs }) => sum + durationMs, 0),
    longestMs: Math.max(0, ...spans.map(({ durationMs }) => durationMs)),
    spans,
  };
};

const flapsOf = (found: Comparison["flapsA"]): ShadowReport["flaps"]["parallax"] => ({
  count: found.length,
  spans: found.map(({ target, changes, from, to }) => ({
    target,
    from: toInstant(from),
    to: toInstant(to),
    changes,
  })),
});

/** The state of a lane within a span: down if it is down at any time. */
const stateIn = (lane: readonly Spell[], { from, to }: LaneSpan): Advised["checker"] => {
  const met = lane.filter((spell) => spell.from < to && spell.to > from).map(({ state }) => state);
  if (met.includes(false)) return "down";
  return met.length > 0 && met.every((state) => state === true) ? "up" : "not known";
};

/** When failover was advised. Unknown times in between do not end the advice: the stream of events is reopened every few minutes. */
const advisedIn = ({ failovers, words, other }: LaneRecording): Advised[] =>
  [...failovers]
    .flatMap(([target, lane]) => {
      const held = lane.map((spell) => ({ ...spell, state: spell.state === null ? null : !spell.state }));
      return incidentsIn(held, 0).map((incident): Advised => {
        const word = words.get(target)?.findLast(({ at }) => at <= incident.from);
        return {
          target,
          ...shownOf(incident),
          checker: stateIn(other.lanes.get(target) ?? [], incident),
          because: word?.because ?? "",
          drill: word?.drill ?? null,
        };
      });
    })
    .toSorted((a, b) => (a.from < b.from ? -1 : 1));

/** One look of the run in which both began; where that is more than one run, the longest look of them. */
const lookMsOf = ({ paces, everyMs }: LaneRecording, { a: [a], b: [b] }: Shared): number => {
  const begun = [a?.from ?? 0, b?.from ?? 0];
  const met = paces.filter(({ from, to }) => from <= Math.max(...begun) && to >= Math.min(...begun));
  return met.length === 0 ? everyMs : Math.max(...met.map((pace) => pace.everyMs));
};

const bothOf = (recording: LaneRecording, both: readonly Shared[]): ShadowReport["both"] => {
  const judged = both.map((one) => ({ ...one, sameWithinMs: lookMsOf(recording, one) }));
  const leads = judged.flatMap(({ leadMs, sameWithinMs }) =>
    leadMs === null ? [] : [{ leadMs, sameWithinMs }],
  );
  const firstBy = (sign: 1 | -1): number[] =>
    leads.flatMap(({ leadMs, sameWithinMs }) => (leadMs * sign > sameWithinMs ? [leadMs * sign] : []));
  return {
    count: both.length,
    sameWithinMs: recording.everyMs,
    parallaxFirst: figuresOf(firstBy(1)),
    checkerFirst: figuresOf(firstBy(-1)),
    same: { count: leads.filter(({ leadMs, sameWithinMs }) => Math.abs(leadMs) <= sameWithinMs).length },
    startNotSeen: { count: both.length - leads.length },
    incidents: judged.map(({ target, a, b, leadMs, sameWithinMs }) => ({
      target,
      parallax: a.map(shownOf),
      checker: b.map(shownOf),
      leadMs,
      sameWithinMs,
      verdicts: (recording.words.get(target) ?? [])
        .filter(
          ({ at, routing }) => routing === "avoid" && at >= (a[0]?.from ?? 0) && at <= (a.at(-1)?.to ?? 0),
        )
        .map(({ verdict, because }) => `${verdict}: ${because}`),
    })),
  };
};

/** The report of a recording. In the comparison Parallax is A. */
export const reportOf = (recording: LaneRecording, rules: Rules): ShadowReport => {
  const { span, gaps, checker, everyMs, runs, torn, names, unmatched, alone } = recording;
  const found = compare(recording.parallax, recording.other, rules);
  const gapMs = gaps.reduce((sum, { from, to }) => sum + to - from, 0);
  const advised = advisedIn(recording);
  const sided = (singles: readonly Single[]): OneSided[] => oneSided(recording, singles);
  return {
    checker,
    everyMs,
    rules,
    from: toInstant(span.from),
    to: toInstant(span.to),
    watchedMs: span.to - span.from - gapMs,
    runs,
    gaps: { count: gaps.length, totalMs: gapMs, spans: gaps.map(spanOf) },
    tornLines: torn,
    matched: [...names].map(([target, name]) => ({ name, target })),
    unmatched,
    alone,
    both: bothOf(recording, found.both),
    parallaxOnly: { count: found.onlyA.length, incidents: sided(found.onlyA) },
    checkerOnly: { count: found.onlyB.length, incidents: sided(found.onlyB) },
    notComparable: {
      count: found.unsureA.length + found.unsureB.length,
      parallax: sided(found.unsureA),
      checker: sided(found.unsureB),
    },
    flaps: {
      parallax: flapsOf(found.flapsA),
      checker: flapsOf(found.flapsB),
    },
    downtime: { parallax: downtimeOf(found.silentA), checker: downtimeOf(found.silentB) },
    failover: {
      count: advised.length,
      whileCheckerUp: advised.filter((one) => one.checker === "up").length,
      advised,
    },
  };
};
