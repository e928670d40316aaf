import { expect, test } from "vitest";
import { shardOf } from "../../src/domain/shard-of.ts";
import { type Placed, placedOf, type Scale, scaleProblem } from "./world.ts";

const scale = (targets: number, shards: number): Scale => ({
  targets,
  shards,
  vantages: 3,
  intervalMs: 60_000,
});

const countBy = (placed: Placed[], of: (one: Placed) => string | number): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const one of placed) counts[of(one)] = (counts[of(one)] ?? 0) + 1;
  return counts;
};

test.each([
  [100, 1],
  [500, 5],
  [2_000, 4],
  [10_000, 20],
])(
  "%i targets on %i shards: all as full, and what befalls them is spread over the shards",
  (targets, shards) => {
    const placed = placedOf(scale(targets, shards));
    expect(placed).toHaveLength(targets);
    expect(new Set(placed.map(({ host }) => host)).size).toBe(targets);
    for (const { key, shard } of placed) expect(shardOf(key.site, shards)).toBe(shard);
    expect(Object.values(countBy(placed, ({ shard }) => shard))).toEqual(
      Array.from({ length: shards }, () => targets / shards),
    );
    const of = (fate: Placed["fate"]): Placed[] => placed.filter((one) => one.fate === fate);
    expect(of("late").map(({ shard }) => shard)).toEqual([shards - 1]);
    expect(Object.values(countBy(of("killed"), ({ shard }) => shard))).toEqual(
      Array.from({ length: shards }, () => targets / shards / 100),
    );
    // A site is cut with all that stand in it.
    const cut = new Set(of("cut").map(({ key }) => key.site));
    expect(cut.size).toBe(Math.ceil(shards / 4));
    expect(placed.filter(({ key }) => cut.has(key.site))).toHaveLength(of("cut").length);
  },
);

test.each([
  [scale(150, 1), /^--targets must be a multiple/],
  [scale(600, 1), /a shard holds 500/],
  [scale(Number.NaN, 1), /^--targets must be a multiple/],
  [{ ...scale(500, 5), vantages: 2 }, /^--vantages/],
  [{ ...scale(500, 5), intervalMs: 1_000 }, /^--interval/],
])("%o is refused", (given, reason) => {
  expect(scaleProblem(given)).toMatch(reason);
});
