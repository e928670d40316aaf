import { join } from "node:path";
import type { Place } from "../../../client/paths.ts";
import { readIfThere, replaceFile } from "../../shared/files/durable.ts";
import { makeDirectory } from "../../shared/files/make-directory.ts";

interface Kept {
  greatest: number;
  spent: number;
}

/**
 * Keeps a group's epochs on disk, so that they outlive this process. Failures are thrown. `greatest`: the greatest epoch seen; a member
 * that leads by an older one leads by a lease that is over. `spent`: the greatest epoch that this member has given back, or is about to
 * give back. The release may be under way for long, and the detector would take a member that led by that epoch again for stopped.
 */
export class Epochs {
  readonly #directory: string;
  readonly file: string;
  #kept: Kept | undefined;

  constructor(directory: string, { site, target }: Place, group: string) {
    this.#directory = directory;
    // Names hold no dot, so that no two members share a file.
    this.file = join(directory, `${site}.${target}.${group}.epoch`);
  }

  /** 0 before the first. */
  get greatest(): number {
    return this.#known.greatest;
  }

  /** 0 before the first. */
  get spent(): number {
    return this.#known.spent;
  }

  /** The epoch is on disk for good once this returns. An older epoch changes nothing. */
  keep(epoch: number): void {
    if (epoch > this.greatest) this.#write({ greatest: epoch, spent: this.spent });
  }

  /** Keeps an epoch that is given back, in the same way. */
  spend(epoch: number): void {
    if (epoch > this.spent) this.#write({ greatest: Math.max(epoch, this.greatest), spent: epoch });
  }

  get #known(): Kept {
    return (this.#kept ??= this.#read());
  }

  #write(kept: Kept): void {
    makeDirectory(this.#directory);
    replaceFile(this.file, `${kept.greatest} ${kept.spent}\n`, 0o600);
    this.#kept = kept;
  }

  #read(): Kept {
    const text = readIfThere(this.file);
    if (text === undefined) return { greatest: 0, spent: 0 };
    const [, greatest, spent] = /^(\d{1,15}) (\d{1,15})\n$/.exec(text) ?? [];
    if (greatest !== undefined) return { greatest: Number(greatest), spent: Number(spent) };
    throw new Error(
      `${this.file} does not hold two epochs: remove it if you know that no older leader is left`,
    );
  }
}
