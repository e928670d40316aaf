import type { Place } from "../../../client/place.ts";
import { epochsIn, type Greatest } from "../../greatest.ts";

/** The greatest epoch seen of a group: whoever leads by an older one leads by a lease that is over. What fails is thrown. */
export class Epochs {
  readonly #kept: Greatest;
  #greatest: number | undefined;

  constructor(directory: string, { site, target }: Place, group: string) {
    this.#kept = epochsIn(directory, site, target, group);
  }

  get file(): string {
    return this.#kept.file;
  }

  /** 0 before the first. */
  get greatest(): number {
    this.#greatest ??= this.#kept.read();
    return this.#greatest;
  }

  /** On the disk for good once this returns. An older one changes nothing. */
  keep(epoch: number): void {
    if (epoch <= this.greatest) return;
    this.#kept.write(epoch);
    this.#greatest = epoch;
  }
}
