import { WorkerEntrypoint } from "cloudflare:workers";

/**
 * Whether an object's clock stands still. Where the machine's clock is set back, `Date.now()` of an object that lives shows the last instant
 * again and again until the machine's has come so far, for an hour after it was set back by one, and its timers and alarms wait as long. The
 * object cannot see that by itself. What is called anew has the true time, and so has an object that is made anew: one that stands still is ended.
 */

/** Clocks are corrected by less than this all the time, and by standing still for so long. */
const CORRECTED_MS = 2_000;

/** The time by an invocation of its own, on the same machine. */
export class Timepiece extends WorkerEntrypoint {
  now(): number {
    return Date.now();
  }
}

interface TimepieceExports {
  Timepiece: { now(): Promise<number> };
}

/** Ends the object where its clock stands still: this and every other call of it reject, and the next one makes it anew. */
export const endIfStill = async (ctx: DurableObjectState): Promise<void> => {
  const { Timepiece: timepiece } = ctx.exports as unknown as TimepieceExports;
  const now = await timepiece.now();
  if (Date.now() - now > CORRECTED_MS) ctx.abort("the clock was set back and stands still here: made anew");
};

/** Within one millisecond so many reads come only in a rush, or where the clock stands still: few enough for a single poller to show it. */
const SUSPICIOUS = 8;
/** So many within a rush: for so long after the clock was seen to go, more are needed, since a look costs as much as a read. */
const SUSPICIOUS_IN_RUSH = 64;
const RUSH_MS = 1_000;

/** Tells when it is worth a call to see whether the clock stands still: in a rush about once a second. */
export class Suspicion {
  #at = 0;
  #times = 0;
  #lookedAt = -Infinity;

  /** Called at `now`; true for the call that is to look. */
  arises(now: number): boolean {
    this.#times = now === this.#at ? this.#times + 1 : 1;
    this.#at = now;
    const isRush = Math.abs(now - this.#lookedAt) < RUSH_MS;
    if (this.#times !== (isRush ? SUSPICIOUS_IN_RUSH : SUSPICIOUS)) return false;
    this.#lookedAt = now;
    return true;
  }
}
