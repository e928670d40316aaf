import type { Verdict } from "../../src/domain/verdict.ts";
import type { TruthState } from "./reality.ts";

/** A call that should not have been made. */
export interface Mistake {
  /** `misnamed`: called, and never by an expected label. */
  kind: "wrong down" | "wrong dead" | "wrong label" | "missed" | "misnamed";
  seed: number;
  key: string;
  label: Verdict;
  /** After the first fault, milliseconds. */
  afterMs: number;
  truth: TruthState;
}

/** Ten bins of the leading belief: how many, how sure, how often right. */
export interface Bin {
  count: number;
  confidence: number;
  right: number;
}

/** What many runs of one detector in one scenario add up to. Times in milliseconds. */
export interface Tally {
  scenario: string;
  detector: string;
  /** What to add to the command line to have the same world again. */
  flags: string;
  seeds: number;
  cases: number;
  /** Until it is called: down where it should be avoided, else by an expected label. Missed ones left out. */
  detectedMs: number[];
  /** Until an expected label stands. */
  namedMs: number[];
  /** Until a probe of the case was first seen to end amiss, if the detector notes that: no detector can know sooner. */
  seenMs: number[];
  /** From the fault's end until `alive` again. */
  recoveredMs: number[];
  missed: number;
  wrongDowns: number;
  /** Confirmed `node_dead` or `process_crashed` that was false. */
  wrongDead: number;
  /** Runs in which that happened at all: what is independent of each other are seeds, not targets. */
  runsWrongDead: number;
  /** The same two labels, false, confirmed or not. */
  wrongLabels: number;
  /** Calls of `partitioned`, and how many of them while some paths were cut and others not. */
  partitionsSaid: number;
  partitionsRight: number;
  /** Changes of label after the first call of a case. */
  flips: number;
  /** By expected class, by what stood at the end. */
  confusion: Record<string, Record<string, number>>;
  brierSum: number;
  beliefs: number;
  bins: Bin[];
  probes: number;
  targetHours: number;
  observations: number;
  cpuMs: number;
  mistakes: Mistake[];
}

export const emptyTally = (scenario: string, detector: string, flags = ""): Tally => ({
  scenario,
  detector,
  flags,
  seeds: 0,
  cases: 0,
  detectedMs: [],
  namedMs: [],
  seenMs: [],
  recoveredMs: [],
  missed: 0,
  wrongDowns: 0,
  wrongDead: 0,
  runsWrongDead: 0,
  wrongLabels: 0,
  partitionsSaid: 0,
  partitionsRight: 0,
  flips: 0,
  confusion: {},
  brierSum: 0,
  beliefs: 0,
  bins: Array.from({ length: 10 }, () => ({ count: 0, confidence: 0, right: 0 })),
  probes: 0,
  targetHours: 0,
  observations: 0,
  cpuMs: 0,
  mistakes: [],
});

/** Tallies of the same scenario and detector as one, in the order given. */
export const mergeTallies = (tallies: readonly Tally[]): Tally => {
  const [first] = tallies;
  if (first === undefined) throw new Error("no tallies to merge");
  const whole = emptyTally(first.scenario, first.detector, first.flags);
  for (const one of tallies) {
    for (const name of COUNTS) whole[name] += one[name];
    for (const name of LISTS) whole[name].push(...one[name]);
    whole.mistakes.push(...one.mistakes);
    one.bins.forEach((bin, index) => addBin(whole.bins[index] as Bin, bin));
    for (const [truth, row] of Object.entries(one.confusion))
      for (const [said, count] of Object.entries(row)) confuse(whole, truth, said, count);
  }
  return whole;
};

const COUNTS = [
  "seeds",
  "cases",
  "missed",
  "wrongDowns",
  "wrongDead",
  "runsWrongDead",
  "wrongLabels",
  "partitionsSaid",
  "partitionsRight",
  "flips",
  "brierSum",
  "beliefs",
  "probes",
  "targetHours",
  "observations",
  "cpuMs",
] as const;
const LISTS = ["detectedMs", "namedMs", "seenMs", "recoveredMs"] as const;

const addBin = (to: Bin, more: Bin): void => {
  to.count += more.count;
  to.confidence += more.confidence;
  to.right += more.right;
};

/** Counts what was said of something in the confusion matrix. */
export const confuse = (tally: Tally, truth: string, said: string, count = 1): void => {
  const row = (tally.confusion[truth] ??= {});
  row[said] = (row[said] ?? 0) + count;
};
