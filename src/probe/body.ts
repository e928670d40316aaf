import type { Expect } from "../domain/target.ts";
import { attempt } from "./deadline.ts";
import type { Ending, Progress } from "./progress.ts";

/** What is read of an answer; the rest is cancelled. */
export const BODY_LIMIT = 5_120;

/** The part of a stream's reader that probes use: the same on Workers and on Node. */
export interface Reader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

/** `full`: more came than is read. `failed`: it broke off. `late`: the deadline passed. */
export interface Taken {
  how: "ended" | "full" | "failed" | "late";
  bytes: Uint8Array;
}

/** Gathers bytes up to the limit, in one buffer of fixed size. */
export class Basin {
  private readonly buffer = new Uint8Array(BODY_LIMIT);
  private length = 0;
  /** More was offered than fits. */
  overflowed = false;

  add(chunk: Uint8Array): void {
    const room = BODY_LIMIT - this.length;
    this.buffer.set(chunk.subarray(0, room), this.length);
    this.length += Math.min(room, chunk.length);
    if (chunk.length > room) this.overflowed = true;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Reads until the end, the limit, the deadline or until `enough`. The caller cancels the reader. */
export const take = async (
  reader: Reader,
  progress: Progress,
  enough: (bytes: Uint8Array) => boolean = () => false,
): Promise<Taken> => {
  const basin = new Basin();
  for (;;) {
    const read = await attempt(reader.read(), progress.remainingMs());
    if (read.kind !== "done") return { how: read.kind, bytes: basin.bytes };
    if (read.value.done) return { how: "ended", bytes: basin.bytes };
    if (read.value.value !== undefined) basin.add(read.value.value);
    if (basin.overflowed) return { how: "full", bytes: basin.bytes };
    if (enough(basin.bytes)) return { how: "ended", bytes: basin.bytes };
    // A stream that always has something ready would never let the timer fire.
    if (progress.remainingMs() === 0) return { how: "late", bytes: basin.bytes };
  }
};

/** Whether the bytes, as UTF-8, hold the text. */
export const includes = (bytes: Uint8Array, text: string): boolean =>
  new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(bytes).includes(text);

export const lacks = (text: string): string =>
  `body lacks "${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;

/** `declared`: the answer said how long its body is, so that a long one is known to end. */
export const judgeBody = (taken: Taken, declared: boolean, expect: Expect | undefined): Ending => {
  const size = taken.bytes.length;
  if (taken.how === "late")
    return { outcome: "response_timeout", stage: "body", detail: `body unfinished after ${size} bytes` };
  if (taken.how === "failed")
    return { outcome: "reset", stage: "body", detail: `body broke off after ${size} bytes` };
  if (taken.how === "full" && !declared)
    return {
      outcome: "app_error",
      stage: "body",
      detail: `body of no declared length is longer than ${BODY_LIMIT} bytes and may be endless; point the target at a small page`,
    };
  const wanted = expect?.bodyIncludes;
  if (wanted !== undefined && !includes(taken.bytes, wanted))
    return { outcome: "app_error", stage: "body", detail: lacks(wanted) };
  return { outcome: "ok", stage: "done" };
};

const DEFAULT_STATUS: readonly number[] = [200];

/** Whether the status is one of those expected; a redirect is only if it is listed. */
export const expectsStatus = (status: number, expect: Expect | undefined): boolean =>
  (expect?.status ?? DEFAULT_STATUS).includes(status);
