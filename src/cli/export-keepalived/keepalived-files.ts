import { utimesSync } from "node:fs";
import { join } from "node:path";
import type { Client, Place } from "../../client/client.ts";
import { modeOf, readIfThere, replaceFile } from "../shared/files/durable.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { CUT_OFF, tellsItsEnd } from "../shared/network/whole.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type TargetLine, saidIn, saidOfGroup } from "./keepalived-lines.ts";
import type { Settings } from "./settings.ts";

/** A file that now says something else than before. */
export interface Written {
  name: string;
  file: string;
  leave: boolean;
  /** What was said of the target; undefined where nothing is known, and the file had to begin with something. */
  line: string | undefined;
}

/** What became of the files. */
export interface KeepalivedWritten {
  written: Written[];
  /** Targets of which nothing is known now, with the line that says so. */
  unsure: Map<string, string>;
  /** Targets that the answer does not name. */
  unknown: string[];
  /** Undefined: there was an answer, and each file could be written. */
  trouble?: string;
  isRefused: boolean;
}

/** A dot is in no name, so that no two targets share a file. */
export const fileOf = (dir: string, { site, target }: Place): string => join(dir, `${site}.${target}`);

/** As keepalived reads it: any number but 0 is to leave. Undefined where it would take the file for 0 for want of a number. */
const leaveIn = (file: string): boolean | undefined => {
  try {
    const text = (readIfThere(file) ?? "").trim();
    return /^[+-]?\d{1,15}$/.test(text) ? Number(text) !== 0 : undefined;
  } catch {
    // What we cannot read is not of our making; whether it can be replaced will be seen.
    return undefined;
  }
};

/** keepalived notices a rename and a write alike; a write that breaks off would leave an empty file, which is a 0. */
const replace = (file: string, leave: boolean): void =>
  replaceFile(file, leave ? "1\n" : "0\n", modeOf(file));

/** So that a file's age tells since when nothing has been known. */
const touch = (file: string, leave: boolean): void => {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // The file was another's: it becomes ours.
    replace(file, leave);
  }
};

/** Keeps the files of all targets. What was last said is kept here too, for a file that is removed meanwhile. */
export class KeepalivedFiles {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #last = new Map<string, boolean>();

  constructor(client: Client, settings: Settings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** Asks once, and writes what is known. Never throws. */
  async keep(stop?: AbortSignal): Promise<KeepalivedWritten> {
    const kept: KeepalivedWritten = { written: [], unsure: new Map(), unknown: [], isRefused: false };
    // keepalived is not to wait for the detector.
    for (const place of this.#settings.places) this.#write(place, undefined, kept);
    const said = await this.#ask(kept, stop);
    if (said === undefined) return kept;
    for (const place of this.#settings.places) {
      const name = nameOf(place);
      const about = said.get(name);
      if (about === undefined) kept.unknown.push(name);
      else if (about.leave === undefined) kept.unsure.set(name, about.line);
      else this.#write(place, about, kept);
    }
    return kept;
  }

  async #ask(
    kept: KeepalivedWritten,
    stop: AbortSignal | undefined,
  ): Promise<Map<string, TargetLine> | undefined> {
    const { places, slant, group } = this.#settings;
    const [first, ...others] = new Set(places.map(({ site }) => site));
    const called =
      group === undefined
        ? await this.#client.avoids({ ...slant, site: others.length === 0 ? first : undefined, stop })
        : await this.#client.groups.get(group, { stop });
    if (called.kind !== "ok") {
      kept.trouble = inWords(called);
      kept.isRefused = isTokenRefused(called);
      return undefined;
    }
    if (typeof called.value !== "string") return saidOfGroup(called.value.group);
    const said = tellsItsEnd(called.headers) ? saidIn(called.value) : CUT_OFF;
    if (typeof said !== "string") return said;
    kept.trouble = said === CUT_OFF ? said : `the answer is not the detector's: ${said}`;
    return undefined;
  }

  /** Without a word about it only a file that says nothing is written, and what stands in it stays. */
  #write(place: Place, said: TargetLine | undefined, kept: KeepalivedWritten): void {
    const [name, file] = [nameOf(place), fileOf(this.#settings.dir, place)];
    const before = leaveIn(file);
    if (said === undefined && before !== undefined) return;
    const leave = said?.leave ?? this.#last.get(name) ?? false;
    if (said !== undefined) this.#last.set(name, leave);
    try {
      if (before === leave) return touch(file, leave);
      replace(file, leave);
      kept.written.push({ name, file, leave, line: said?.line });
    } catch (error) {
      kept.trouble = `${file} cannot be replaced: ${(error as Error).message}`;
    }
  }
}
