import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Place } from "../../client/client.ts";

/** The newest sequence seen of a target, on a disk. Whatever is wrong with it is thrown: then nobody knows what was seen. */
export class Memory {
  readonly #directory: string;
  readonly file: string;

  constructor(directory: string, { site, target }: Place) {
    this.#directory = directory;
    // A dot is in no name, so that no two targets share a file.
    this.file = join(directory, `${site}.${target}.sequence`);
  }

  /** 0 before the first. */
  read(): number {
    const text = this.#text();
    if (text === undefined) return 0;
    if (/^\d{1,15}\n$/.test(text)) return Number(text);
    throw new Error(
      `${this.file} does not hold a sequence: remove it if you know that no failover is at stake`,
    );
  }

  /** On the disk for good once this returns, whole or not at all. */
  write(sequence: number): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    const draft = `${this.file}.${process.pid}`;
    try {
      const file = openSync(draft, "w", 0o600);
      try {
        writeSync(file, `${sequence}\n`);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(draft, this.file);
      this.#syncDirectory();
    } finally {
      rmSync(draft, { force: true });
    }
  }

  #text(): string | undefined {
    try {
      return readFileSync(this.file, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }

  /** Else a power cut may take the rename back. */
  #syncDirectory(): void {
    const directory = openSync(this.#directory, "r");
    try {
      fsyncSync(directory);
    } finally {
      closeSync(directory);
    }
  }
}
