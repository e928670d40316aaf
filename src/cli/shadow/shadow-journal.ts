/** The file that a shadow writes. Only one process at a time appends to it, and each line is written before anything else happens. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { basename, dirname } from "node:path";
import { takeLock } from "../shared/process/lock.ts";
import { realPathOf } from "./real-path.ts";
import type { CheckerKind } from "../../domain/shadow-journal-lines.ts";
import type { Line, LineOf } from "../../domain/shadow-journal-lines.ts";
import {
  type CheckerRead,
  headLine,
  headOf,
  isUnbegun,
  type ReadingFlaw,
  readJournal,
} from "./checker-reading.ts";

/** A line without its time and its run. */
export type Entry = {
  [K in Line["kind"]]: K extends "shadow" ? never : Omit<LineOf<K>, "at" | "run">;
}[Line["kind"]];

/** The state that earlier runs left behind. */
interface Past {
  run: number;
  at: number;
  /** Resumes the detector's events. */
  cursor: string | undefined;
}

interface Manner {
  file: string;
  maxBytes: number;
  kind: CheckerKind;
  everyMs: number;
  /** Epoch milliseconds. */
  now: () => number;
}

/** The file for the older half of a journal that has reached its limit. */
export const olderOf = (file: string): string => `${file}.1`;

const cursorIn = (line: Line): string | undefined =>
  line.kind === "event" || line.kind === "verdicts" ? line.id : undefined;

const pastOf = (lines: readonly Line[]): Past =>
  lines.reduce<Past>(
    (past, line) => ({
      run: "run" in line ? Math.max(past.run, line.run) : past.run,
      at: Math.max(past.at, line.at),
      cursor: cursorIn(line) ?? past.cursor,
    }),
    { run: 0, at: 0, cursor: undefined },
  );

const NOTHING: CheckerRead = { lines: [], tornBytes: 0 };

const readIfThere = (file: string): CheckerRead | ReadingFlaw[] =>
  existsSync(file) ? readJournal(file, readFileSync(file)) : NOTHING;

/** The same, where a run that was killed over the first line is none that has to be gone on with. */
const readIfBegun = (file: string): CheckerRead | ReadingFlaw[] => {
  if (!existsSync(file)) return NOTHING;
  const bytes = readFileSync(file);
  return isUnbegun(bytes) ? { lines: [], tornBytes: bytes.length } : readJournal(file, bytes);
};

/** Why no run may write to a file; undefined where one may, or where it is not there yet. */
const whyUnfit = (file: string): string | undefined => {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (!found.isFile())
    return `--out ${file} is ${found.isDirectory() ? "a directory" : "no regular file"}: name a file`;
  // Its lock goes by its path, of which it must have one.
  return found.nlink > 1
    ? `--out ${file} has ${found.nlink} hard links: it must have one, so make a copy and name that`
    : undefined;
};

/** Why a run cannot continue a file, in words. */
type Refusal = { why: string } | { flaws: ReadingFlaw[] };

export class ShadowJournal {
  readonly #manner: Manner;
  readonly #release: () => void;
  readonly #run: number;
  #descriptor: number;
  #bytes: number;
  #at: number;
  /** The cursor at which the detector's events resume after the last run. */
  readonly cursor: string | undefined;

  private constructor(manner: Manner, release: () => void, past: Past) {
    this.#manner = manner;
    this.#release = release;
    this.#run = past.run + 1;
    this.#at = past.at;
    this.cursor = past.cursor;
    this.#descriptor = openSync(manner.file, "a", 0o600);
    this.#bytes = statSync(manner.file).size;
  }

  /** Continues a file, or begins it. Throws where the disk fails. */
  static open(named: Manner): ShadowJournal | Refusal {
    const why = whyUnfit(named.file);
    if (why !== undefined) return { why };
    // One lock for one file, by whatever link it is named; and its older half stands beside the file, not beside the link.
    const manner = { ...named, file: realPathOf(named.file) };
    const { file, kind } = manner;
    const lock = takeLock(dirname(file), `${basename(file)}.lock`);
    if ("heldBy" in lock)
      return { why: `${file} is being written by process ${lock.heldBy}: stop it, or name another --out` };
    const refused = (refusal: Refusal): Refusal => {
      lock.release();
      return refusal;
    };
    const older = readIfThere(olderOf(file));
    if (Array.isArray(older)) return refused({ flaws: older });
    const read = readIfBegun(file);
    if (Array.isArray(read)) return refused({ flaws: read });
    for (const [name, { lines }] of [[olderOf(file), older] as const, [file, read] as const]) {
      const head = headOf(lines);
      if (head !== undefined && head.checker !== kind)
        return refused({ why: `${name} follows ${head.checker}, not ${kind}: name another --out` });
    }
    const lines = [...older.lines, ...read.lines];
    const journal = new ShadowJournal(manner, lock.release, pastOf(lines));
    journal.#begin(read.tornBytes);
    return journal;
  }

  #begin(tornBytes: number): void {
    if (tornBytes > 0) {
      this.#bytes -= tornBytes;
      ftruncateSync(this.#descriptor, this.#bytes);
    }
    const head = this.#bytes === 0 ? [this.#head()] : [];
    const on: Line = {
      kind: "on",
      run: this.#run,
      at: this.#time(),
      everyMs: this.#manner.everyMs,
      ...(tornBytes > 0 ? { dropped: tornBytes } : {}),
    };
    this.#write([...head, on]);
  }

  /** The time now, never before the last one: a clock that is set back must not reverse the order of events. */
  #time(): number {
    this.#at = Math.max(this.#at, this.#manner.now());
    return this.#at;
  }

  #head(): Line {
    const { kind: checker, everyMs } = this.#manner;
    return headLine({ at: this.#time(), checker, everyMs });
  }

  #write(lines: readonly Line[]): void {
    const bytes = Buffer.from(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    for (let left = bytes; left.length > 0;) left = left.subarray(writeSync(this.#descriptor, left));
    fsyncSync(this.#descriptor);
    this.#bytes += bytes.length;
  }

  /** The entries are written when this returns. Throws where the disk fails. True: a new file was begun, which is empty yet. */
  append(entries: readonly Entry[]): boolean {
    const at = this.#time();
    this.#write(entries.map((entry) => ({ ...entry, run: this.#run, at }) as Line));
    return this.#turn();
  }

  /** Once the file reaches half of `maxBytes` it becomes the older half, in place of the previous one. */
  #turn(): boolean {
    if (this.#bytes < this.#manner.maxBytes / 2) return false;
    const { file } = this.#manner;
    closeSync(this.#descriptor);
    renameSync(file, olderOf(file));
    this.#descriptor = openSync(file, "a", 0o600);
    this.#bytes = 0;
    this.#write([this.#head()]);
    return true;
  }

  close(): void {
    closeSync(this.#descriptor);
    this.#release();
  }
}
