/** A report as headings, sentences and tables, which each format renders in its own way. */
import type { Figures, ShadowReport } from "./shadow-report.ts";

export interface Table {
  caption: string;
  head: readonly string[];
  rows: readonly (readonly string[])[];
}

export type Block =
  | { kind: "heading"; text: string }
  | { kind: "text"; text: string }
  | { kind: "table"; table: Table };

/** The most rows of a table; JSON has all. */
const MAX_ROWS = 500;

const heading = (text: string): Block => ({ kind: "heading", text });
const text = (words: string): Block => ({ kind: "text", text: words });

/** Nothing where there are no rows: a sentence before it says so. */
const table = (caption: string, head: readonly string[], rows: readonly (readonly string[])[]): Block[] => {
  if (rows.length === 0) return [];
  const left = rows.length - MAX_ROWS;
  const more = left > 0 ? [text(`and ${left} more: --format json has all`)] : [];
  return [{ kind: "table", table: { caption, head, rows: rows.slice(0, MAX_ROWS) } }, ...more];
};

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** `1.2 s`, `4 min 10 s`, `3 h 5 min`. */
export const timeWords = (ms: number): string => {
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`;
  return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`;
};

const countOf = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Figures, always with the number of values they summarize. */
const figures = ({ count, medianMs, p90Ms, maxMs }: Figures): string =>
  medianMs === null || p90Ms === null || maxMs === null
    ? "0 times"
    : `${countOf(count, "time")}, by ${timeWords(medianMs)} (median), ${timeWords(p90Ms)} (p90), ${timeWords(maxMs)} (most); n = ${count}`;

interface Shown {
  from: string;
  to: string;
  isStartSeen: boolean;
  isEndSeen: boolean;
}

const when = ({ from, to, isStartSeen, isEndSeen }: Shown): string =>
  `${isStartSeen ? "" : "before "}${from} … ${to}${isEndSeen ? "" : " or later"}`;

const leadWords = (
  { leadMs, sameWithinMs }: ShadowReport["both"]["incidents"][number],
  checker: string,
): string => {
  if (leadMs === null) return "a beginning was not seen";
  if (Math.abs(leadMs) <= sameWithinMs) return "the same look";
  return `${leadMs > 0 ? "Parallax" : checker} by ${timeWords(Math.abs(leadMs))}`;
};

const bothBlocks = (report: ShadowReport): Block[] => {
  const { both, checker } = report;
  return [
    heading("Seen by both"),
    text(`${countOf(both.count, "incident")}. Parallax was first ${figures(both.parallaxFirst)}.`),
    text(`${checker} was first ${figures(both.checkerFirst)}.`),
    text(
      `No further apart than one look of the shadow at ${checker} (${timeWords(both.sameWithinMs)}): ${countOf(both.same.count, "time")}. A beginning was not seen: ${countOf(both.startNotSeen.count, "time")}.`,
    ),
    ...table(
      "Incidents seen by both",
      ["target", "Parallax: down", `${checker}: down`, "first", "Parallax said"],
      both.incidents.map((one) => [
        one.target,
        one.parallax.map(when).join("; "),
        one.checker.map(when).join("; "),
        leadWords(one, checker),
        one.verdicts.join("; "),
      ]),
    ),
  ];
};

const sided = (who: string, incidents: ShadowReport["parallaxOnly"]["incidents"]): (readonly string[])[] =>
  incidents.map(({ target, evidence, durationMs, ...shown }) => [
    who,
    target,
    when(shown),
    timeWords(durationMs),
    evidence.join("; ") || "nothing",
  ]);

const ONE_SIDED = ["seen by", "target", "down", "for", "Parallax' evidence"];

const singleBlocks = ({ parallaxOnly, checkerOnly, notComparable, checker }: ShadowReport): Block[] => [
  heading("Seen by one only"),
  text(
    `By Parallax: ${countOf(parallaxOnly.count, "incident")}. By ${checker}: ${countOf(checkerOnly.count, "incident")}.`,
  ),
  ...table("Incidents seen by one only", ONE_SIDED, [
    ...sided("Parallax", parallaxOnly.incidents),
    ...sided(checker, checkerOnly.incidents),
  ]),
  heading("Not comparable"),
  text(
    `${countOf(notComparable.count, "incident")} of one, while too little is known of the other: it did not answer, or the shadow did not watch.`,
  ),
  ...table("Incidents that cannot be compared", ONE_SIDED, [
    ...sided("Parallax", notComparable.parallax),
    ...sided(checker, notComparable.checker),
  ]),
];

const flapBlocks = ({ flaps, rules, checker }: ShadowReport): Block[] => {
  const rows = ([who, { spans }]: readonly [string, ShadowReport["flaps"]["parallax"]]) =>
    spans.map(({ target, from, to, changes }) => [who, target, `${from} … ${to}`, String(changes)]);
  return [
    heading("Flaps"),
    text(
      `${rules.flaps} changes or more within ${timeWords(rules.withinMs)}: Parallax ${countOf(flaps.parallax.count, "time")}, ${checker} ${countOf(flaps.checker.count, "time")}.`,
    ),
    ...table(
      "Flaps",
      ["who", "target", "from … to", "changes"],
      [...rows(["Parallax", flaps.parallax]), ...rows([checker, flaps.checker])],
    ),
  ];
};

const downtimeBlocks = ({ downtime, checker, gaps, tornLines }: ShadowReport): Block[] => {
  const words = (who: string, { count, totalMs, longestMs }: ShadowReport["downtime"]["parallax"]): string =>
    `${who} did not answer ${countOf(count, "time")}, ${timeWords(totalMs)} in all, ${timeWords(longestMs)} at most.`;
  return [
    heading("Their own downtime"),
    text(`${words(checker, downtime.checker)} ${words("Parallax", downtime.parallax)}`),
    text(
      `The shadow itself did not watch ${countOf(gaps.count, "time")}, ${timeWords(gaps.totalMs)} in all; nothing of that time is compared. Lines it left unfinished and dropped: ${tornLines}.`,
    ),
    ...table(
      "Times without an answer, and times nobody watched",
      ["who", "from … to", "for", "why"],
      [
        ...downtime.checker.spans.map((span) => [checker, span, span.why] as const),
        ...downtime.parallax.spans.map((span) => ["Parallax", span, span.why] as const),
        ...gaps.spans.map((span) => ["the shadow", span, "it was not at work"] as const),
      ].map(([who, { from, to, durationMs }, why]) => [who, `${from} … ${to}`, timeWords(durationMs), why]),
    ),
  ];
};

const failoverBlocks = ({ failover, checker }: ShadowReport): Block[] => [
  heading("What /failover would have done"),
  text(
    `It would have advised failover ${countOf(failover.count, "time")}, of these ${failover.whileCheckerUp} while ${checker} said up all the time.`,
  ),
  ...table(
    "Failover advised",
    ["target", "from … to", "for", `${checker} said`, "drill", "because"],
    failover.advised.map(({ target, durationMs, checker: said, drill, because, ...shown }) => [
      target,
      when(shown),
      timeWords(durationMs),
      said,
      drill ?? "",
      because,
    ]),
  ),
];

export const blockTitle = ({ checker }: ShadowReport): string => `Parallax beside ${checker}`;

export const blocksOf = (report: ShadowReport): Block[] => {
  const { from, to, watchedMs, runs, matched, unmatched, alone, rules, checker } = report;
  return [
    text(
      `${from} … ${to}: watched for ${timeWords(watchedMs)} in ${countOf(runs, "run")}. ${countOf(matched.length, "target")} compared; of ${checker} alone: ${unmatched.length}; of Parallax alone: ${alone.length}.`,
    ),
    text(
      `Times are those at which the shadow heard of it, by its own clock. What ${checker} says was asked for every ${timeWords(report.everyMs)}, so it may be so much older. Down, for Parallax, is advice to avoid. Incidents no further apart than ${timeWords(rules.toleranceMs)} are one and the same; up for no longer than ${timeWords(rules.mergeMs)} between two faults is one fault.`,
    ),
    ...bothBlocks(report),
    ...singleBlocks(report),
    ...failoverBlocks(report),
    ...flapBlocks(report),
    ...downtimeBlocks(report),
    heading("Names"),
    ...table(
      "Compared",
      [checker, "target"],
      matched.map(({ name, target }) => [name, target]),
    ),
    ...(unmatched.length === 0
      ? []
      : [text(`Of ${checker} alone: ${unmatched.slice(0, MAX_ROWS).join(", ")}`)]),
    ...(alone.length === 0 ? [] : [text(`Of Parallax alone: ${alone.slice(0, MAX_ROWS).join(", ")}`)]),
  ];
};
