import type { Clock } from "../../../schedule/clock.ts";
import { type Files, filesUnder } from "../files/disk.ts";
import { type Log, logToStderr } from "../output/log.ts";

/** What every command has of the machine it runs on; tests put another one here. */
export interface Machine {
  /** Milliseconds, never set. */
  monotonic: () => number;
  /** The machine's own idea of the time, epoch milliseconds: a first guess and no more. */
  wall: () => number;
  after: Clock["after"];
  /** 0 to 1. */
  random: () => number;
  /** Where state is kept; undefined: nowhere. */
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
