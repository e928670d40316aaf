/**
 * Loss that comes in bursts: the two-state chain of Gilbert (1960) and Elliott (1963), in continuous
 * time, one for each direction of each path. Independent losses lost as a model: they make a second
 * silence as surprising as the first, and every detector looks good.
 */
import type { Draw } from "./draw.ts";

export interface LossModel {
  /** Share of packets lost between and inside bursts. */
  goodLoss: number;
  badLoss: number;
  /** Mean length of either state, milliseconds. */
  goodMs: number;
  badMs: number;
}

/** Mean share of packets lost by the model. */
export const meanLoss = ({ goodLoss, badLoss, goodMs, badMs }: LossModel): number =>
  (goodLoss * goodMs + badLoss * badMs) / (goodMs + badMs);

/** One direction's states over time, drawn as far as anyone has asked. */
export class LossTimeline {
  readonly #draw: Draw;
  readonly #model: LossModel;
  /** Ends of the states in turn; the first state is bad where `#startsBad`. */
  readonly #ends: number[] = [];
  readonly #startsBad: boolean;

  constructor(draw: Draw, model: LossModel, beginsAt: number) {
    this.#draw = draw;
    this.#model = model;
    this.#startsBad = draw.isHit(model.badMs / (model.goodMs + model.badMs));
    this.#ends.push(beginsAt + this.#length(0));
  }

  /** Share of packets lost at `at`; before the timeline's beginning, as at its beginning. */
  lossAt(at: number): number {
    this.#drawTo(at);
    let low = 0;
    let high = this.#ends.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ends[middle] as number) <= at) low = middle + 1;
      else high = middle;
    }
    return this.#isBad(low) ? this.#model.badLoss : this.#model.goodLoss;
  }

  /** The bad states that begin before `until`, in turn. */
  badSpells(until: number): { from: number; to: number }[] {
    this.#drawTo(until);
    const spells: { from: number; to: number }[] = [];
    let from = -Infinity;
    for (const [index, to] of this.#ends.entries()) {
      if (this.#isBad(index) && from < until) spells.push({ from, to });
      from = to;
    }
    return spells;
  }

  #drawTo(at: number): void {
    let last = this.#ends.length - 1;
    while ((this.#ends[last] as number) <= at) {
      last += 1;
      this.#ends.push((this.#ends[last - 1] as number) + this.#length(last));
    }
  }

  #isBad(index: number): boolean {
    return (index % 2 === 0) === this.#startsBad;
  }

  #length(index: number): number {
    return this.#draw.exponential(this.#isBad(index) ? this.#model.badMs : this.#model.goodMs);
  }
}
