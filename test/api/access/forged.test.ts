import fc from "fast-check";
import { afterEach, expect, it, vi } from "vitest";
import { configOf } from "../../../src/config.ts";
import { Grants, hashOf } from "../../../src/api/access/grants.ts";
import { world } from "../world.ts";

afterEach(() => vi.restoreAllMocks());

const text = (letter: string, number: number): string => `plx_${letter}${String(number).padStart(42, "0")}`;

/** A text that nobody made, one made before texts had a tag, one that an earlier release's API makes now, or a pause. */
const step = fc.record({
  kind: fc.constantFrom("forged", "forged", "forged", "old", "late", "made late", "pause"),
  number: fc.nat(9),
  isReading: fc.boolean(),
});

it("forged texts cost a call a second while texts without a tag are left, and keep none of these out", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let now = 1_700_000_000_000;
      vi.spyOn(Date, "now").mockImplementation(() => now);
      const { aggregator, env } = world();
      const at = { env, config: configOf(env) };
      const keep = async (token: string): Promise<void> => {
        aggregator.tokens.set(await hashOf(token), {
          id: token.slice(4, 5),
          scope: "read",
          createdAt: "2026-01-01T00:00:00.000Z",
        });
      };
      aggregator.isUntagged = true;
      for (let nth = 0; nth < 10; nth++) await keep(text("o", nth));
      const made = new Set<number>();
      const grants = new Grants();
      let [asked, seconds] = [0, 1];
      for (const { kind, number, isReading } of steps) {
        if (kind === "pause") {
          now += 1_000;
          seconds += 1;
        } else if (kind === "made late") {
          await keep(text("l", number));
          made.add(number);
          // The API answers, and somebody writes the text down and sends it, before it is used.
          now += 1_000;
          seconds += 1;
        } else if (kind === "forged") {
          expect(await grants.of(at, text("f", number), isReading)).toBeNull();
        } else {
          const isKept = kind === "old" || made.has(number);
          const found = await grants.of(at, text(kind[0] ?? "", number), isReading);
          expect(found !== null).toBe(isKept);
          asked += isKept ? 1 : 0;
        }
      }
      const count = (call: string): number => aggregator.calls.filter((one) => one === call).length;
      expect(count("grant")).toBeLessThanOrEqual(asked);
      expect(count("tokenKey")).toBeLessThanOrEqual(seconds);
    }),
  );
});

it("what opens nothing is asked about once, whatever is to be done with it", async () => {
  const { aggregator, env } = world();
  const at = { env, config: configOf(env) };
  aggregator.isUntagged = true;
  aggregator.isListing = false;
  const grants = new Grants();
  for (let nth = 0; nth < 5; nth++) expect(await grants.of(at, text("f", 1), false)).toBeNull();
  expect(aggregator.calls.filter((one) => one === "grant")).toHaveLength(1);
});
