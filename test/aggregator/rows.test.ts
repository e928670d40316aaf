import { abortAllDurableObjects, reset, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { JOURNAL_ROWS, Journal } from "../../src/aggregator/store/journal.ts";
import type { KeptTransition } from "../../src/webhooks/kept-transition.ts";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { partsOf } from "../../src/domain/parts.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import { answerOf, forget, put, query, reportAll, rpc, shard } from "./scene.ts";

const ROW_BYTES = 2_000_000;
const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

beforeEach(async () => {
  await reset();
  forget();
});

describe("a text in parts", () => {
  it("is the same text again, and no part is larger than a row or ends within a character", () => {
    const piece = fc.oneof(fc.constant("a"), fc.constant("é"), fc.constant("語"), fc.constant("\u{1F600}"));
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }),
        fc.integer({ min: 1, max: 60_000 }),
        (pieces, times) => {
          const text = pieces.join("").repeat(times);
          const parts = partsOf(text);
          expect(parts.join("") === text).toBe(true);
          expect(parts.length > 0).toBe(true);
          expect(parts.every((part) => bytesOf(part) < ROW_BYTES && part.isWellFormed())).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });

  it.each([
    { name: "nothing", text: "", parts: 1 },
    { name: "what fits into a row", text: "a".repeat(1_900_000), parts: 1 },
    { name: "what fits by its length and not by its bytes", text: "語".repeat(700_000), parts: 2 },
    { name: "more", text: "a".repeat(2_400_000), parts: 4 },
  ])("takes as few rows as it can: $name is $parts", ({ text, parts }) => {
    expect(partsOf(text)).toHaveLength(parts);
  });
});

describe("the journal", () => {
  const big = (mark: string): EvidenceEvent[] =>
    Array.from({ length: 24 }, (_, index) => ({
      kind: "removed",
      site: `${mark}-${index}`,
      target: "x\u{1F600}".repeat(50_000),
    }));

  it("keeps what is larger than a row, as long as anything else, and no longer", () =>
    runInDurableObject(shard(), (_object, { storage }) => {
      const journal = new Journal(storage.sql);
      const first = 1_000;
      journal.append({ id: first, at: 1, events: big("one") });
      journal.append({ id: first + 1, at: 2, events: [] });
      const reread = new Journal(storage.sql);
      const entries = [...reread.after(first - 1)];
      expect(entries.map(({ id, events }) => [id, events.length])).toEqual([
        [first, 24],
        [first + 1, 0],
      ]);
      expect(JSON.stringify(entries[0]?.events) === JSON.stringify(big("one"))).toBe(true);
      const overflow = () => storage.sql.exec("SELECT * FROM overflow").toArray().length;
      expect(overflow()).toBeGreaterThan(0);
      reread.append({ id: first + JOURNAL_ROWS, at: 3, events: [] });
      expect(overflow()).toBe(0);
      expect([...new Journal(storage.sql).after(first)].map(({ id }) => id)).toEqual([
        first + 1,
        first + JOURNAL_ROWS,
      ]);
    }));

  it("keeps a batch of transitions that is larger than a row", () =>
    runInDurableObject(shard(), (_object, { storage }) => {
      const kept = Array.from({ length: 400 }, (_, index) => ({
        key: `fra/db-${index}`,
        previous: null,
        transition: { because: "语".repeat(2_000), rule: "good" },
      })) as unknown as KeptTransition[];
      new Journal(storage.sql).appendTransitions(77, kept);
      const journal = new Journal(storage.sql);
      expect(journal.transitionsOf(77)).toEqual(kept);
      expect([...journal.transitionsAfter(76)]).toEqual([{ id: 77, kept }]);
    }));
});

describe("targets with long headers", () => {
  // The targets are paused, so that no vantage is handed them each time.
  const request = (length: number) =>
    completeTarget(
      TargetSchema.parse({
        url: "http://127.0.0.1:9000/",
        paused: true,
        headers: Object.fromEntries(
          Array.from({ length: 20 }, (_, index) => [`x-header-${index}`, "v".repeat(length)]),
        ),
      }),
    );

  it("are taken until all of them are more than a vantage is handed, and then 409 before anything is kept", async () => {
    let taken = 0;
    let refusal: unknown;
    while (taken < 300 && refusal === undefined) {
      const result = await rpc().putTarget("fra", `db-${taken}`, request(1_024), null);
      if (result.ok) taken++;
      else refusal = result.refusal;
    }
    expect(taken).toBeGreaterThan(130);
    expect(refusal).toMatchObject({ reason: "capacity", path: "headers" });
    const rows = await query<{ count: number }>("SELECT count(*) AS count FROM targets");
    expect(rows[0]?.count).toBe(taken);
    // The shard never refuses a change that makes a target no heavier, nor a target for which there is room.
    expect(await rpc().putTarget("fra", "db-0", request(1_024), null)).toMatchObject({ ok: true });
    expect(await rpc().putTarget("fra", "db-0", request(10), null)).toMatchObject({ ok: true });
    expect(await rpc().putTarget("fra", "one-more", request(10), null)).toMatchObject({ ok: true });
  });
});

describe("a full shard with long addresses", () => {
  it("tells the judge of all of them at once after a restart, in rows that fit", async () => {
    await put("fra", "db-0");
    await reportAll(["fra/db-0"]);
    await runInDurableObject(shard(), (_object, { storage }) => {
      const [row] = storage.sql
        .exec<{ config: string }>("SELECT config FROM targets WHERE target = 'db-0'")
        .toArray();
      const config = JSON.parse(row?.config ?? "") as object;
      const long = (host: string) => `http://${host}/${"p".repeat(2_000)}`;
      const filled = JSON.stringify({ ...config, url: long("127.0.0.1:9"), witness: long("127.0.0.1:8") });
      for (let index = 1; index < 500; index++)
        storage.sql.exec(
          "INSERT INTO targets VALUES ('fra', ?, ?, ?, 1, ?, ?)",
          `db-${index}`,
          filled,
          1_000 + index,
          Date.now(),
          Date.now(),
        );
      storage.sql.exec("UPDATE meta SET value = '{}' WHERE name = 'introduced'");
    });
    await abortAllDurableObjects();
    expect((await answerOf("fra", "db-0")).verdict).toBe("alive");
    expect((JSON.parse(await rpc().census(null)) as { targets: unknown[] }).targets).toHaveLength(500);
    const rows = await query<{ bytes: number; rest: number }>(
      "SELECT (SELECT max(length(CAST(events AS BLOB))) FROM journal) AS bytes, (SELECT count(*) FROM overflow) AS rest",
    );
    expect(rows[0]?.bytes).toBeLessThan(ROW_BYTES);
    expect(rows[0]?.rest).toBeGreaterThan(0);
    await abortAllDurableObjects();
    expect((await answerOf("fra", "db-499")).verdict).toBe("unknown");
  });
});
