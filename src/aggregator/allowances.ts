/** `most` may be used at once, and `perSecond` more with every second. */
export interface Rate {
  most: number;
  perSecond: number;
}

/** What each holder may still use. It is kept in memory only: an object that restarts gives every holder the whole of it. */
export class Allowances {
  readonly #known = new Map<string, { left: number; at: number }>();

  /** Whether `cost` may be used at `now`. If so, it is used. A cost above `most` is allowed when nothing is used. */
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
