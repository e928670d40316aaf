import fc from "fast-check";
import { expect, it } from "vitest";
import { Seats } from "../../src/api/seats.ts";

it("a seat that nobody renews is free for the next who wants one, and no sooner", () => {
  const seats = new Seats(2);
  const [kept, left] = [seats.take("a", 0), seats.take("a", 0)] as [symbol, symbol];
  expect(seats.isCrowded).toBe(true);
  expect(seats.take("a", 5_000)).toBeNull();
  expect(seats.renew(kept, 5_000)).toBe(true);
  expect(seats.take("a", 9_000)).not.toBeNull();
  expect(seats.renew(left, 9_000)).toBe(false);
  expect(seats.renew(kept, 9_000)).toBe(true);
  expect(seats.take("a", 9_000)).toBeNull();
  const alone = new Seats(2);
  const slow = alone.take("a", 0) as symbol;
  alone.take("a", 60_000);
  expect(alone.renew(slow, 60_000)).toBe(true);
});

it("one token may take all, and gives them up, the oldest first, to others until they have as many", () => {
  const seats = new Seats(4);
  const own = Array.from({ length: 4 }, () => seats.take("greedy", 0) as symbol);
  expect(seats.take("greedy", 0)).toBeNull();
  expect(seats.take("b", 0)).not.toBeNull();
  expect(own.map((seat) => seats.renew(seat, 0))).toEqual([false, true, true, true]);
  expect(seats.take("greedy", 0)).toBeNull();
  expect(seats.take("b", 0)).not.toBeNull();
  expect(seats.take("b", 0)).toBeNull();
  expect(seats.take("c", 0)).not.toBeNull();
  expect(seats.take("d", 0)).not.toBeNull();
  expect(seats.take("e", 0)).toBeNull();
});

it("whoever has fewer by two than another always finds one, and no more are ever taken than there are", () =>
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 12 }),
      fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 80 }),
      (limit, tokens) => {
        const seats = new Seats(limit);
        const held: { by: string; seat: symbol }[] = [];
        const stillHeld = () => held.filter(({ seat }) => seats.renew(seat, 0));
        for (const by of tokens) {
          const before = stillHeld();
          const count = (token: string): number => before.filter((one) => one.by === token).length;
          const most = Math.max(...["a", "b", "c", "d"].map(count));
          const seat = seats.take(by, 0);
          expect(seat !== null).toBe(before.length < limit || count(by) + 2 <= most);
          if (seat !== null) held.push({ by, seat });
          expect(stillHeld().length).toBeLessThanOrEqual(limit);
        }
      },
    ),
  ));
