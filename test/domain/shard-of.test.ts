import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shardOf } from "../../src/domain/shard-of.ts";

const sites = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
const counts = fc.integer({ min: 1, max: 64 });

describe("shardOf", () => {
  it("gives every site one of the shards, always the same", () => {
    fc.assert(
      fc.property(sites, counts, (site, shards) => {
        const shard = shardOf(site, shards);
        expect(shard).toBeGreaterThanOrEqual(0);
        expect(shard).toBeLessThan(shards);
        expect(shardOf(site, shards)).toBe(shard);
      }),
    );
  });

  it("moves a site only to the shard that is added", () => {
    fc.assert(
      fc.property(sites, counts, (site, shards) => {
        const after = shardOf(site, shards + 1);
        expect([shardOf(site, shards), shards]).toContain(after);
      }),
    );
  });

  it("spreads sites evenly", () => {
    const shards = 8;
    const held = Array.from({ length: shards }, () => 0);
    for (let site = 0; site < 8_000; site++) {
      const shard = shardOf(`dc-${site}`, shards);
      held[shard] = (held[shard] ?? 0) + 1;
    }
    // Binomial with mean 1,000 and standard deviation 30: the bound is five standard deviations either way.
    for (const count of held) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });
});
