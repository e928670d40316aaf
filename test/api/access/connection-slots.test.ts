import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADMIN_SLOTS, ConnectionSlots } from "../../../src/api/access/connection-slots.ts";

const reader = (by: string) => ({ by, isAdmin: false });

it("a slot that nobody renews is free for the next who wants one, and no sooner", () => {
  const slots = new ConnectionSlots(2);
  const [kept, left] = [slots.take(reader("a"), 0), slots.take(reader("a"), 0)] as [symbol, symbol];
  expect(slots.isCrowded).toBe(true);
  expect(slots.take(reader("a"), 5_000)).toBeNull();
  expect(slots.renew(kept, 5_000)).toBe(true);
  expect(slots.take(reader("a"), 9_000)).not.toBeNull();
  expect(slots.renew(left, 9_000)).toBe(false);
  expect(slots.renew(kept, 9_000)).toBe(true);
  expect(slots.take(reader("a"), 9_000)).toBeNull();
  const alone = new ConnectionSlots(2);
  const slow = alone.take(reader("a"), 0) as symbol;
  alone.take(reader("a"), 60_000);
  expect(alone.renew(slow, 60_000)).toBe(true);
});

it("one token may take all, and gives them up, the oldest first, to others until they have as many", () => {
  const slots = new ConnectionSlots(4);
  const own = Array.from({ length: 4 }, () => slots.take(reader("greedy"), 0) as symbol);
  expect(slots.take(reader("greedy"), 0)).toBeNull();
  expect(slots.take(reader("b"), 0)).not.toBeNull();
  expect(own.map((slot) => slots.renew(slot, 0))).toEqual([false, true, true, true]);
  expect(slots.take(reader("greedy"), 0)).toBeNull();
  expect(slots.take(reader("b"), 0)).not.toBeNull();
  expect(slots.take(reader("b"), 0)).toBeNull();
  expect(slots.take(reader("c"), 0)).not.toBeNull();
  expect(slots.take(reader("d"), 0)).not.toBeNull();
  expect(slots.take(reader("e"), 0)).toBeNull();
});

it("whoever has fewer by two than another always finds one, and no more are ever taken than there are", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 80 }),
      (limit, tokens) => {
        const slots = new ConnectionSlots(limit);
        const held: { by: string; slot: symbol }[] = [];
        const stillHeld = () => held.filter(({ slot }) => slots.renew(slot, 0));
        for (const by of tokens) {
          const before = stillHeld();
          const count = (token: string): number => before.filter((one) => one.by === token).length;
          const most = Math.max(...["a", "b", "c", "d"].map(count));
          const slot = slots.take(reader(by), 0);
          expect(slot !== null).toBe(before.length < limit || count(by) + 2 <= most);
          if (slot !== null) held.push({ by, slot });
          expect(stillHeld().length).toBeLessThanOrEqual(limit);
        }
      },
    ),
  ));

describe("of the slots that some are kept for administrators", () => {
  const ADMINS = ["admin-1", "admin-2", "admin-3"];
  const isAdmin = (by: string): boolean => ADMINS.includes(by);
  const READERS = Array.from({ length: 14 }, (_, nth) => `reader-${nth}`);
  const LEASE_MS = 6_000;
  const WAIT_MS = 4_000;

  interface Held {
    by: string;
    slot: symbol;
    renewedAt: number;
  }
  const countIn = (some: Held[], token: string): number => some.filter(({ by }) => by === token).length;
  /** Those that still have their slot. `renew` is called with the old instant, so that each lease runs on from where it was renewed. */
  const heldStill = (slots: ConnectionSlots, held: Held[]): Held[] =>
    held.filter(({ slot, renewedAt }) => slots.renew(slot, renewedAt));

  /** `was` and `is`: the slots held before and after the call, without the slot that `by` has or has not just taken. */
  const check = (by: string, hasSlot: boolean, was: Held[], is: Held[], now: number): void => {
    // Where a token must give a slot up, leases that have run out do not count.
    const [before, after] = [was, is].map((some) =>
      some.filter((one) => now - one.renewedAt <= LEASE_MS),
    ) as [Held[], Held[]];
    const mine = countIn(before, by);
    // As many administrators as there are slots for them find a slot each, whatever others hold.
    if (isAdmin(by) && mine === 0) expect(hasSlot).toBe(true);
    // A token that holds two slots more than another, or more than that, never keeps the other out.
    const rivals = isAdmin(by) ? before : before.filter((one) => !isAdmin(one.by));
    if (!hasSlot) for (const rival of rivals) expect(countIn(rivals, rival.by)).toBeLessThan(mine + 2);
    // A token that renews never loses a slot to a token that would then have more slots.
    for (const { by: other } of before)
      if (other !== by && countIn(after, other) < countIn(before, other))
        expect(countIn(before, other)).toBeGreaterThanOrEqual(mine + 2);
  };

  const course = fc.array(
    fc.record({
      act: fc.constantFrom("take", "take", "take", "renew", "leave", "wait"),
      by: fc.constantFrom(...ADMINS, ...READERS),
    }),
    { maxLength: 120 },
  );

  it("as many administrators as these always find one each, and others share the rest fairly", () =>
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 12 }), course, (limit, steps) => {
        const slots = new ConnectionSlots(limit, ADMINS.length);
        let held: Held[] = [];
        let now = 0;
        for (const { act, by } of steps) {
          const [mine] = held.filter((one) => one.by === by);
          if (act === "wait") now += WAIT_MS;
          if (act === "renew") held = held.map((one) => (one.by === by ? { ...one, renewedAt: now } : one));
          if (act === "leave" && mine !== undefined) slots.leave(mine.slot);
          held = heldStill(slots, held);
          if (act !== "take") continue;
          const slot = slots.take({ by, isAdmin: isAdmin(by) }, now);
          const after = heldStill(slots, held);
          check(by, slot !== null, held, after, now);
          held = slot === null ? after : [...after, { by, slot, renewedAt: now }];
          expect(held.length).toBeLessThanOrEqual(limit);
          expect(held.filter((one) => !isAdmin(one.by)).length).toBeLessThanOrEqual(limit - ADMINS.length);
        }
      }),
    ));

  it("256 tokens with one slot each leave some to administrators", () => {
    const slots = new ConnectionSlots(256, ADMIN_SLOTS);
    for (let nth = 0; nth < 300; nth++) slots.take(reader(`reader-${nth}`), 0);
    for (let nth = 0; nth < ADMIN_SLOTS; nth++)
      expect(slots.take({ by: `admin-${nth}`, isAdmin: true }, 0)).not.toBeNull();
  });
});
