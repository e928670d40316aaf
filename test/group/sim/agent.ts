/** The program beside a member, working as the contract of a lease demands. */
import type { LeaseAnswer } from "../../../src/domain/group.ts";
import type { Happenings } from "./happenings.ts";

/** Sends a request; `answered` is called once, many times, late, or never. */
type Ask = (released: number | null, answered: (answer: LeaseAnswer | null) => void) => void;

export class Agent {
  /** Until then the program does nothing, and answers sent to it wait. */
  pausedUntil = 0;
  epoch: number | null = null;
  /** Until when it may lead, by its own clock. */
  #leadsUntil = 0;
  /** The newest epoch that it has released. It never leads in this epoch or an earlier one again. */
  #releasedUpTo = 0;
  readonly #time: Happenings;
  readonly #rate: number;
  readonly #ask: Ask;
  readonly #leadsNow: () => void;

  /** `rate`: of its clock, which nobody can set. `leadsNow`: called whenever an answer makes it the leader. */
  constructor(time: Happenings, rate: number, ask: Ask, leadsNow: () => void) {
    this.#time = time;
    this.#rate = rate;
    this.#ask = ask;
    this.#leadsNow = leadsNow;
  }

  #clock(): number {
    return this.#time.now * this.#rate;
  }

  /** Its service checks this at each write. So the service leads no longer than it may, even if the program is paused. */
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
