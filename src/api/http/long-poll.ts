import type { Reading } from "../../domain/reading.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import { ageMs } from "../aggregators/age.ts";
import type { ApiContext } from "../context.ts";
import { ApiError, invalid } from "../errors/api-error.ts";
import { ADMIN_SLOTS, ConnectionSlots, type SlotHolder } from "../access/connection-slots.ts";
import { pauseFor } from "../aggregators/within.ts";

export const MAX_WAIT_MS = 55_000;
const REREAD_MS = 1_000;
/** Requests held at once by one isolate. The next ones are answered at once, with how long to wait before asking again. */
const MAX_HELD = 256;

/** The request of `?seq=N&waitMs=M`: hold the answer while the sequence is still N, for at most M milliseconds. */
export interface LongPoll {
  seq: number;
  waitMs: number;
}

const naturalIn = (text: string | undefined, path: string, highest: number): number => {
  const value = /^\d{1,16}$/.test(text ?? "") ? Number(text) : NaN;
  if (value <= highest) return value;
  throw invalid([{ path, message: `must be a whole number of 0 to ${highest}` }]);
};

/** The hold that a verdict read asks for, or undefined. Throws ApiError 400. */
export const holdOf = (c: ApiContext): LongPoll | undefined => {
  const seq = c.req.query("seq");
  const waitMs = c.req.query("waitMs");
  if (seq === undefined && waitMs === undefined) return undefined;
  if (seq === undefined)
    throw invalid([{ path: "seq", message: "is required with waitMs: the sequence already known" }]);
  return {
    seq: naturalIn(seq, "seq", Number.MAX_SAFE_INTEGER),
    waitMs: naturalIn(waitMs ?? "0", "waitMs", MAX_WAIT_MS),
  };
};

const sequenceOf = (reading: Reading): number => (JSON.parse(reading.json) as VerdictAnswer).sequence;

/** Whether the change awaited since `begun` (epoch milliseconds) has not come, and there is time left. */
export const isEarly = ({ seq, waitMs }: LongPoll, begun: number, reading: Reading): boolean =>
  ageMs(begun) < waitMs && sequenceOf(reading) === seq;

/** Holds requests in the Worker: a waiting timer inside a Durable Object would pin and bill it. */
export class Holder {
  readonly #slots: ConnectionSlots;
  readonly #rereadMs: number;

  constructor(slots = new ConnectionSlots(MAX_HELD, ADMIN_SLOTS), rereadMs = REREAD_MS) {
    this.#slots = slots;
    this.#rereadMs = rereadMs;
  }

  /** Reads until the sequence differs from `hold.seq` or time is up. `holder` takes the slot. */
  async hold<R extends Reading>(
    hold: LongPoll,
    holder: SlotHolder,
    read: () => Promise<R>,
    gone: AbortSignal,
  ): Promise<R> {
    const begun = Date.now();
    const first = await read();
    const slot = sequenceOf(first) === hold.seq ? this.#slots.take(holder, Date.now()) : null;
    if (slot === null) return first;
    const mayStay = (): boolean => !gone.aborted && this.#slots.renew(slot, Date.now());
    try {
      return await this.#wait(hold, begun, first, read, mayStay);
    } finally {
      this.#slots.leave(slot);
    }
  }

  async #wait<R extends Reading>(
    { seq, waitMs }: LongPoll,
    begun: number,
    first: R,
    read: () => Promise<R>,
    mayStay: () => boolean,
  ): Promise<R> {
    let reading = first;
    for (let left = waitMs - ageMs(begun); left > 0 && mayStay(); left = waitMs - ageMs(begun)) {
      await pauseFor(Math.min(this.#rereadMs, left));
      const newer = await read().catch((error: unknown) => {
        // Our own trouble ends the wait only when there is no time left for it to pass.
        if (ageMs(begun) < waitMs && error instanceof ApiError && error.ours) return reading;
        throw error;
      });
      if (sequenceOf(newer) !== seq) return newer;
      reading = newer;
    }
    return reading;
  }
}
