import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../output/log.ts";

/** Files by name; tests put a failing disk here. May throw. */
export interface Files {
  /** Undefined where there is no such file. */
  read: (name: string) => string | undefined;
  /** Replaces it whole or not at all. Not synced: what a power cut takes, the detector's numbering makes up for. */
  write: (name: string, text: string) => void;
  /** Without effect where there is none. */
  remove: (name: string) => void;
  /** Names in a folder; none where there is none. */
  list: (folder: string) => string[];
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === "ENOENT";

/** Files under `root`. Readable by nobody else: an assignment may hold secret headers. */
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
    mkdirSync(join(file, ".."), { recursive: true, mode: 0o700 });
    try {
      writeFileSync(draft, text, { mode: 0o600 });
      renameSync(draft, file);
    } catch (error) {
      // What a full disk leaves of it.
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
 * Text files that may fail. What cannot be written is kept in memory and counts all the same; every
 * later write tries the disk again and, once that works, takes along what was left behind.
 */
export class Disk {
  readonly #files: Files | undefined;
  readonly #log: Log;
  /** What the disk would not take, the newest text by name. */
  readonly #unwritten = new Map<string, string>();
  #isFailing = false;
  readonly #complaints = new Set<string>();

  /** Without `files` all is kept in memory alone. */
  constructor(files: Files | undefined, log: Log) {
    this.#files = files;
    this.#log = log;
  }

  /** Undefined where there is nothing, or nothing that can be read. */
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
    // The newest first: after a failure nothing else would be tried.
    this.#flush([name, ...this.#unwritten.keys()]);
  }

  /** Tries once more what the disk would not take. */
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

  /** Once each: a broken disk fails at every tick. */
  #complain(event: string, name: string, error: unknown): void {
    if (!this.#complaints.has(event)) this.#log("warn", event, { file: name, reason: String(error) });
    this.#complaints.add(event);
  }
}
