/**
 * A long report in pieces of limited time: what has been played is kept on disk, so a run that was
 * stopped goes on where it was. Kept under a fingerprint of the code that played it: a changed judge starts anew.
 */
import { createHash } from "node:crypto";
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Task } from "../crew-member.ts";
import { chunksOf, type Player } from "../crew.ts";
import { type KindTally, type KindTask, mergeKinds } from "../kinds/play-kind.ts";
import { mergeWatches, type Watch } from "../months/tally.ts";
import type { WatchTask } from "../months/watch.ts";
import { mergeTallies, type Tally } from "../tally.ts";

/** Seeds, and worlds, kept together: what a run that is stopped loses at most. */
const CHUNK = 50;
const WORLDS = 10;

/** All that decides what a run comes to. The report and the claims only choose and show runs. */
const CODE = ["src/{domain,schedule,verdict}/**/*.ts", "harness/sim/**/*.ts", "package-lock.json"];
const SHOWING =
  /\.test\.ts$|sim\/(?:report|claims|audit)\/|kinds\/(?:printed|before)\.ts$|sim\/(?:run|options|printed|table|replay)\.ts$/;

const digestOf = (...texts: string[]): string => {
  const hash = createHash("sha256");
  for (const text of texts) hash.update(text).update("\0");
  return hash.digest("hex").slice(0, 16);
};

/** The code in `root`, without what only shows, as a short text that changes whenever the code does. */
export const fingerprintOf = (root: string, code = CODE, showing = SHOWING): string => {
  const paths = globSync(code, { cwd: root })
    .filter((path) => !showing.test(path))
    .toSorted();
  return digestOf(...paths.flatMap((path) => [path, readFileSync(join(root, path), "utf8")]));
};

/** Thrown when the time is up; what was played until then is kept. */
export class OutOfTime extends Error {
  constructor() {
    super("the time is up; the same command goes on from here");
  }
}

export class KeptPlayer implements Player {
  readonly #player: Player;
  readonly #directory: string;
  readonly #isTimeUp: () => boolean;

  /** Keeps in `directory`, which is made if need be. Nothing is begun any more once `isTimeUp`. */
  constructor(player: Player, directory: string, isTimeUp: () => boolean) {
    this.#player = player;
    this.#directory = directory;
    this.#isTimeUp = isTimeUp;
    mkdirSync(directory, { recursive: true });
  }

  async play(task: Task): Promise<Tally[]> {
    const parts: Tally[][] = [];
    for (const chunk of chunksOf(task, CHUNK))
      // oxlint-disable-next-line no-await-in-loop -- its seeds share the cores already
      parts.push(await this.#kept(["play", chunk], () => this.#player.play(chunk)));
    return task.detectors.map((_, index) => mergeTallies(parts.map((part) => part[index] as Tally)));
  }

  async playKind(task: KindTask): Promise<KindTally> {
    const parts: KindTally[] = [];
    for (const chunk of chunksOf(task, CHUNK))
      // oxlint-disable-next-line no-await-in-loop -- as above
      parts.push(await this.#kept(["kind", chunk], () => this.#player.playKind(chunk)));
    return mergeKinds(parts);
  }

  async watch(tasks: readonly WatchTask[]): Promise<Watch> {
    const parts: Watch[] = [];
    for (let first = 0; first < tasks.length; first += WORLDS) {
      const some = tasks.slice(first, first + WORLDS);
      // oxlint-disable-next-line no-await-in-loop -- as above
      parts.push(await this.#kept(["watch", some], () => this.#player.watch(some)));
    }
    return mergeWatches(parts);
  }

  async #kept<T>(what: unknown, make: () => Promise<T>): Promise<T> {
    const path = join(this.#directory, `${digestOf(JSON.stringify(what))}.json`);
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as T;
    if (this.#isTimeUp()) throw new OutOfTime();
    const made = await make();
    // Whole or not at all, wherever the run is stopped.
    writeFileSync(`${path}.part`, JSON.stringify(made));
    renameSync(`${path}.part`, path);
    return made;
  }
}
