/** So much may be used at once, and so much more with every second. */
export interface Rate {
  most: number;
  perSecond: number;
}

/** What each of many may still use. It is kept in memory alone: an object that restarts gives everybody the whole of it. */
export class Allowances {
  readonly #known = new Map<string, { left: number; at: number }>();

  /** Whether so much may be used at `now`, and then it is used. What is more than there may ever be is let through where nothing is used. */
  take(who: string, cost: number, { most, perSecond }: Rate, now: number): boolean {
    const { left, at } = this.#known.get(who) ?? { left: most, at: now };
    const filled = Math.min(most, left + (Math.max(0, now - at) / 1_000) * perSecond);
    const isAllowed = cost <= filled || filled >= most;
    this.#known.set(who, { left: isAllowed ? Math.max(0, filled - cost) : filled, at: now });
    return isAllowed;
  }

  forget(who: string): void {
    this.#known.delete(who);
  }

  clear(): void {
    this.#known.clear();
  }
}
