import type { Clock } from "../../../schedule/clock.ts";
import { type Files, filesUnder } from "../files/disk.ts";
import { type Log, logToStderr } from "../output/log.ts";

/** What every command uses of the machine it runs on; tests replace it. */
export interface Machine {
  /** Milliseconds, by a clock that is never set. */
  monotonic: () => number;
  /** The machine's own time in epoch milliseconds, only as a first guess. */
  wall: () => number;
  after: Clock["after"];
  /** 0 to 1. */
  random: () => number;
  /** Where state is kept; undefined: in memory only. */
  files: Files | undefined;
  log: Log;
}

/** Runs `task` once after `ms`; the answer cancels it. */
export const after: Clock["after"] = (ms, task) => {
  const timer = setTimeout(task, Math.max(0, ms));
  return () => clearTimeout(timer);
};

/** This machine. `state`: the directory for state. */
export const machineWith = (state: string | undefined): Machine => ({
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  after,
  random: () => Math.random(),
  files: state === undefined ? undefined : filesUnder(state),
  log: logToStderr,
});
