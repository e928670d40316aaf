import { readdirSync } from "node:fs";
import { readText } from "../../shared/process/process.ts";

/** A field of /proc/PID/stat after the name: proc(5). */
const GROUP = 2;
const ENDED = new Set(["Z", "X", "x"]);

const isMember = (group: number, pid: string): boolean => {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === null) return false;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[GROUP] === String(group) && !ENDED.has(fields[0] ?? "");
};

/** Whether any process of a group runs. One that has exited and is not yet reaped does not. */
export const groupRuns = (group: number): boolean => {
  try {
    process.kill(-group, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    return readdirSync("/proc").some((name) => /^\d+$/.test(name) && isMember(group, name));
  } catch {
    return true;
  }
};
