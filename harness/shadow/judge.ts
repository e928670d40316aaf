/** A report held against what really was. Instants are epoch milliseconds of the one clock there is. */
import type { ShadowReport } from "../../src/cli/shadow/report/shadow-report.ts";

/** The faults that were applied, and which checkers must see them. */
export interface Done {
  kind: string;
  targets: readonly string[];
  from: number;
  to: number;
  /** Undefined: it may or may not. */
  parallaxSees: boolean | undefined;
  checkerSees: boolean | undefined;
  failover: boolean;
}

/** Somebody was not at work. */
export interface Away {
  from: number;
  to: number;
}

/** A change that was seen by asking directly, four times a second. */
export interface Change {
  target: string;
  at: number;
  up: boolean;
}

export interface Truth {
  faults: readonly Done[];
  /** The checker's process did not answer. */
  away: readonly Away[];
  /** The shadow's process did not run. */
  gaps: readonly Away[];
  checker: readonly Change[];
  parallax: readonly Change[];
}

export interface Outcome {
  lines: string[];
  wrong: string[];
}

/** How far a figure may be off: one look of the shadow, and what the witness takes for its own. */
const SLACK_MS = 500;
/** From a fault's end until both call it over, at most. */
const OVER_MS = 45_000;
const BEAT_MS = 10_000;

interface Shown {
  from: string;
  to: string;
  isStartSeen: boolean;
  isEndSeen: boolean;
}

const meets = (shown: { from: string; to: string }, from: number, to: number): boolean =>
  Date.parse(shown.from) <= to && Date.parse(shown.to) >= from;

const inSeconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** By how much each seen boundary of an incident differs from the nearest change the witness saw. */
const errorsOf = (target: string, shown: readonly Shown[], changes: readonly Change[]): number[] => {
  const nearest = (at: number, up: boolean): number =>
    Math.min(
      ...changes.filter((one) => one.target === target && one.up === up).map((one) => Math.abs(one.at - at)),
    );
  return shown.flatMap(({ from, to, isStartSeen, isEndSeen }) => [
    ...(isStartSeen ? [nearest(Date.parse(from), false)] : []),
    ...(isEndSeen ? [nearest(Date.parse(to), true)] : []),
  ]);
};

const leadErrors = (report: ShadowReport, { checker, parallax }: Truth): number[] =>
  report.both.incidents.flatMap(({ target, parallax: [ours], checker: [theirs], leadMs }) => {
    if (leadMs === null || ours === undefined || theirs === undefined) return [];
    const at = (changes: readonly Change[], about: number): number => {
      const down = changes.filter((one) => one.target === target && !one.up).map((one) => one.at);
      return down.toSorted((a, b) => Math.abs(a - about) - Math.abs(b - about))[0] ?? Infinity;
    };
    const witnessed = at(checker, Date.parse(theirs.from)) - at(parallax, Date.parse(ours.from));
    return [Math.abs(witnessed - leadMs)];
  });

/** Faults while all were at work. */
const judged = (truth: Truth): readonly Done[] =>
  truth.faults.filter(({ from, to }) =>
    [...truth.away, ...truth.gaps].every((away) => away.to < from - 10_000 || away.from > to + OVER_MS),
  );

const missedIn = (report: ShadowReport, truth: Truth): string[] =>
  judged(truth).flatMap(({ kind, targets, from, to, parallaxSees, checkerSees, failover }) =>
    targets.flatMap((target) => {
      const said = `${kind} of ${target} at ${new Date(from).toISOString()}`;
      const found = (list: readonly { target: string; from: string; to: string }[]): boolean =>
        list.some((one) => one.target === target && meets(one, from, to + OVER_MS));
      const both = report.both.incidents.some(
        (one) => one.target === target && one.parallax.some((shown) => meets(shown, from, to + OVER_MS)),
      );
      const advised = report.failover.advised.some((one) => one.target === target && meets(one, from, to));
      return [
        ...(parallaxSees === true && checkerSees === true && !both
          ? [`${said} is not among those seen by both`]
          : []),
        ...(parallaxSees === false && checkerSees === true && !found(report.checkerOnly.incidents)
          ? [`${said} is not among those that the checker alone saw`]
          : []),
        ...(parallaxSees === false && (both || found(report.parallaxOnly.incidents))
          ? [`Parallax saw ${said}`]
          : []),
        ...(failover !== advised ? [`${said}: failover ${advised ? "" : "not "}advised`] : []),
      ];
    }),
  );

/** Nothing is reported that no fault explains. */
const inventedIn = (report: ShadowReport, truth: Truth): string[] => {
  const all = [
    ...report.both.incidents.flatMap(({ target, parallax, checker }) =>
      [...parallax, ...checker].map((one) => ({ ...one, target })),
    ),
    ...report.parallaxOnly.incidents,
    ...report.checkerOnly.incidents,
  ];
  return all
    .filter(
      ({ target, from, to }) =>
        !truth.faults.some(
          (done) => done.targets.includes(target) && meets({ from, to }, done.from, done.to + OVER_MS),
        ),
    )
    .map(({ target, from }) => `no fault explains what is reported of ${target} at ${from}`);
};

const awayIn = (
  what: string,
  reported: readonly Away[],
  really: readonly Away[],
  slackMs: number,
): string[] => {
  const wrong = really.filter(
    ({ from, to }) =>
      !reported.some((one) => Math.abs(one.from - from) <= slackMs && Math.abs(one.to - to) <= slackMs),
  );
  return [
    ...wrong.map(
      ({ from, to }) =>
        `${what} of ${inSeconds(to - from)} at ${new Date(from).toISOString()} is not reported so`,
    ),
    ...(reported.length === really.length
      ? []
      : [`${what}: ${reported.length} reported, ${really.length} made`]),
  ];
};

const spansOf = (spans: readonly { from: string; to: string }[]): Away[] =>
  spans.map(({ from, to }) => ({ from: Date.parse(from), to: Date.parse(to) }));

/** What the report comes to, and what is wrong with it. */
export const judgeReport = (report: ShadowReport, truth: Truth): Outcome => {
  const { both, parallaxOnly, checkerOnly, notComparable, checker, everyMs, downtime, gaps, failover } =
    report;
  const boundaries = both.incidents.flatMap(({ target, parallax, checker: theirs }) => [
    ...errorsOf(target, parallax, truth.parallax),
    ...errorsOf(target, theirs, truth.checker),
  ]);
  const leads = leadErrors(report, truth);
  const worst = Math.max(0, ...boundaries);
  const worstLead = Math.max(0, ...leads);
  const allowed = everyMs + SLACK_MS;
  const figures = ({ count, medianMs, p90Ms }: ShadowReport["both"]["parallaxFirst"]): string =>
    medianMs === null ? "0" : `${count} (median ${inSeconds(medianMs)}, p90 ${inSeconds(p90Ms ?? 0)})`;
  return {
    lines: [
      `${checker}: both ${both.count}; Parallax first ${figures(both.parallaxFirst)}; ${checker} first ${figures(both.checkerFirst)}; the same look ${both.same.count}; beginning not seen ${both.startNotSeen.count}; Parallax only ${parallaxOnly.count}; ${checker} only ${checkerOnly.count}; not comparable ${notComparable.count}; failover ${failover.count}, while ${checker} said up ${failover.whileCheckerUp}; its downtime ${downtime.checker.count}, ${inSeconds(downtime.checker.totalMs)}; gaps ${gaps.count}, ${inSeconds(gaps.totalMs)}`,
      `${checker}: ${judged(truth).length} of ${truth.faults.length} faults judged; ${boundaries.length} instants off by ${inSeconds(worst)} at most, ${leads.length} leads by ${inSeconds(worstLead)}; allowed ${inSeconds(allowed)}`,
    ],
    wrong: [
      ...missedIn(report, truth),
      ...inventedIn(report, truth),
      ...(worst > allowed ? [`an instant is off by ${inSeconds(worst)}`] : []),
      ...(worstLead > allowed ? [`a lead is off by ${inSeconds(worstLead)}`] : []),
      ...awayIn("downtime", spansOf(downtime.checker.spans), truth.away, allowed + 1_000),
      ...awayIn("gap", spansOf(gaps.spans), truth.gaps, BEAT_MS + 2_000),
    ].map((complaint) => `${checker}: ${complaint}`),
  };
};
