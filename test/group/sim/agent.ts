/** The program beside a member, as the contract of a lease asks it to be. */
import type { LeaseAnswer } from "../../../src/domain/group.ts";
import type { Happenings } from "./happenings.ts";

/** Sends a request; `answered` is called once, many times, late, or never. */
type Ask = (released: number | null, answered: (answer: LeaseAnswer | null) => void) => void;

export class Agent {
  /** It does nothing before this, and what it was sent waits. */
  pausedUntil = 0;
  epoch: number | null = null;
  /** By its own clock; until when it may lead. */
  #leadsUntil = 0;
  /** It has said of this epoch and of each before it that it leads no more: it never does again. */
  #releasedUpTo = 0;
  readonly #time: Happenings;
  readonly #rate: number;
  readonly #ask: Ask;
  readonly #leadsNow: () => void;

  /** `rate`: of its clock, which nobody sets. `leadsNow`: called whenever it is told that it leads. */
  constructor(time: Happenings, rate: number, ask: Ask, leadsNow: () => void) {
    this.#time = time;
    this.#rate = rate;
    this.#ask = ask;
    this.#leadsNow = leadsNow;
  }

  #clock(): number {
    return this.#time.now * this.#rate;
  }

  /** What its service goes by, each time that it writes: paused or not, it leads no longer than it may. */
  get leads(): boolean {
    return this.epoch !== null && this.#clock() < this.#leadsUntil;
  }

  asks(): void {
    const sentAt = this.#clock();
    this.#ask(null, (answer) => {
      if (this.#time.now < this.pausedUntil)
        this.#time.at(this.pausedUntil, () => this.#hears(answer, sentAt));
      else this.#hears(answer, sentAt);
    });
  }

  #hears(answer: LeaseAnswer | null, sentAt: number): void {
    if (answer === null) {
      this.#stops();
      return;
    }
    const { epoch, leaseMs, lease } = answer;
    if (lease === "strict" && epoch <= this.#releasedUpTo) {
      this.#ask(this.#releasedUpTo, () => undefined);
      return;
    }
    if (epoch < (this.epoch ?? 0)) return;
    const until = lease === "strict" ? sentAt + leaseMs : Infinity;
    this.#leadsUntil = epoch === this.epoch ? Math.max(this.#leadsUntil, until) : until;
    this.epoch = epoch;
    if (this.leads) this.#leadsNow();
  }

  #stops(): void {
    if (this.epoch === null) return;
    this.#releasedUpTo = this.epoch;
    this.epoch = null;
    this.#ask(this.#releasedUpTo, () => undefined);
  }
}
