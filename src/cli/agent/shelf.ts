import type { Place } from "../../client/client.ts";
import { NoticeRequestSchema } from "../../domain/heartbeat.ts";
import { fromInstant, toInstant } from "../../domain/instant.ts";
import { Disk } from "../shared/files/disk.ts";
import type { Machine } from "../shared/process/machine.ts";
import { isEnding, type AgentNotice } from "./notice.ts";

/** Keeps the end of a boot until the detector has accepted it. Never throws: where the disk fails, memory takes its place. */
export class NoticeShelf {
  readonly #disk: Disk;
  readonly #file: string;
  readonly #log: Machine["log"];

  constructor({ files, log }: Pick<Machine, "files" | "log">, { site, target }: Place) {
    this.#disk = new Disk(files, log);
    // Neither name can hold a dot, so agents of several targets may share the directory.
    this.#file = `${site}.${target}.notice.json`;
    this.#log = log;
  }

  /** The notice that an earlier run could not deliver. */
  load(): AgentNotice | undefined {
    const text = this.#disk.read(this.#file);
    const notice = text === undefined ? undefined : noticeIn(text);
    if (text !== undefined && notice === undefined)
      this.#log("warn", "notice-dropped", { file: this.#file, reason: "unreadable" });
    return notice;
  }

  keep({ kind, bootId, restarting, at }: AgentNotice): void {
    this.#disk.write(this.#file, JSON.stringify({ kind, bootId, restarting, at: toInstant(at()) }));
  }

  /** Tries once more to write what the disk has refused. */
  retry(): void {
    this.#disk.retry();
  }

  forget(): void {
    this.#disk.remove(this.#file);
  }
}

/** Undefined for a file that another version wrote, or that a power cut left incomplete. */
const noticeIn = (text: string): AgentNotice | undefined => {
  try {
    const { kind, bootId, restarting, at } = NoticeRequestSchema.required({ at: true }).parse(
      JSON.parse(text),
    );
    const atMs = fromInstant(at);
    const notice = { kind, bootId, restarting, at: () => atMs };
    return isEnding(notice) ? notice : undefined;
  } catch {
    return undefined;
  }
};
