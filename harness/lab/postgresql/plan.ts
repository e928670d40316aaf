/** Which faults are played under which rules: one pair in each site, side by side, synchronous in one and asynchronous in the other. */
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

/** The faults that are worth their time in every run. Those that prove that the checker works come first. */
const CHOSEN: Record<RuleName, readonly string[]> = {
  "by hand": ["kill-9"],
  "by hand, unfenced": ["cut-off"],
  advisory: ["kill-9", "sigstop", "power-off", "cut-off", "cut-detector", "detector-gone"],
  strict: ["cut-off", "cut-detector"],
  Patroni: ["power-off", "cut-off"],
};

const isProof = (rule: RuleName): boolean => rule.startsWith("by hand");

/** How often a fault is played: as often as the options name it, if they name any. */
const timesOf = (name: string, rule: RuleName, { faults, isFull }: PairOptions): number => {
  if (!isProof(rule) && faults.length > 0) return faults.filter((one) => one === name).length;
  return (isFull && !isProof(rule)) || CHOSEN[rule].includes(name) ? 1 : 0;
};

export const faultsFor = (rule: RuleName, options: PairOptions): PairFault[] =>
  PAIR_FAULTS.flatMap((fault) => Array.from({ length: timesOf(fault.name, rule, options) }, () => fault));
