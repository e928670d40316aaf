/** What was seen of one target over the last hour, as lanes on one time axis: a reader sees agreement and need not work it out. */
import type { DrillAnswer } from "../domain/drill.ts";
import type { MatrixVantage } from "../domain/matrix.ts";
import { fromInstant } from "../domain/plain/rfc3339.ts";
import { readCell, cellFor, outcomeWords } from "./cell-letters.ts";
import type { Evidence, PageState, ShownTransition } from "./shown-state.ts";
import { shownName, SIGNS, type Tone, toneOf } from "./plain-words.ts";

/** How far back the lanes go. */
export const SPAN_MS = 3_600_000;

/** A state that lasted. Instants in epoch milliseconds. */
export interface LaneRun {
  from: number;
  to: number;
  tone: Tone | "none";
  /** Written into the run where there is room. */
  sign: string;
  words: string;
}

/** One row: runs that lasted, and moments. */
export interface Lane {
  name: string;
  group: string;
  runs: LaneRun[];
  /** Moments, each with its text. */
  ticks: { at: number; sign: string; words: string; tone: Tone | "none" }[];
}

export interface Lanes {
  from: number;
  to: number;
  lanes: Lane[];
}

type Look = Evidence["observations"][number];

/** A look stands for the time until the next one, unless that comes later than this many usual intervals. */
const GAP_TIMES = 3;

const medianOf = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** The usual time between two looks of one vantage. */
const usualMsOf = (looks: readonly Look[]): number => {
  const last = new Map<string, number>();
  const gaps: number[] = [];
  for (const { vantage, at } of looks) {
    const begin = fromInstant(at);
    const before = last.get(vantage);
    if (before !== undefined) gaps.push(begin - before);
    last.set(vantage, begin);
  }
  return medianOf(gaps);
};

/** Looks in their order as runs of one outcome each. A time without looks is a gap. */
const runsOf = (looks: readonly Look[], to: number): LaneRun[] => {
  const begins = looks.map(({ at }) => fromInstant(at));
  const usualMs = usualMsOf(looks);
  const runs: (LaneRun & { outcome: string; count: number })[] = [];
  for (const [index, { outcome, totalMs, detail }] of looks.entries()) {
    const from = begins[index] ?? 0;
    const next = begins[index + 1] ?? Math.min(to, from + usualMs);
    const end = next - from > GAP_TIMES * Math.max(usualMs, 1) ? from + usualMs : next;
    const last = runs.at(-1);
    if (last?.outcome === outcome && last.to >= from) {
      last.to = end;
      last.count += 1;
    } else {
      const { kind, text } = readCell(cellFor(outcome, totalMs));
      runs.push({
        from,
        to: end,
        tone: kind === "ok" ? "good" : outcome === "pending" || outcome === "blocked" ? "unsure" : "bad",
        sign: kind === "ok" ? "" : text,
        words: `${outcomeWords(outcome)}${detail === undefined ? "" : ` (${detail})`}`,
        outcome,
        count: 1,
      });
    }
  }
  return runs.map(({ from, to: end, tone, sign, words, count }) => ({
    from,
    to: end,
    tone,
    sign,
    words: `${words}, ${count} in a row`,
  }));
};

const byTime = (a: Look, b: Look): number => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0);

const groupOf = (vantage: MatrixVantage | undefined): string =>
  vantage === undefined || vantage.inside === null ? (vantage?.provider ?? "") : `inside ${vantage.inside}`;

/** A lane for each vantage that looked at the target, in the order of the table. */
const vantageLanes = ({ observations }: Evidence, { matrix }: PageState, to: number): Lane[] => {
  const looks = observations.filter(({ subject }) => subject === "target").toSorted(byTime);
  const known = matrix.vantages.map(({ id }) => id);
  const ids = [...new Set([...known, ...looks.map(({ vantage }) => vantage)])];
  return ids.flatMap((id): Lane[] => {
    const own = looks.filter(({ vantage }) => vantage === id);
    const column = matrix.vantages.find((vantage) => vantage.id === id);
    const group = groupOf(column);
    return own.length === 0 ? [] : [{ name: id, group, runs: runsOf(own, to), ticks: [] }];
  });
};

const witnessLane = ({ observations }: Evidence, to: number): Lane[] => {
  const looks = observations.filter(({ subject }) => subject === "witness").toSorted(byTime);
  return looks.length === 0
    ? []
    : [{ name: "witness", group: "its host", runs: runsOf(looks, to), ticks: [] }];
};

/** The node's own reports: heartbeats and notices. */
const wordLanes = ({ heartbeats, notices }: Evidence): Lane[] => [
  ...(heartbeats.length === 0
    ? []
    : [
        {
          name: "heartbeats",
          group: "its own word",
          runs: [],
          ticks: heartbeats.map(({ at, bootId }) => ({
            at: fromInstant(at),
            sign: "",
            words: `heartbeat of boot ${bootId}`,
            tone: "good" as const,
          })),
        },
      ]),
  ...(notices.length === 0
    ? []
    : [
        {
          name: "notices",
          group: "its own word",
          runs: [],
          ticks: notices.map(({ at, kind, bootId }) => ({
            at: fromInstant(at),
            sign: kind,
            words: `notice: ${kind} of boot ${bootId}`,
            tone: kind === "crash" ? ("bad" as const) : ("none" as const),
          })),
        },
      ]),
];

const drillLane = (drills: readonly DrillAnswer[], { site, target }: PageState["view"]): Lane[] => {
  const own = drills.filter((drill) => drill.site === site && (drill.target ?? target) === target);
  return own.length === 0
    ? []
    : [
        {
          name: "drills",
          group: "people",
          ticks: [],
          runs: own.map(({ id, fault, startsAt, endsAt, by }) => ({
            from: fromInstant(startsAt),
            to: fromInstant(endsAt),
            tone: "unsure",
            sign: fault,
            words: `drill ${id}: ${fault}${by === undefined ? "" : `, by ${by}`}`,
          })),
        },
      ];
};

/** The span from each transition to the next, oldest first. */
const spans = (transitions: readonly ShownTransition[], to: number) => {
  const all = transitions.toReversed();
  return all.map((transition, index) => {
    const next = all[index + 1];
    return {
      transition,
      from: fromInstant(transition.at),
      to: next === undefined ? to : fromInstant(next.at),
    };
  });
};

const overrideLane = (transitions: readonly ShownTransition[], now: number): Lane[] => {
  const runs = spans(transitions, now).flatMap(({ transition: { override }, from, to }): LaneRun[] =>
    override === null
      ? []
      : [
          {
            from,
            to: Math.min(to, fromInstant(override.until)),
            tone: "unsure",
            sign: "word",
            words: `operator’s word: ${override.reason}${override.by === undefined ? "" : `, by ${override.by}`}`,
          },
        ],
  );
  return runs.length === 0 ? [] : [{ name: "operator", group: "people", runs, ticks: [] }];
};

/** The verdict as published, including the time before the first transition that is known. */
const verdictLane = (transitions: readonly ShownTransition[], from: number, to: number): Lane => {
  const runs = spans(transitions, to).map(({ transition, ...span }): LaneRun => {
    const { confirmed, advice, because } = transition;
    const words = [
      `held: ${shownName(transition.to)}`,
      confirmed ? "confirmed" : "not confirmed",
      ...(advice.failover ? ["a successor may take over"] : []),
    ].join(", ");
    return {
      ...span,
      tone: toneOf(transition.to),
      sign: SIGNS[transition.to],
      words: `${words}. ${because}`,
    };
  });
  const oldest = transitions.at(-1);
  if (oldest !== undefined && fromInstant(oldest.at) > from)
    runs.unshift({
      from,
      to: fromInstant(oldest.at),
      tone: toneOf(oldest.from),
      sign: SIGNS[oldest.from],
      words: `held: ${shownName(oldest.from)}`,
    });
  return { name: "held", group: "verdict", runs, ticks: [] };
};

const within = (lane: Lane, from: number, to: number): Lane => ({
  ...lane,
  runs: lane.runs
    .filter((run) => run.to > from && run.from < to)
    .map((run) => ({ ...run, from: Math.max(run.from, from), to: Math.min(run.to, to) })),
  ticks: lane.ticks.filter(({ at }) => at >= from && at <= to),
});

/** All lanes of the target in view; null where its evidence is not known. */
export const lanesOf = (state: PageState): Lanes | null => {
  const { evidence, now, view, transitions, drills } = state;
  if (evidence === null) return null;
  const from = Math.max(now - SPAN_MS, Math.min(now, fromInstant(evidence.reachesBackTo)));
  const own = (transitions ?? []).filter(({ site, target }) => site === view.site && target === view.target);
  const lanes = [
    ...vantageLanes(evidence, state, now),
    ...witnessLane(evidence, now),
    ...wordLanes(evidence),
    ...drillLane(drills ?? [], view),
    ...overrideLane(own, now),
    verdictLane(own, from, now),
  ];
  return { from, to: now, lanes: lanes.map((lane) => within(lane, from, now)) };
};
