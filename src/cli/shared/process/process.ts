import { readFileSync } from "node:fs";

/** A process told from any later one with the same pid. */
export interface Identity {
  pid: number;
  /** When it started, in clock ticks since the host's boot; null where the system does not tell. */
  startTicks: number | null;
}

/** Fields of /proc/PID/stat after the name, which may hold anything but ends with the last `)`: proc(5). */
const STATE = 0;
const START_TICKS = 19;

/** The process that has this pid; null when none runs. One that has exited and is not yet reaped does not run. */
export const identify = (pid: number): Identity | null => {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return isSignalable(pid) ? { pid, startTicks: null } : null;
  return identityIn(pid, stat);
};

/** The process a line of /proc/PID/stat speaks of; null when it has exited. */
export const identityIn = (pid: number, stat: string): Identity | null => {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (["Z", "X", "x"].includes(fields[STATE] ?? "")) return null;
  const startTicks = Number(fields[START_TICKS]);
  return { pid, startTicks: Number.isFinite(startTicks) ? startTicks : null };
};

/** Whether both are one process. Where no start time is known the pid alone decides. */
export const isSameProcess = (one: Identity, other: Identity): boolean =>
  one.pid === other.pid &&
  (one.startTicks === null || other.startTicks === null || one.startTicks === other.startTicks);

/** What a file of /proc holds; null where there is none. */
export const readText = (file: string): string | null => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
};

/** A process of somebody else's may not be signalled (EPERM), and is there. */
const isSignalable = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
};
