/** What a slot is asked for. */
export interface Claim {
  /** Sites share the slots fairly, however many targets each of them has. */
  site: string;
  /**
   * Whether it is not known to answer: it did not the last time, or others at its site have not. May change while it waits or is served.
   */
  isDoubtful: () => boolean;
}

/** A place in the line for a slot. */
export interface Ticket {
  /** True once the slot is held, false once the wait was given up. */
  granted: Promise<boolean>;
  /** Gives up the wait; without effect once granted. */
  withdraw: () => void;
  /** Gives the slot back. The holder calls it exactly once. */
  release: () => void;
}

export interface SlotWish {
  /** Lower goes first. */
  order: number;
  /** Default: a task of the vantage's own, which belongs to no site. */
  claim?: Claim;
}

interface Waiting {
  order: number;
  claim: Claim;
  decide: (granted: boolean) => void;
}

/** Goes before everything that is only due. */
export const FIRST = -Infinity;

/** A task of the vantage's own, which need not share slots fairly. */
const OWN: Claim = { site: "", isDoubtful: () => false };

/**
 * The most probes at once of a vantage on Workers. The invocations they run in bring six connections each. Not more, since each invocation
 * holds a little of the memory that all objects of an isolate share, and a site with all of its hosts silent asks for as many invocations
 * as the probes need.
 */
export const WORKER_SLOTS = 20;

/** Share of the slots that doubtful claims cannot hold: one in five. */
const RESERVE_SHARE = 0.2;

/**
 * A counting semaphore. Workers let six connections of an invocation wait at once and queue the seventh silently, which would use up its
 * timeout. So probes wait here, where their clocks do not run yet.
 *
 * A free slot goes to the site that holds the fewest, within it to the lowest `order`, and among equals to the first that came. A target
 * that may stay silent holds a slot a hundred times as long as one that answers, so doubtful claims never get all of the slots. Rejected:
 * serving claims in order of arrival, since one dead site of 50 kept a living one from being looked at.
 */
export class Slots {
  readonly #count: number;
  readonly #doubtfulMax: number;
  readonly #waiting: Waiting[] = [];
  readonly #holding = new Set<Waiting>();

  constructor(count: number) {
    this.#count = count;
    this.#doubtfulMax = Math.max(1, count - Math.ceil(RESERVE_SHARE * count));
  }

  /** Asks for one slot each, all at once: if each were granted as it is asked for, the first site would have all the slots. */
  request(wishes: readonly SlotWish[]): Ticket[] {
    const tickets = wishes.map((wish) => this.#enter(wish));
    this.serve();
    return tickets;
  }

  #enter({ order, claim = OWN }: SlotWish): Ticket {
    let decide: Waiting["decide"] = () => undefined;
    const granted = new Promise<boolean>((resolve) => {
      decide = resolve;
    });
    const waiting: Waiting = { order, claim, decide };
    const after = this.#waiting.findIndex((other) => other.order > order);
    this.#waiting.splice(after < 0 ? this.#waiting.length : after, 0, waiting);
    return {
      granted,
      withdraw: () => this.#withdraw(waiting),
      release: () => {
        this.#holding.delete(waiting);
        this.serve();
      },
    };
  }

  /** Runs `task` while holding a slot. */
  async hold<T>(order: number, task: () => Promise<T>): Promise<T> {
    const [ticket] = this.request([{ order }]);
    await ticket?.granted;
    try {
      return await task();
    } finally {
      ticket?.release();
    }
  }

  /** Grants what can be granted; to be called when a claim has become doubtful or no longer is. */
  serve(): void {
    while (this.#holding.size < this.#count) {
      const next = this.#next();
      if (next === undefined) return;
      this.#waiting.splice(this.#waiting.indexOf(next), 1);
      this.#holding.add(next);
      next.decide(true);
    }
  }

  #next(): Waiting | undefined {
    const holding = [...this.#holding];
    const isFull = holding.filter(({ claim }) => claim.isDoubtful()).length >= this.#doubtfulMax;
    const heldBy = new Map<string, number>();
    for (const { claim } of holding) heldBy.set(claim.site, (heldBy.get(claim.site) ?? 0) + 1);
    let best: Waiting | undefined;
    let fewest = Infinity;
    for (const waiting of this.#waiting) {
      const { order, claim } = waiting;
      const held = order === FIRST ? -1 : (heldBy.get(claim.site) ?? 0);
      if (held >= fewest || (isFull && claim.isDoubtful())) continue;
      best = waiting;
      fewest = held;
    }
    return best;
  }

  #withdraw(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index < 0) return;
    this.#waiting.splice(index, 1);
    waiting.decide(false);
  }
}
