/** Which faults are played under which rules: one pair a site, side by side, synchronous in one and asynchronous in the other. */
import type { Site } from "../topology.ts";
import { PAIR_FAULTS, type PairFault } from "./faults.ts";
import type { PairOptions } from "./run.ts";

export type RuleName = "by hand" | "by hand, unfenced" | "advisory" | "strict" | "Patroni";

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
  advisory: ["kill-9", "sigstop", "power-off", "cut-off", "cut-detector", "detector-gone"],
  strict: ["cut-off", "cut-detector"],
  Patroni: ["power-off", "cut-off"],
};

const isProof = (rule: RuleName): boolean => rule.startsWith("by hand");

export const faultsFor = (rule: RuleName, { faults, isFull }: PairOptions): PairFault[] =>
  PAIR_FAULTS.filter(({ name }) => {
    if (isProof(rule)) return CHOSEN[rule].includes(name);
    return faults.length > 0 ? faults.includes(name) : isFull || CHOSEN[rule].includes(name);
  });
