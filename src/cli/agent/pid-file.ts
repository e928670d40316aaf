import { readFileSync, statSync } from "node:fs";

const MAX_PID = 4_194_304;

export interface PidFile {
  /** null when the file holds no pid, or not yet. */
  pid: number | null;
  /** Differs after each writing. */
  version: string;
}

/** The content of a pid file; null when there is no file. A file that cannot be read holds no pid. */
export const readPidFile = (file: string): PidFile | null => {
  try {
    const { ino, mtimeMs, size } = statSync(file);
    const pid = parsePid(readFileSync(file, "utf8").split("\n", 1)[0] ?? "");
    return { pid, version: [ino, mtimeMs, size].join(":") };
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? null : { pid: null, version: "" };
  }
};

/** A pid in decimal, or null. */
export const parsePid = (text: string): number | null => {
  const pid = Number(text.trim());
  return Number.isInteger(pid) && pid > 0 && pid <= MAX_PID ? pid : null;
};
