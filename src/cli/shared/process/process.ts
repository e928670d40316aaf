import { readFileSync } from "node:fs";

/** Distinguishes a process from any later one with the same pid. */
export interface Identity {
  pid: number;
  /** When the process started, in clock ticks since the host's boot; null where the system does not report that. */
  startTicks: number | null;
}

/** Fields of /proc/PID/stat after the name, which may hold anything but ends with the last `)`: proc(5). */
const STATE = 0;
const START_TICKS = 19;

/** The process that has this pid; null when none runs. A process that has exited and is not yet reaped does not run. */
export const identify = (pid: number): Identity | null => {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return isSignalable(pid) ? { pid, startTicks: null } : null;
  return identityIn(pid, stat);
};

/** The process of a line of /proc/PID/stat; null when it has exited. */
export const identityIn = (pid: number, stat: string): Identity | null => {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (["Z", "X", "x"].includes(fields[STATE] ?? "")) return null;
  const startTicks = Number(fields[START_TICKS]);
  return { pid, startTicks: Number.isFinite(startTicks) ? startTicks : null };
};

/** Whether both are the same process. Where a start time is unknown, the pid alone decides. */
export const isSameProcess = (one: Identity, other: Identity): boolean =>
  one.pid === other.pid &&
  (one.startTicks === null || other.startTicks === null || one.startTicks === other.startTicks);

/** The content of a file of /proc; null where there is no such file. */
export const readText = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
};

/** Whether a process exists. One of another user refuses signals (EPERM), but exists. */
const isSignalable = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
