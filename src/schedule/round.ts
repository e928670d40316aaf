import { type Clock, settledWithin } from "./clock.ts";
import type { Claim, Slots, Ticket } from "./slots.ts";

/**
 * A report leaves this long after the begin of the last probe that it waits for: one second, when silence becomes news, and a little more,
 * so that a probe with the least timeout of one second has finished.
 */
export const REPORT_AFTER_MS = 1_050;

export interface Turn {
  /** Rank in the line for a slot: lower goes first. */
  order: number;
  claim: Claim;
  /** Whether the report waits until this turn has begun. */
  isAwaited: () => boolean;
  /** Begins the probe; called while the turn holds its slot. */
  begin: () => Begun;
}

/** A probe that has begun. Neither promise ever rejects. */
export interface Begun {
  /** Settles when it has ended, and gives its slot back. */
  ended: Promise<void>;
  /** Settles when there is something to report of it: its end, or that its connection is late. */
  told: Promise<void>;
}

/**
 * Lets each turn begin as soon as there is a slot for it. When the report leaves, turns that it does not wait for stay in line, and probes
 * that are still silent go on, each in its slot.
 */
export class Round {
  readonly #clock: Clock;
  readonly #tickets = new Map<Turn, Ticket>();
  readonly #begun: Begun[] = [];
  #lastBegin: number;
  #isReady: () => void = () => undefined;
  readonly #ready: Promise<void>;
  /** Settles once every turn has ended or was given up. */
  readonly over: Promise<void>;

  constructor(turns: Turn[], slots: Slots, clock: Clock) {
    this.#clock = clock;
    this.#lastBegin = clock.now();
    this.#ready = new Promise((resolve) => {
      this.#isReady = resolve;
    });
    const tickets = slots.request(turns);
    for (const [index, turn] of turns.entries()) {
      const ticket = tickets[index];
      if (ticket !== undefined) this.#tickets.set(turn, ticket);
    }
    this.over = Promise.all([...this.#tickets].map((each) => this.#take(...each))).then(() => undefined);
  }

  async #take(turn: Turn, ticket: Ticket): Promise<void> {
    const isGranted = await ticket.granted;
    this.#tickets.delete(turn);
    if (isGranted) {
      this.#lastBegin = this.#clock.now();
      const begun = turn.begin();
      this.#begun.push(begun);
      this.review();
      await begun.ended.finally(() => ticket.release());
    } else this.review();
  }

  /** To be called when the report may have nothing left to wait for. */
  review(): void {
    if (![...this.#tickets.keys()].some((turn) => turn.isAwaited())) this.#isReady();
  }

  /**
   * Settles when the report should leave: after `budgetMs` at the latest, and one second for looks that have begun by then. `is`: whether
   * the report waits for each look to end, or only until there is something to report of the look.
   */
  async reported(budgetMs: number, is: keyof Begun): Promise<void> {
    this.review();
    await settledWithin(this.#clock, this.#ready, budgetMs);
    const all = Promise.all(this.#begun.map((begun) => begun[is]));
    await settledWithin(this.#clock, all, this.#lastBegin + REPORT_AFTER_MS - this.#clock.now());
  }

  /** Gives up the turns that have not begun. Their targets are not observed, which is not a failure. */
  withdraw(): void {
    for (const ticket of this.#tickets.values()) ticket.withdraw();
  }
}
