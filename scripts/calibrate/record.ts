/** The result of a calibration: one file that a bug report can carry. */
import type { Attempt } from "../../src/domain/attempt.ts";
import type { Outcome, Stage } from "../../src/domain/outcome.ts";
import type { Verdict } from "../../src/domain/verdict.ts";

/** Raw connections from one vantage while a fault held. */
export interface Reached {
  fault: string;
  vantage: string;
  colo: string | null;
  attempts: Attempt[];
}

/** The observations of a target while a fault held. */
export interface Watched {
  fault: string;
  /** Changes of the verdict, with the time since the fault. */
  verdicts: { verdict: Verdict; confirmed: boolean; rule: string; afterMs: number }[];
  /** The newest look of each vantage at the end that began after the fault. */
  looks: { vantage: string; outcome: Outcome; stage: Stage; totalMs: number; detail: string | null }[];
}

export interface Stand {
  id: string;
  region: string;
  colo: string | null;
}

export interface Measured {
  vantages: Stand[];
  reached: Reached[];
  watched: Watched[];
}

export type Held = "held" | "contradicted" | "not tried";

/** The result for one assumption. */
export interface Weighed {
  id: string;
  page: string;
  says: string;
  held: Held;
  /** The findings that contradict it. */
  found: string[];
}

export interface CalibrationRecord extends Measured {
  format: "parallax-calibration-1";
  parallax: string;
  madeAt: string;
  /** False: the calibration ended before all was tried. */
  isWhole: boolean;
  /** The steps that failed, in words. */
  troubles: string[];
  assumptions: Weighed[];
}

/** The record as text, without any of the secret words: names, addresses, tokens. */
export const textOf = (record: CalibrationRecord, secrets: readonly string[]): string => {
  const words = secrets.filter((word) => word !== "").toSorted((a, b) => b.length - a.length);
  return `${words.reduce((text, word) => text.replaceAll(word, "…"), JSON.stringify(record, null, 2))}\n`;
};
