/** The page's first table: the three most awaited faults, and what is called wrongly. */
import { isOurs } from "../detectors.ts";
import type { Tally } from "../tally.ts";
import { DECEIVING, type Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, whole } from "./number.ts";
import { ruleOf } from "./rival-text.ts";
import { boundOf, callTimesOf } from "./scenario-section.ts";

const FAULTS = ["crash", "death", "hang"] as const;
const HEADER = [
  "detector",
  ...FAULTS.flatMap((fault) => [`${fault} p50`, "p99", "×"]),
  "wrong downs",
  "probes/h",
  "rule",
];

const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0);

const deceivedOf = (tallies: readonly Tally[]): Tally[] =>
  tallies.filter(({ scenario }) => (DECEIVING as readonly string[]).includes(scenario));

/** How long each detector watched targets that nothing was wrong with. */
export const deceivedHours = ({ scenarios }: Figures): number =>
  sum(
    deceivedOf(scenarios.flatMap(({ tallies }) => tallies.filter(({ detector }) => isOurs(detector)))),
    ({ targetHours }) => targetHours,
  );

/** Seconds until each fault is called with multiples of the oracle's median, and wrong downs where nothing is down. */
export const shortTable = ({ scenarios }: Figures): string[] => {
  const tallies = scenarios.flatMap((one) => one.tallies);
  const detectors = [...new Set(tallies.map(({ detector }) => detector))];
  const rows = detectors.map((detector) => {
    const own = tallies.filter((tally) => tally.detector === detector);
    const times = FAULTS.flatMap((fault) => {
      const tally = own.find(({ scenario }) => scenario === fault);
      if (tally === undefined) return ["", "", ""];
      const { p50, p99 } = callTimesOf(tally);
      return [fixed(p50), fixed(p99), fixed(boundOf(tallies, tally)?.ratioP50)];
    });
    return [
      isOurs(detector) ? `**${detector}**` : detector,
      ...times,
      String(sum(deceivedOf(own), ({ wrongDowns }) => wrongDowns)),
      whole(sum(own, ({ probes }) => probes) / sum(own, ({ targetHours }) => targetHours)),
      ruleOf(detector),
    ];
  });
  return tableLines([HEADER, ...rows], numbersFrom(1, HEADER.length - 1));
};
