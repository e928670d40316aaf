/** Which faults are played under which rules: one pair a site, side by side, synchronous in one and asynchronous in the other. */
import type { Site } from "../topology.ts";
import { PAIR_FAULTS, type PairFault } from "./faults.ts";
import type { PairOptions } from "./run.ts";

export type RuleName = "by hand" | "by hand, unfenced" | "Patroni";

export interface Lane {
  site: Site;
  isSynchronous: boolean;
}

export const LANES: readonly Lane[] = [
  { site: "fra", isSynchronous: true },
  { site: "ams", isSynchronous: false },
];

/** What is worth its time at every run. What proves that the checker sees what it should comes first. */
const CHOSEN: Record<RuleName, readonly string[]> = {
  "by hand": ["kill-9"],
  "by hand, unfenced": ["cut-off"],
  Patroni: ["kill-9", "power-off", "cut-off", "cut-detector"],
};

export const faultsFor = (rule: RuleName, { faults, isFull }: PairOptions): PairFault[] =>
  PAIR_FAULTS.filter(({ name }) => {
    if (faults.length > 0 && !rule.startsWith("by hand")) return faults.includes(name);
    return CHOSEN[rule].includes(name) || (isFull && !rule.startsWith("by hand"));
  });
