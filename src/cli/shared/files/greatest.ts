import { join } from "node:path";
import { readIfThere, replaceFile } from "./durable.ts";
import { makeDirectory } from "./make-directory.ts";

/** Keeps on disk the greatest number seen of something that only rises. Every failure is thrown, since then the number is unknown. */
export class Greatest {
  readonly #directory: string;
  readonly #what: string;
  readonly file: string;

  /** `name`: of the file. `what`: what the number is, as in "an epoch", and the one condition on which to remove the file. */
  constructor(directory: string, name: string, what: string) {
    this.#directory = directory;
    this.#what = what;
    this.file = join(directory, name);
  }

  /** 0 before the first. */
  read(): number {
    const text = readIfThere(this.file);
    if (text === undefined) return 0;
    if (/^\d{1,15}\n$/.test(text)) return Number(text);
    throw new Error(`${this.file} does not hold ${this.#what}`);
  }

  /** The number is on disk for good once this returns, whole or not at all. */
  write(number: number): void {
    makeDirectory(this.#directory);
    replaceFile(this.file, `${number}\n`, 0o600);
  }
}

/** Names hold no dot, so no two lists of names share a file. */
export const epochsIn = (directory: string, ...names: string[]): Greatest =>
  new Greatest(
    directory,
    `${names.join(".")}.epoch`,
    "an epoch: remove it if you know that no older leader is left",
  );
