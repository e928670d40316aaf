import { harmlessMs } from "../domain/capacity.ts";

/** So many looks make a mean. */
const LOOKS_MIN = 20;
/** The estimate moves once in so long, … */
const WINDOW_MS = 60_000;
/** … and by no more than this factor. */
const STEP = 1.25;
/** No look counts for more: what holds a slot for longer is a prober that never settled. */
const HELD_MAX_MS = 60_000;

interface Sum {
  looks: number;
  ms: number;
}

const NONE: Sum = { looks: 0, ms: 0 };
const plus = ({ looks, ms }: Sum, heldMs: number): Sum => ({ looks: looks + 1, ms: ms + heldMs });
const meanOf = ({ looks, ms }: Sum): number => ms / looks;

/**
 * For how long a look holds its slot: the mean over all looks, silent ones too, since they take a slot away like any
 * other. It begins with what answered, and from then on moves by a quarter a minute at most. So it follows what lasts,
 * and a fault that makes everything silent for a minute costs a fifth of the capacity and not nine tenths of it.
 * It is a mean and no rate: how few looks an idle vantage takes says nothing of how long they are.
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

  /** Null while not enough was answered to know. */
  get heldMs(): number | null {
    return this.#heldMs;
  }

  /** What a predecessor knew. */
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

  /** What is shorter than harmless costs nothing, so it need not be climbed through. */
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
