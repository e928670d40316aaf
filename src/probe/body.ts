import type { Expect } from "../domain/target.ts";
import { attempt } from "./deadline.ts";
import type { Ending, Progress } from "./progress.ts";

/** What is kept of an answer, and read of one that need not end; the rest is cancelled. */
export const BODY_LIMIT = 5_120;
/** What is read of an answer that must end, the rest of it only counted: no health page is longer. */
export const COMPLETE_LIMIT = 1_048_576;

/** How many bytes are read of an answer of which this is expected. */
export const readLimit = (expect: Expect | undefined): number =>
  expect?.complete === true ? COMPLETE_LIMIT : BODY_LIMIT;

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

/** Keeps the first bytes, in one buffer of fixed size, and counts the rest. */
export class Basin {
  private readonly buffer = new Uint8Array(BODY_LIMIT);
  private length = 0;
  private offered = 0;
  private readonly limit: number;

  /** `limit`: how many bytes may be offered. */
  constructor(limit = BODY_LIMIT) {
    this.limit = limit;
  }

  /** More was offered than that. */
  get overflowed(): boolean {
    return this.offered > this.limit;
  }

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

/** Reads until the end, `limit` bytes, the deadline or until `enough`. The caller cancels the reader. */
export const take = async (
  reader: Reader,
  progress: Progress,
  enough: (bytes: Uint8Array) => boolean,
  limit = BODY_LIMIT,
): Promise<Taken> => {
  const basin = new Basin(limit);
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

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]+)/i;

/** The decoder of the character set that a Content-Type names; UTF-8 where it names none, or none that is known here. */
const decoderOf = (contentType: string | null): { decode(bytes: Uint8Array): string } => {
  const label = CHARSET.exec(contentType ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label, { fatal: false, ignoreBOM: true });
  } catch {
    return new TextDecoder("utf-8", { fatal: false, ignoreBOM: true });
  }
};

/** Whether the bytes, in the character set of this Content-Type, hold the text. */
export const includes = (bytes: Uint8Array, text: string, contentType: string | null = null): boolean =>
  decoderOf(contentType).decode(bytes).includes(text);

export const lacks = (text: string): string =>
  `body lacks "${text.length > 80 ? `${text.slice(0, 80)}…` : text}"`;

/** Whether an answer that need not end has shown all that is expected: the rest need not be read. */
export const isEnough = (
  bytes: Uint8Array,
  expect: Expect | undefined,
  contentType: string | null,
): boolean =>
  expect?.complete !== true &&
  expect?.bodyIncludes !== undefined &&
  includes(bytes, expect.bodyIncludes, contentType);

/** What a body of the status that was expected comes to. One that is too long to be read need not end, unless that is expected. */
export const judgeBody = (taken: Taken, expect: Expect | undefined, contentType: string | null): Ending => {
  const size = taken.bytes.length;
  if (taken.how === "late")
    return { outcome: "response_timeout", stage: "body", detail: `body unfinished after ${size} bytes` };
  if (taken.how === "failed")
    return { outcome: "reset", stage: "body", detail: `body broke off after ${size} bytes` };
  if (taken.how === "full" && expect?.complete === true)
    return {
      outcome: "app_error",
      stage: "body",
      detail: `body has not ended after ${COMPLETE_LIMIT} bytes, and must by expect.complete`,
    };
  const wanted = expect?.bodyIncludes;
  if (wanted !== undefined && !includes(taken.bytes, wanted, contentType))
    return { outcome: "app_error", stage: "body", detail: lacks(wanted) };
  return { outcome: "ok", stage: "done" };
};

/** Whether the status is one of those expected, by default any 2xx; a redirect is only if it is listed. */
export const expectsStatus = (status: number, expect: Expect | undefined): boolean =>
  expect?.status?.includes(status) ?? (status >= 200 && status < 300);

/** Cloudflare took the probe for a robot (`cf-mitigated`). That tells nothing of the target. */
export const judgeChallenge = (mitigated: string | null): Ending | undefined =>
  mitigated?.toLowerCase() === "challenge"
    ? { outcome: "blocked", stage: "response", detail: "a bot challenge (cf-mitigated: challenge)" }
    : undefined;

const LOCATION_SHOWN = 120;

/** Of a status that is not expected. `location`: where a redirect points. */
export const unexpected = (status: number, location: string | null): Ending => {
  const isRedirect = status >= 300 && status < 400 && location !== null && location !== "";
  const to = isRedirect ? ` to ${location.slice(0, LOCATION_SHOWN)}, which is not followed` : "";
  return { outcome: "app_error", stage: "body", detail: `status ${status}${to}` };
};
