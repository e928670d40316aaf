import { reset, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { Ring } from "../../../src/aggregator/store/ring.ts";
import { forget, shard } from "../scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

it("a ring is read in the order of its ids, wherever it has come round and whatever is missing", async () => {
  await runInDurableObject(shard(), (_object, { storage: { sql } }) => {
    sql.exec("CREATE TABLE ring (slot INTEGER PRIMARY KEY, id INTEGER NOT NULL)");
    const written = fc.record({
      size: fc.integer({ min: 1, max: 9 }),
      ids: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 40 }),
      after: fc.integer({ min: 0, max: 42 }),
    });
    fc.assert(
      fc.property(written, ({ size, ids, after }) => {
        sql.exec("DELETE FROM ring");
        const rising = ids.toSorted((a, b) => a - b);
        // A row that is a whole round older than the newest one is overwritten, even where some ids between them are missing.
        const kept = rising.filter((id) => id > (rising.at(-1) ?? 0) - size);
        for (const id of kept) sql.exec("INSERT INTO ring VALUES (?, ?)", id % size, id);
        const ring = new Ring(sql, "ring", size);
        expect(ring.kept()).toEqual(
          kept.length === 0 ? null : { oldest: kept[0] ?? 0, newest: kept.at(-1) ?? 0 },
        );
        expect([...ring.after<{ id: number }>(after, "id")].map(({ id }) => id)).toEqual(
          kept.filter((id) => id > after),
        );
      }),
      { numRuns: 300 },
    );
  });
});
