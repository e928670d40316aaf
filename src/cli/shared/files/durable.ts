/** Files that are replaced whole, and are on disk for good once the call returns. Failures are thrown. */
import {
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";

/** More than any file that is kept here can reach; a device or a pipe might never end. */
const MAX_BYTES = 16 * 1_048_576;

/**
 * Undefined where there is no such file. Throws where it is not a regular file, is far too long, or is a link that points nowhere: then the
 * text that was kept is out of reach, not absent.
 */
export const readIfThere = (file: string): string | undefined => {
  if (lstatSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const found = statSync(file);
  if (!found.isFile()) throw new Error(`${file} is no regular file`);
  if (found.size > MAX_BYTES) throw new Error(`${file} is longer than ${MAX_BYTES} bytes`);
  return readFileSync(file, "utf8");
};

/** The file itself, through links. Throws where it is not a regular file: a device must not be replaced. */
const replaceable = (file: string): string => {
  const found = lstatSync(file, { throwIfNoEntry: false });
  if (found === undefined || found.isFile()) return file;
  if (found.isSymbolicLink() && statSync(file).isFile()) return realpathSync(file);
  throw new Error(`${file} is no regular file`);
};

/** Throws where a file could not be replaced, or not be made: where it is no regular file, or its folder takes no file. */
export const mustBeReplaceable = (name: string): void => {
  const file = replaceable(name);
  const draft = join(dirname(file), `.${basename(file)}.${process.pid}`);
  rmSync(draft, { force: true });
  try {
    closeSync(openSync(draft, "wx", 0o600));
  } finally {
    rmSync(draft, { force: true });
  }
};

/** The mode for a file that other programs read. A mode set by hand stays. */
export const modeOf = (file: string): number => {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined ? 0o644 : found.mode & 0o777;
};

/** Replaces a file. Readers see the old text or the new one, and a power cut leaves one of them. */
export const replaceFile = (name: string, text: string, mode: number): void => {
  const file = replaceable(name);
  const directory = dirname(file);
  const draft = join(directory, `.${basename(file)}.${process.pid}`);
  try {
    // A killed run with this process id may have left a draft. It is removed first, since it might be a link.
    rmSync(draft, { force: true });
    synced(openSync(draft, "wx", mode), (descriptor) => {
      // The mode holds whatever the umask is: it decides whether others can read the file.
      fchmodSync(descriptor, mode);
      writeFileSync(descriptor, text);
    });
    renameSync(draft, file);
    // Otherwise a power cut may undo the rename.
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
