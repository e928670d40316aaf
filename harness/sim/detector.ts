import type { Beliefs, Verdict } from "../../src/domain/verdict.ts";
import type { Reality } from "./reality.ts";

/** What a detector says of a target from `at` on, until it says something else. */
export interface Call {
  key: string;
  /** Virtual epoch milliseconds at which it could be read by a consumer. */
  at: number;
  /** `unreachable` for a detector that knows only "down". */
  label: Verdict;
  confirmed: boolean;
}

/** What a detector believed of a target at an instant; for the calibration of those that give numbers. */
export interface Belief {
  key: string;
  at: number;
  beliefs: Beliefs;
}

/** A look at `key` that was not answered as expected, though it was connected. */
export interface Amiss {
  key: string;
  at: number;
}

export interface Run {
  /** Whenever it begins to call a target down, and whenever the label or `confirmed` changes while down. */
  downs: Call[];
  /** Whenever it calls a target up again. A target is up until it is first called down. */
  ups: Call[];
  /** Calls that are neither: `gray`, `partitioned`, `unknown`. */
  others: Call[];
  beliefs: Belief[];
  /** Probes that came through and were answered amiss or not at all, by when that could be seen; where they are noted. */
  amiss?: readonly Amiss[];
  /** Probes of targets sent, bursts and retries included; controls and witnesses not. */
  probes: number;
  /** Outcomes that were weighed. */
  observations: number;
  /** Time spent deciding, not simulating; milliseconds. */
  cpuMs: number;
}

/** Any detector that calls targets down by probing them. Same reality and times give the same run, except for `cpuMs`. */
export interface Detector {
  readonly name: string;
  run(reality: Reality, fromMs: number, untilMs: number): Run | Promise<Run>;
}
