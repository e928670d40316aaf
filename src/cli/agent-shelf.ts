import { promises } from "node:fs";
import { join } from "node:path";
import type { Place } from "../client/client.ts";
import { NoticeRequestSchema } from "../domain/heartbeat.ts";
import { fromInstant, toInstant } from "../domain/instant.ts";
import type { Log } from "./log.ts";
import { isEnding, USEFUL_MS, type Notice } from "./agent-notice.ts";

const { mkdir, readFile, rename, rm, writeFile } = promises;

/** Where the end of a boot is kept until the detector has it. A disk that fails is logged and does no other harm. */
export class Shelf {
  readonly #directory: string | undefined;
  readonly #file: string;
  readonly #log: Log;
  /** One after the other: a removal must not overtake the write before it. */
  #last: Promise<void> = Promise.resolve();

  /** Without a directory nothing is kept. */
  constructor(directory: string | undefined, { site, target }: Place, log: Log) {
    this.#directory = directory;
    // Neither name can hold a dot, so agents of several targets may share the directory.
    this.#file = join(directory ?? "", `${site}.${target}.notice.json`);
    this.#log = log;
  }

  /** What an earlier run could not deliver; undefined when there is none, or none of use at `now` (epoch ms). */
  async load(now: number): Promise<Notice | undefined> {
    if (this.#directory === undefined) return undefined;
    const notice = await this.#read();
    if (notice === undefined) return undefined;
    if (isEnding(notice) && Math.abs(now - notice.at()) <= USEFUL_MS) return notice;
    this.#log("info", "notice-dropped", { kind: notice.kind, bootId: notice.bootId, reason: "too old" });
    await this.forget();
    return undefined;
  }

  keep({ kind, bootId, restarting, at }: Notice): Promise<void> {
    const text = JSON.stringify({ kind, bootId, restarting, at: toInstant(at()) });
    return this.#next("cannot-keep-notice", async (directory) => {
      await mkdir(directory, { recursive: true });
      const draft = `${this.#file}.${process.pid}`;
      try {
        await writeFile(draft, text, { mode: 0o600 });
        await rename(draft, this.#file);
      } catch (error) {
        // What a full disk leaves of it.
        await rm(draft, { force: true });
        throw error;
      }
    });
  }

  forget(): Promise<void> {
    return this.#next("cannot-drop-notice", () => rm(this.#file, { force: true }));
  }

  /** Resolves when the disk has all it was told. */
  settled(): Promise<void> {
    return this.#last;
  }

  #next(failure: string, act: (directory: string) => Promise<void>): Promise<void> {
    const directory = this.#directory;
    if (directory === undefined) return this.#last;
    this.#last = this.#last.then(() =>
      act(directory).catch((error: unknown) =>
        this.#log("warn", failure, { file: this.#file, reason: String(error) }),
      ),
    );
    return this.#last;
  }

  async #read(): Promise<Notice | undefined> {
    try {
      const text = await readFile(this.#file, "utf8");
      const { kind, bootId, restarting, at } = NoticeRequestSchema.parse(JSON.parse(text));
      const atMs = at === undefined ? Number.NaN : fromInstant(at);
      return { kind, bootId, restarting, at: () => atMs };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      this.#log("warn", "cannot-read-notice", { file: this.#file, reason: String(error) });
      return undefined;
    }
  }
}
