import { ageMs } from "../aggregators/age.ts";

/** A holder that is still there renews its slot every second or two. */
const LEASE_MS = 6_000;
const CROWDED = 0.75;

/** Slots that stay free for administrators however many others want one: people who look into trouble, and a program or two of theirs. */
export const ADMIN_SLOTS = 8;

/** A client that wants a slot. */
export interface SlotHolder {
  /** The text of a token, or a stand-in for it. */
  by: string;
  /** Whether it may have one of the slots that are kept for administrators. */
  isAdmin: boolean;
}

interface TakenSlot extends SlotHolder {
  renewedAt: number;
}

/**
 * How many streams, or requests of one kind, an isolate holds at once. A slot is a lease: a client that goes away takes its request's code
 * with it, so no client can be relied on to give its slot back. Where all are taken, slots that have not been renewed for a lease become
 * free. Where none does, the token that has most gives its oldest to one that has fewer, so that no token keeps another out (max-min
 * fairness). Some slots are for administrators only: otherwise as many tokens as there are slots would keep them out, with one each.
 */
export class ConnectionSlots {
  /** The oldest first. */
  readonly #taken = new Map<symbol, TakenSlot>();
  readonly #limit: number;
  readonly #reserved: number;

  /** `reserved`: how many of them are for administrators alone. */
  constructor(limit: number, reserved = 0) {
    this.#limit = limit;
    this.#reserved = reserved;
  }

  /** Whether most slots are taken, perhaps by clients that have gone. */
  get isCrowded(): boolean {
    return this.#taken.size >= this.#limit * CROWDED;
  }

  /** A slot, or null where there is none. */
  take(holder: SlotHolder, now: number): symbol | null {
    if (this.#rivalsOf(holder) !== null) this.#clear(now);
    const rivals = this.#rivalsOf(holder);
    if (rivals !== null && !this.#yield(holder.by, rivals)) return null;
    const slot = Symbol("slot");
    this.#taken.set(slot, { ...holder, renewedAt: now });
    return slot;
  }

  /** Keeps a slot; false where it has been lost. */
  renew(slot: symbol, now: number): boolean {
    const known = this.#taken.get(slot);
    if (known === undefined) return false;
    known.renewedAt = now;
    return true;
  }

  leave(slot: symbol): void {
    this.#taken.delete(slot);
  }

  /** The holders of which one must give up a slot before this one can have one; null where a slot is free. */
  #rivalsOf({ isAdmin }: SlotHolder): [symbol, TakenSlot][] | null {
    const all = [...this.#taken];
    const others = all.filter(([, slot]) => !slot.isAdmin);
    if (!isAdmin && others.length >= this.#limit - this.#reserved) return others;
    return all.length >= this.#limit ? all : null;
  }

  #clear(now: number): void {
    for (const [slot, { renewedAt }] of this.#taken)
      if (ageMs(renewedAt, now) > LEASE_MS) this.#taken.delete(slot);
  }

  /** Takes the oldest slot from the rival token that has most; false where `by` would then have more than that token. */
  #yield(by: string, rivals: [symbol, TakenSlot][]): boolean {
    const counts = new Map<string, number>();
    for (const [, slot] of rivals) counts.set(slot.by, (counts.get(slot.by) ?? 0) + 1);
    const [greediest, most] = [...counts].reduce((one, other) => (other[1] > one[1] ? other : one), ["", 0]);
    if ((counts.get(by) ?? 0) + 1 > most - 1) return false;
    const oldest = rivals.find(([, slot]) => slot.by === greediest);
    return oldest !== undefined && this.#taken.delete(oldest[0]);
  }
}
