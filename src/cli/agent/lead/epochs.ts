import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../../client/place.ts";
import { readIfThere, replaceFile } from "../../durable.ts";

/** The greatest epoch seen of a group, on a disk: whoever leads by an older one leads by a lease that is over. What fails is thrown. */
export class Epochs {
  readonly #directory: string;
  readonly file: string;
  #greatest: number | undefined;

  constructor(directory: string, { site, target }: Place, group: string) {
    this.#directory = directory;
    // A dot is in no name, so that no two members share a file.
    this.file = join(directory, `${site}.${target}.${group}.epoch`);
  }

  /** 0 before the first. */
  get greatest(): number {
    this.#greatest ??= this.#read();
    return this.#greatest;
  }

  /** On the disk for good once this returns. An older one changes nothing. */
  keep(epoch: number): void {
    if (epoch <= this.greatest) return;
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    replaceFile(this.file, `${epoch}\n`, 0o600);
    this.#greatest = epoch;
  }

  #read(): number {
    const text = readIfThere(this.file);
    if (text === undefined) return 0;
    if (/^\d{1,15}\n$/.test(text)) return Number(text);
    throw new Error(
      `${this.file} does not hold an epoch: remove it if you know that no older leader is left`,
    );
  }
}
