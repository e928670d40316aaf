import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

const isDirectory = (path: string): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/**
 * Makes a directory for nobody else, and those above it that are missing. Failures are thrown, and name the path. Node's own recursive call
 * never returns where the system says that there is no such entry though there is one above, as under /proc.
 */
export const makeDirectory = (directory: string): void => {
  if (isDirectory(directory)) return;
  const above = dirname(directory);
  if (above !== directory) makeDirectory(above);
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    // Another process may have made it meanwhile.
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isDirectory(directory)) throw error;
  }
};

/** Errors by which a path can never be a directory, in contrast to a disk that is full, read-only or failing. */
const IMPOSSIBLE = new Set(["ENOENT", "ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG"]);

/** Makes a state directory. Why it can never be there, where that is so: then its name is wrong. A disk that fails is no such reason. */
export const impossibleState = (directory: string): string | undefined => {
  try {
    makeDirectory(directory);
    return undefined;
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return IMPOSSIBLE.has(code)
      ? `--state: no directory can be made at ${directory} (${message}): name another`
      : undefined;
  }
};
