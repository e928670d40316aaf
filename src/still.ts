import { WorkerEntrypoint } from "cloudflare:workers";

/**
 * Whether an object's clock stands still. After the machine's clock is set back, `Date.now()` of a live object shows the last instant again
 * and again until the machine's clock has come that far: for an hour if it was set back by one. Its timers and alarms wait as long. The
 * object cannot see that by itself. A new invocation has the true time, and so has a new object, so an object whose clock stands still is
 * ended.
 */

/** Normal corrections of a clock are smaller than this, and let it stand still for less than this. */
const CORRECTED_MS = 2_000;

/** Gives the time in an invocation of its own, on the same machine. */
export class Timepiece extends WorkerEntrypoint {
  now(): number {
    return Date.now();
  }
}

interface TimepieceExports {
  Timepiece: { now(): Promise<number> };
}

/** Ends the object where its clock stands still: this and every other call of the object reject, and the next call makes it anew. */
export const endIfStill = async (ctx: DurableObjectState): Promise<void> => {
  const { Timepiece: timepiece } = ctx.exports as unknown as TimepieceExports;
  const now = await timepiece.now();
  if (Date.now() - now > CORRECTED_MS) ctx.abort("the clock was set back and stands still here: made anew");
};

/**
 * So many reads within one millisecond come only in a rush, or where the clock stands still. Few enough for a single poller to reveal it.
 */
const SUSPICIOUS = 8;
/** The same during a rush: for RUSH_MS after a check of the clock more reads are needed, since a check costs as much as a read. */
const SUSPICIOUS_IN_RUSH = 64;
const RUSH_MS = 1_000;

/** Decides when it is worth a call to check whether the clock stands still: in a rush about once a second. */
export class Suspicion {
  #at = 0;
  #times = 0;
  #lookedAt = -Infinity;

  /** Called at `now`; true for the call that shall check the clock. */
  arises(now: number): boolean {
    this.#times = now === this.#at ? this.#times + 1 : 1;
    this.#at = now;
    const isRush = Math.abs(now - this.#lookedAt) < RUSH_MS;
    if (this.#times !== (isRush ? SUSPICIOUS_IN_RUSH : SUSPICIOUS)) return false;
    this.#lookedAt = now;
    return true;
  }
}
