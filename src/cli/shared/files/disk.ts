import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../output/log.ts";
import { makeDirectory } from "./make-directory.ts";

/** Files by name; tests put a failing disk here. May throw. */
export interface Files {
  /** Undefined where there is no such file. */
  read: (name: string) => string | undefined;
  /** Replaces the file whole or not at all. Not synced: the detector's numbering makes up for what a power cut takes. */
  write: (name: string, text: string) => void;
  /** Without effect where there is no such file. */
  remove: (name: string) => void;
  /** Names in a folder; none where there is none. */
  list: (folder: string) => string[];
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Files under `root`. Only the owner can read them: an assignment may hold secret headers. */
export const filesUnder = (root: string): Files => ({
  read: (name) => {
    try {
      return readFileSync(join(root, name), "utf8");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  },
  write: (name, text) => {
    const file = join(root, name);
    const draft = `${file}.new`;
    makeDirectory(join(file, ".."));
    try {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      // A full disk may leave a part of the draft.
      rmSync(draft, { force: true });
      throw error;
    }
  },
  remove: (name) => rmSync(join(root, name), { force: true }),
  list: (folder) => {
    try {
      return readdirSync(join(root, folder));
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
  },
});

/**
 * Text files on a disk that may fail. A text that cannot be written is kept in memory and is read from there. Every later write tries the
 * disk again and, once that works, also writes the texts kept in memory.
 */
export class Disk {
  readonly #files: Files | undefined;
  readonly #log: Log;
  /** The texts that the disk has not accepted, the newest by name. */
  readonly #unwritten = new Map<string, string>();
  #isFailing = false;
  readonly #complaints = new Set<string>();

  /** Without `files`, everything is kept in memory only. */
  constructor(files: Files | undefined, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  /** Undefined where there is no such file, or it cannot be read. */
  read(name: string): string | undefined {
    const held = this.#unwritten.get(name);
    if (held !== undefined) return held;
    try {
      return this.#files?.read(name);
    } catch (error) {
      this.#complain("cannot-read", name, error);
      return undefined;
    }
  }

  write(name: string, text: string): void {
    this.#unwritten.set(name, text);
    // The newest comes first: after a failure no other file is tried.
    this.#flush([name, ...this.#unwritten.keys()]);
  }

  /** Tries once more to write the texts that the disk has not accepted. */
  retry(): void {
    if (this.#unwritten.size > 0) this.#flush([...this.#unwritten.keys()]);
  }

  remove(name: string): void {
    this.#unwritten.delete(name);
    try {
      this.#files?.remove(name);
    } catch (error) {
      this.#complain("cannot-remove", name, error);
    }
  }

  #flush(names: string[]): void {
    if (this.#files === undefined) return;
    try {
      for (const name of names) {
        const text = this.#unwritten.get(name);
        if (text !== undefined) this.#files.write(name, text);
        this.#unwritten.delete(name);
      }
      if (this.#isFailing) this.#log("info", "disk-back");
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing)
        this.#log("warn", "disk-failing", {
          reason: String(error),
          consequence: "what is not yet delivered is kept in memory only, and lost if this process ends",
        });
      this.#isFailing = true;
    }
  }

  list(folder: string): string[] {
    try {
      return this.#files?.list(folder) ?? [];
    } catch (error) {
      this.#complain("cannot-read", folder, error);
      return [];
    }
  }

  /** Logs each event once: a broken disk fails at every tick. */
  #complain(event: string, name: string, error: unknown): void {
    if (!this.#complaints.has(event)) this.#log("warn", event, { file: name, reason: String(error) });
    this.#complaints.add(event);
  }
}
