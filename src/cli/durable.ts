/** Files that are replaced whole, and are on the disk for good once that returns. What fails is thrown. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** Undefined where there is no such file. */
export const readIfThere = (file: string): string | undefined => {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
};

/** For files that somebody else reads. A mode given by hand stays. */
export const modeOf = (file: string): number => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0o644 : found.mode & 0o777;
};

/** Readers see the old text or the new one, a power cut leaves one of them. */
export const replaceFile = (file: string, text: string, mode: number): void => {
  const directory = dirname(file);
  const draft = join(directory, `.${basename(file)}.${process.pid}`);
  try {
    // What a killed run with this process id left behind goes first: it might be a link.
    rmSync(draft, { force: true });
    synced(openSync(draft, "wx", mode), (descriptor) => {
      // Whatever the umask says: others are to read it, or not.
      fchmodSync(descriptor, mode);
      writeFileSync(descriptor, text);
    });
    renameSync(draft, file);
    // Else a power cut may take the rename back.
    synced(openSync(directory, "r"), () => undefined);
  } finally {
    rmSync(draft, { force: true });
  }
};

const synced = (descriptor: number, change: (descriptor: number) => void): void => {
  try {
    change(descriptor);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
};
