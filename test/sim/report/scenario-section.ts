/** Every scenario, all detectors side by side. */
import { timesWithLate } from "../claims/claim.ts";
import { isOurs } from "../detectors.ts";
import { shareBounds } from "../statistics.ts";
import { summaryOf, type timesOf } from "../summary.ts";
import type { Tally } from "../tally.ts";
import type { Figures } from "./figures.ts";
import { command, numbersFrom, tableLines } from "./markdown.ts";
import { fixed, NONE, whole } from "./number.ts";

const HEADER = [
  "detector",
  "T_D p50",
  "p95",
  "p99",
  "max",
  "missed",
  "named p99",
  "wrong downs",
  "wrong confirmed",
  "recovery p50",
  "p99",
  "flips",
  "right %",
  "Brier",
  "probes/h",
  "CPU µs",
];

/** Times until a fault is called at all; what was missed took longer, or who misses the hard ones would look fast. */
export const callTimesOf = (tally: Tally): ReturnType<typeof timesOf> =>
  timesWithLate(tally.detectedMs, tally.cases);

const rowOf = (tally: Tally): string[] => {
  const ours = isOurs(tally.detector);
  const summary = summaryOf(tally);
  const called = callTimesOf(tally);
  const { hits, of } = summary.accuracy;
  return [
    tally.detector,
    fixed(called.p50),
    fixed(called.p95),
    fixed(called.p99),
    fixed(called.max),
    tally.cases === 0 ? NONE : `${tally.missed} of ${tally.cases}`,
    ours ? fixed(timesWithLate(tally.namedMs, tally.cases).p99) : NONE,
    String(tally.wrongDowns),
    ours ? String(tally.wrongDead) : NONE,
    fixed(summary.recoveredSeconds.p50),
    fixed(summary.recoveredSeconds.p99),
    fixed(summary.flipsPerCase, 2),
    ours && of > 0 ? fixed((100 * hits) / of) : NONE,
    ours ? fixed(summary.brier, 4) : NONE,
    whole(summary.probesPerTargetHour),
    fixed(summary.cpuMicrosPerObservation),
  ];
};

/** How sure "so many" is: of none in n runs, at most three in n. */
const sureness = (tallies: readonly Tally[]): string => {
  const ours = tallies.find(({ detector }) => isOurs(detector));
  if (ours === undefined) return "";
  const most = (100 * shareBounds(ours.runsWrongDead, ours.seeds)[1]).toFixed(ours.seeds > 300 ? 2 : 0);
  return ` Parallax confirmed a wrong death or crash in ${ours.runsWrongDead} of ${ours.seeds} runs (95 %: at most ${most} %).`;
};

export const scenarioBlocks = ({ scenarios, first, effort }: Figures): (string | string[])[] =>
  scenarios.flatMap(({ scenario, flags, tallies }) => [
    `### ${scenario.name}`,
    `${capital(scenario.about)}.${sureness(tallies)}`,
    command(
      `npm run sim -- --scenario ${scenario.name} --first ${first} --seeds ${effort.scenarios}${flags}`,
    ),
    tableLines([HEADER, ...tallies.map(rowOf)], numbersFrom(1, HEADER.length)),
  ]);

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
