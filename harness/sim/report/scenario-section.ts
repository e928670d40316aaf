/** Parallax in those scenarios that have something to be called, the bound beside it. All of them are in the JSON. */
import { timesWithLate } from "../claims/claim.ts";
import { isOurs } from "../detectors.ts";
import { type BesideOracle, besideOracle, oracleBeside, type timesOf } from "../summary.ts";
import type { Tally } from "../tally.ts";
import type { Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, NONE } from "./number.ts";

/** Those the page shows: one for each thing that can happen. What is in the first table is not repeated. */
const SHOWN: readonly string[] = [
  "crash-notice",
  "death-inside",
  "two-deaths",
  "dns-only",
  "host-cut",
  "host-cut-inside",
  "site-cut",
  "site-death",
  "cut-in-burst",
  "paths-1",
  "paths-half",
  "paths-all-but-one",
  "shared-transit",
  "second-fault-in-episode",
  "aggregator-cut",
  "middlebox-refuses",
  "loss-80",
  "gray-10",
  "gray-50",
];

const HEADER = [
  "scenario",
  "p50",
  "oracle",
  "×",
  "p99",
  "oracle",
  "×",
  "named p99",
  "missed",
  "wrong confirmed",
  "recovery p50",
  "right %",
];

/**
 * Times until a fault is called at all. A missed fault counts as a longer time, or a detector that misses the hard ones would look fast.
 */
export const callTimesOf = (tally: Tally): ReturnType<typeof timesOf> =>
  timesWithLate(tally.detectedMs, tally.cases);

/** The bound in the same worlds, missed ones counted alike. */
export const boundOf = (tallies: readonly Tally[], tally: Tally): BesideOracle | null => {
  const oracle = oracleBeside(tallies, tally);
  return oracle === undefined ? null : besideOracle(callTimesOf(tally), callTimesOf(oracle));
};

const rowOf = (name: string, tallies: readonly Tally[]): string[] => {
  const tally = tallies.find(({ detector }) => isOurs(detector));
  if (tally === undefined) return [];
  const called = callTimesOf(tally);
  const bound = boundOf(tallies, tally);
  const right = Object.entries(tally.confusion).map(([truth, row]) => row[truth] ?? 0);
  const all = Object.values(tally.confusion).flatMap((row) => Object.values(row));
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
  return [
    `\`${name}\``,
    fixed(called.p50),
    fixed(bound?.p50),
    fixed(bound?.ratioP50),
    fixed(called.p99),
    fixed(bound?.p99),
    fixed(bound?.ratioP99),
    fixed(timesWithLate(tally.namedMs, tally.cases).p99),
    `${tally.missed} of ${tally.cases}`,
    String(tally.wrongDead),
    fixed(timesWithLate(tally.recoveredMs, tally.recoveredMs.length).p50),
    all.length === 0 ? NONE : fixed((100 * sum(right)) / sum(all)),
  ];
};

/** The page's table of scenarios. */
export const scenarioTable = ({ scenarios }: Figures): string[] => {
  const rows = SHOWN.flatMap((name) => {
    const found = scenarios.find(({ scenario }) => scenario.name === name);
    return found === undefined ? [] : [rowOf(name, found.tallies)];
  });
  return tableLines([HEADER, ...rows], numbersFrom(1, HEADER.length));
};
