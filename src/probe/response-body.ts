import { includes } from "./charset.ts";
import { codeOf } from "./code.ts";
import { attempt } from "./deadline.ts";
import type { Ending, Progress } from "./progress.ts";
import type { HttpExpect } from "./request.ts";

/** How much of an answer is kept, and is read of one that need not end; the rest is cancelled. */
export const BODY_LIMIT = 5_120;
/** How much is read of an answer that must end; what is not kept is only counted. No health page is longer. */
export const COMPLETE_LIMIT = 1_048_576;

/** The part of a stream's reader that probes use: the same on Workers and on Node. */
export interface BodyReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(): Promise<unknown>;
}

/** A flaw of a body, in words of our own. */
export class BodyFlaw extends Error {}

/**
 * `enough`: no more is read. `endless`: a body that must end has not. `failed`: the body broke off, `why` says how if that is known.
 * `late`: the deadline passed.
 */
export interface Taken {
  how: "ended" | "enough" | "endless" | "failed" | "late";
  bytes: Uint8Array;
  why?: string | undefined;
}

/** Keeps the first bytes, in one buffer of fixed size, and counts the rest. */
export class Basin {
  offered = 0;
  private readonly buffer = new Uint8Array(BODY_LIMIT);
  private length = 0;

  add(chunk: Uint8Array): void {
    const kept = chunk.subarray(0, BODY_LIMIT - this.length);
    this.buffer.set(kept, this.length);
    this.length += kept.length;
    this.offered += chunk.length;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }
}

/** Reads until the end, until it `stops`, or the deadline. The caller cancels the reader. */
export const take = async (
  reader: BodyReader,
  progress: Progress,
  stops: (basin: Basin) => "enough" | "endless" | undefined,
): Promise<Taken> => {
  const basin = new Basin();
  for (;;) {
    const read = await attempt(reader.read(), progress.remainingMs());
    const { bytes } = basin;
    if (read.kind === "late") return { how: "late", bytes };
    if (read.kind === "failed") {
      const { error } = read;
      return { how: "failed", bytes, why: error instanceof BodyFlaw ? error.message : codeOf(error) };
    }
    if (read.value.done) return { how: "ended", bytes };
    if (read.value.value !== undefined) basin.add(read.value.value);
    const how = stops(basin);
    if (how !== undefined) return { how, bytes: basin.bytes };
    // A stream that always has something ready would never let the timer fire.
    if (progress.remainingMs() === 0) return { how: "late", bytes: basin.bytes };
  }
};

/** Whether the bytes so far decide, though the body may go on: the word was found, or all bytes in which it may stand have come. */
export const stopsAt =
  (expect: HttpExpect | undefined, contentType: string | null = null) =>
  ({ bytes, offered }: Basin): "enough" | "endless" | undefined => {
    if (expect?.complete === true) return offered > COMPLETE_LIMIT ? "endless" : undefined;
    if (bytes.length === BODY_LIMIT) return "enough";
    const word = expect?.bodyIncludes;
    return word !== undefined && includes(bytes, word, contentType) ? "enough" : undefined;
  };

/** The text itself may be a secret, and every reader sees this. */
export const LACKS = "body lacks the text of expect.bodyIncludes";

/** The ending for the body of an answer whose status was expected. */
export const judgeBody = (
  taken: Taken,
  expect: HttpExpect | undefined,
  contentType: string | null,
): Ending => {
  const size = taken.bytes.length;
  if (taken.how === "late")
    return { outcome: "response_timeout", stage: "body", detail: `body unfinished after ${size} bytes` };
  if (taken.how === "failed") {
    const why = taken.why === undefined ? "" : `: ${taken.why}`;
    return { outcome: "reset", stage: "body", detail: `body broke off after ${size} bytes${why}` };
  }
  if (taken.how === "endless")
    return {
      outcome: "app_error",
      stage: "body",
      detail: `body has not ended after ${COMPLETE_LIMIT} bytes, and must by expect.complete`,
    };
  const wanted = expect?.bodyIncludes;
  if (wanted !== undefined && !includes(taken.bytes, wanted, contentType))
    return { outcome: "app_error", stage: "body", detail: LACKS };
  return { outcome: "ok", stage: "done" };
};
