import { linkSync, lstatSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../files/durable.ts";
import { identify, type Identity, isSameProcess } from "./process.ts";

const isHeld = (holder: Identity): boolean => {
  const now = holder.pid === process.pid ? null : identify(holder.pid);
  return now !== null && isSameProcess(holder, now);
};

const holderIn = (text: string): Identity | undefined => {
  try {
    const { pid, startTicks } = JSON.parse(text) as Partial<Identity>;
    if (typeof pid !== "number") return undefined;
    return { pid, startTicks: typeof startTicks === "number" ? startTicks : null };
  } catch {
    return undefined;
  }
};

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/**
 * Locks a directory's files for this process: two processes that number reports in one outbox would use numbers twice. Returns a release,
 * or the id of the process that holds the lock. Throws where the disk fails. A lock whose holder has died does not count. `name`: of the
 * file that names the holder.
 */
export const takeLock = (directory: string, name = "lock"): { release: () => void } | { heldBy: number } => {
  const file = join(directory, name);
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, JSON.stringify(identify(process.pid)));
    for (;;) {
      // A link, so that the file is never seen empty.
      if (linked(draft, file)) return { release: () => rmSync(file, { force: true }) };
      const text = textIn(file);
      const holder = text === undefined ? undefined : holderIn(text);
      if (holder !== undefined && isHeld(holder)) return { heldBy: holder.pid };
      if (text !== undefined) clear(file, text);
    }
  } finally {
    rmSync(draft, { force: true });
  }
};

const linked = (draft: string, file: string): boolean => {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
};

/** Undefined for a file that is gone, even if it went while it was read. A link that points nowhere would be there for ever: it throws. */
const textIn = (file: string): string | undefined => {
  try {
    return readIfThere(file);
  } catch (error) {
    if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
    throw error;
  }
};

/** Puts a dead holder's lock aside. If another process has taken the lock meanwhile, puts that lock back. */
const clear = (file: string, text: string): void => {
  const aside = `${file}.${process.pid}.old`;
  try {
    renameSync(file, aside);
    if (textIn(aside) !== text) linked(aside, file);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
  } finally {
    rmSync(aside, { force: true });
  }
};
