import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../client/place.ts";
import { readIfThere, replaceFile } from "../durable.ts";

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
    const text = readIfThere(this.file);
    if (text === undefined) return 0;
    if (/^\d{1,15}\n$/.test(text)) return Number(text);
    throw new Error(
      `${this.file} does not hold a sequence: remove it if you know that no failover is at stake`,
    );
  }

  /** On the disk for good once this returns, whole or not at all. */
  write(sequence: number): void {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    replaceFile(this.file, `${sequence}\n`, 0o600);
  }
}
