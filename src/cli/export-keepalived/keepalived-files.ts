import { utimesSync } from "node:fs";
import { join } from "node:path";
import type { Client, Place } from "../../client/client.ts";
import { modeOf, readIfThere, replaceFile } from "../shared/files/durable.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { CUT_OFF, tellsItsEnd } from "../shared/network/whole.ts";
import { inWords, isTokenRefused } from "../shared/output/trouble.ts";
import { type TargetLine, saidIn, saidOfGroup } from "./keepalived-lines.ts";
import type { Settings } from "./settings.ts";

/** A file whose content has changed. */
export interface Written {
  name: string;
  file: string;
  leave: boolean;
  /** The detector's line about the target; undefined where nothing is known and the file needed a first value. */
  line: string | undefined;
}

/** The result for the files. */
export interface KeepalivedWritten {
  written: Written[];
  /** Targets about which nothing is known now, with the line that says so. */
  unsure: Map<string, string>;
  /** Targets that the answer does not name. */
  unknown: string[];
  /** Undefined: there was an answer, and each file could be written. */
  trouble?: string;
  /** At least one file could not be written. */
  isUnwritten: boolean;
  isRefused: boolean;
}

/** Names hold no dot, so that no two targets share a file. */
export const fileOf = (dir: string, { site, target }: Place): string => join(dir, `${site}.${target}`);

/** Reads the file as keepalived does: any number except 0 is to leave. Undefined where keepalived would read 0 for lack of a number. */
const leaveIn = (file: string): boolean | undefined => {
  try {
    const text = (readIfThere(file) ?? "").trim();
    return /^[+-]?\d{1,15}$/.test(text) ? Number(text) !== 0 : undefined;
  } catch {
    // This command did not make a file that it cannot read. A later write shows whether the file can be replaced.
    return undefined;
  }
};

/** Replaces by a rename, which keepalived notices like a write. A write that breaks off would leave an empty file, which is a 0. */
const replace = (file: string, leave: boolean): void =>
  replaceFile(file, leave ? "1\n" : "0\n", modeOf(file));

/** Sets the file's time, so that its age shows since when nothing has been known. */
const touch = (file: string, leave: boolean): void => {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // The file belongs to another user: a new one of ours takes its place.
    replace(file, leave);
  }
};

/** Keeps the files of all targets. The last values are kept in memory too, for a file that is removed meanwhile. */
export class KeepalivedFiles {
  readonly #client: Client;
  readonly #settings: Settings;
  readonly #last = new Map<string, boolean>();

  constructor(client: Client, settings: Settings) {
    this.#client = client;
    this.#settings = settings;
  }

  /** Asks once, and writes the files of targets about which the answer is sure. Never throws. */
  async keep(stop?: AbortSignal): Promise<KeepalivedWritten> {
    const kept: KeepalivedWritten = {
      written: [],
      unsure: new Map(),
      unknown: [],
      isUnwritten: false,
      isRefused: false,
    };
    // Every file gets a value first: keepalived must not wait for the detector.
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

  /** Writes a target's file. Without an answer about the target (`said` undefined), only a file without a value is written. */
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
      kept.isUnwritten = true;
      kept.trouble = `${file} cannot be replaced: ${(error as Error).message}`;
    }
  }
}
