import { harmlessMs } from "../domain/capacity.ts";

/** The fewest looks that make a mean. */
const LOOKS_MIN = 20;
/** The estimate moves at most once in this time, … */
const WINDOW_MS = 60_000;
/** … and by no more than this factor. */
const STEP = 1.25;
/** No look counts for more: a look that holds its slot for longer belongs to a prober that never settled. */
const HELD_MAX_MS = 60_000;

interface Sum {
  looks: number;
  ms: number;
}

const NONE: Sum = { looks: 0, ms: 0 };
const plus = ({ looks, ms }: Sum, heldMs: number): Sum => ({ looks: looks + 1, ms: ms + heldMs });
const meanOf = ({ looks, ms }: Sum): number => ms / looks;

/**
 * For how long a look holds its slot: the mean over all looks, silent ones too, since they take a slot away like any other. The first
 * estimate comes from answered looks only. From then on it moves by a quarter a minute at most. So it follows a lasting change, and a fault
 * that makes everything silent for a minute costs a fifth of the capacity and not nine tenths of it. The estimate is a mean and not a rate:
 * how few looks an idle vantage takes does not show how long they are.
 */
export class Holding {
  readonly #harmlessMs: number;
  #heldMs: number | null = null;
  #since = 0;
  #all = NONE;
  #answered = NONE;

  constructor(slots: number) {
    this.#harmlessMs = harmlessMs(slots);
  }

  /** Null until enough looks were answered. */
  get heldMs(): number | null {
    return this.#heldMs;
  }

  /** Takes over the estimate of a predecessor. */
  recall(heldMs: number, now: number): void {
    this.#heldMs = heldMs;
    this.#since = now;
  }

  /** A look has ended; `now`: epoch milliseconds. */
  note(heldMs: number, isSilent: boolean, now: number): void {
    const bounded = Math.min(HELD_MAX_MS, heldMs);
    this.#all = plus(this.#all, bounded);
    if (!isSilent) this.#answered = plus(this.#answered, bounded);
    if (this.#heldMs === null) {
      if (this.#answered.looks >= LOOKS_MIN) this.#turn(meanOf(this.#answered), now);
    } else if (this.#all.looks >= LOOKS_MIN && now - this.#since >= WINDOW_MS)
      this.#turn(this.#approach(this.#heldMs, meanOf(this.#all)), now);
  }

  /** The clock was set forward by `shiftMs`. */
  retime(shiftMs: number): void {
    this.#since += shiftMs;
  }

  /** A time below the harmless one costs nothing, so the estimate may jump up to there at once. */
  #approach(heldMs: number, meanMs: number): number {
    const mostMs = STEP * Math.max(heldMs, this.#harmlessMs);
    return Math.min(mostMs, Math.max(heldMs / STEP, meanMs));
  }

  #turn(heldMs: number, now: number): void {
    this.#heldMs = heldMs;
    this.#since = now;
    this.#all = NONE;
    this.#answered = NONE;
  }
}
