/** The page's first table: the three faults everybody waits for, and what is called wrongly. */
import { isOurs } from "../detectors.ts";
import type { Tally } from "../tally.ts";
import { DECEIVING, type Figures } from "./figures.ts";
import { numbersFrom, tableLines } from "./markdown.ts";
import { fixed, whole } from "./number.ts";
import { callTimesOf } from "./scenario-section.ts";

const FAULTS = ["crash", "death", "hang"] as const;
const HEADER = [
  "detector",
  ...FAULTS.flatMap((fault) => [`${fault} p50`, "p99"]),
  "wrong downs",
  "in hours",
  "probes/h",
];

const sum = (tallies: readonly Tally[], of: (tally: Tally) => number): number =>
  tallies.reduce((total, tally) => total + of(tally), 0);

/** Seconds until each fault is called, and wrong downs where nothing is down, by detector. */
export const shortTable = ({ scenarios }: Figures): string[] => {
  const tallies = scenarios.flatMap((one) => one.tallies);
  const detectors = [...new Set(tallies.map(({ detector }) => detector))];
  const rows = detectors.map((detector) => {
    const own = tallies.filter((tally) => tally.detector === detector);
    const deceived = own.filter(({ scenario }) => (DECEIVING as readonly string[]).includes(scenario));
    const times = FAULTS.flatMap((fault) => {
      const tally = own.find(({ scenario }) => scenario === fault);
      if (tally === undefined) return ["", ""];
      const { p50, p99 } = callTimesOf(tally);
      return [fixed(p50), fixed(p99)];
    });
    return [
      isOurs(detector) ? `**${detector}**` : detector,
      ...times,
      String(sum(deceived, ({ wrongDowns }) => wrongDowns)),
      whole(sum(deceived, ({ targetHours }) => targetHours)),
      whole(sum(own, ({ probes }) => probes) / sum(own, ({ targetHours }) => targetHours)),
    ];
  });
  return tableLines([HEADER, ...rows], numbersFrom(1, HEADER.length));
};
