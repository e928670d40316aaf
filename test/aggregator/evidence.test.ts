import { abortAllDurableObjects, evictDurableObject, reset, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { BASE_AFTER, Journal } from "../../src/aggregator/store/journal.ts";
import { toInstant } from "../../src/domain/instant.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { type EvidenceAnswer, EvidenceAnswerSchema } from "../../src/domain/replay.ts";
import type { EvidenceQuery } from "../../src/domain/rpc.ts";
import { differencesOf } from "../../src/replay/compare.ts";
import { recordedOf } from "../../src/replay/recorded.ts";
import { Replay } from "../../src/replay/rejudge.ts";
import { answerOf, forget, put, query, REGIONS, reportAll, reportOf, rpc, shard } from "./scene.ts";

const ALL: EvidenceQuery = { since: null, until: null, cursor: null, record: "told" };
const KEYS = ["fra/db-1", "fra/db-2", "ams/web-1"];

beforeEach(async () => {
  await reset();
  forget();
  for (const key of KEYS) {
    const [site = "", target = ""] = key.split("/");
    await put(site, target, { intervalMs: 600_000, policy: { restartGraceMs: 0 } });
  }
});

const page = async (asked: Partial<EvidenceQuery>): Promise<EvidenceAnswer> => {
  const result = await rpc().evidence("fra", "db-1", { ...ALL, ...asked });
  if (!result.ok) throw new Error(result.refusal.detail);
  return EvidenceAnswerSchema.parse(JSON.parse(result.value));
};

const pages = async (asked: Partial<EvidenceQuery> = {}): Promise<EvidenceAnswer[]> => {
  const all = [await page(asked)];
  for (let next = all[0]?.next; typeof next === "string"; next = all.at(-1)?.next)
    all.push(await page({ ...asked, cursor: next }));
  return all;
};

/** Judges all recorded evidence again. */
const replayed = (all: EvidenceAnswer[]) => {
  const recorded = recordedOf(all);
  if (typeof recorded === "string") throw new Error(recorded);
  return { recorded, replay: Replay.of(recorded) };
};

const happening = fc.record({
  key: fc.constantFrom(...KEYS),
  finding: fc.constantFrom<Partial<Observation>>(
    {},
    { outcome: "refused", stage: "connect" },
    { outcome: "connect_timeout", stage: "connect", totalMs: 2_000 },
    { outcome: "app_error", stage: "done", detail: "status 500" },
  ),
  vantages: fc.subarray(REGIONS, { minLength: 1 }),
  after: fc.constantFrom("goes on", "is evicted", "dies"),
});

describe("the evidence", () => {
  it("is judged again by anybody to what was published and is answered, whatever became of the object meanwhile", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 12 }), async (happenings) => {
        for (const { key, finding, vantages, after } of happenings) {
          for (const vantage of vantages) await rpc().report([reportOf(vantage, [key], finding)]);
          if (after === "is evicted") await evictDurableObject(shard());
          if (after === "dies") await abortAllDurableObjects();
        }
        const { recorded, replay } = replayed(await pages());
        expect(differencesOf(recorded.published, replay.changes)).toEqual([]);
        const { transitions } = await rpc()
          .transitionsBefore({
            since: null,
            until: null,
            sites: null,
            target: null,
            before: null,
            limit: 1_000,
          })
          .then(({ entries }) => ({ transitions: entries }));
        expect(recorded.published).toHaveLength(transitions.length);
        const now = await answerOf("fra", "db-1");
        const again = replay.answersAt(Date.now()).find(({ target }) => target === "db-1");
        expect([again?.verdict, again?.sequence, again?.because]).toEqual([
          now.verdict,
          now.sequence,
          now.because,
        ]);
      }),
      { numRuns: 5 },
    );
  });

  it("tells what was seen of the target, and of no other", async () => {
    await reportAll(["fra/db-1", "fra/db-2"], { connectMs: 2 });
    await rpc().heartbeat("fra", "db-1", { bootId: "a", everyMs: 1_000 });
    await rpc().notice("fra", "db-1", { kind: "crash", bootId: "a", restarting: false });
    const seen = await page({ record: "unasked" });
    expect(seen.observations.map(({ vantage }) => vantage)).toEqual(REGIONS);
    expect(seen.observations[0]).toMatchObject({ outcome: "ok", stage: "done", totalMs: 5, connectMs: 2 });
    expect(seen.heartbeats).toMatchObject([{ bootId: "a" }]);
    expect(seen.notices).toMatchObject([{ kind: "crash", bootId: "a", restarting: false }]);
    expect([seen.replay, seen.withheld, seen.next]).toEqual([null, null, null]);
  });

  it("begins and ends where it is asked to", async () => {
    await reportAll(["fra/db-1"]);
    const { replay } = await page({});
    const at = replay?.entries.map((entry) => Date.parse(entry.at)) ?? [];
    const middle = at[Math.floor(at.length / 2)] ?? 0;
    const late = await page({ since: middle, record: "unasked" });
    expect(late.since).toBe(toInstant(middle));
    expect(late.observations.length).toBeLessThanOrEqual(REGIONS.length);
    const early = await page({ until: middle });
    expect(
      Math.max(...(early.replay?.entries ?? []).map((entry) => Date.parse(entry.at))),
    ).toBeLessThanOrEqual(middle);
    expect(early.replay?.published.every((one) => Date.parse(one.at) <= middle)).toBe(true);
  });

  it("shows no secret of a URL, and is judged to the same when one was changed", async () => {
    for (const key of ["s3cret-one", "s3cret-two"]) {
      await put("fra", "db-1", { url: `http://127.0.0.1:9000/?key=${key}`, intervalMs: 600_000 });
      await reportAll(["fra/db-1"]);
    }
    const all = await pages();
    expect(JSON.stringify(all)).not.toContain("s3cret");
    const { recorded, replay } = replayed(all);
    expect(differencesOf(recorded.published, replay.changes)).toEqual([]);
  });

  it("of a whole shard is for those who may read all of it", async () => {
    await reportAll(["fra/db-1"]);
    const confined = await page({ record: "withheld" });
    expect(confined.replay).toBeNull();
    expect(confined.withheld).toContain("this token reads only those of some sites");
    expect(confined.observations).toHaveLength(REGIONS.length);
  });

  it("is cut into pages, which together are whole", async () => {
    const long = { detail: "x".repeat(200) };
    const keys = Array.from({ length: 40 }, (_, index) => `fra/t${index}`);
    for (const key of keys) await put("fra", key.slice(4), { intervalMs: 600_000 });
    for (let round = 0; round < 60; round += 1) await reportAll(keys, long);
    const all = await pages();
    expect(all.length).toBeGreaterThan(1);
    const { recorded, replay } = replayed(all);
    expect(differencesOf(recorded.published, replay.changes)).toEqual([]);
  });

  it("reaches back to a memory that was kept on the way, and says so when asked for more", async () => {
    const journalOf = <T>(use: (journal: Journal) => T): Promise<T> =>
      runInDurableObject(shard(), (_object, state) => use(new Journal(state.storage.sql)));
    await reportAll(["fra/db-1"]);
    // The journal as a ring leaves it that has come round: the first judgements are gone.
    await runInDurableObject(shard(), async (object, state) => {
      for (let round = 0; round < BASE_AFTER + 80; round += 1)
        await (object as unknown as { report: (reports: object[]) => Promise<unknown> }).report([
          reportOf("weur", ["fra/db-1"]),
        ]);
      await (object as unknown as { alarm: () => Promise<void> }).alarm();
      state.storage.sql.exec("DELETE FROM journal WHERE id < 10");
    });
    expect(await journalOf((journal) => journal.bases())).toHaveLength(1);
    await reportAll(["fra/db-1"], { outcome: "refused", stage: "connect" });
    const { recorded, replay } = replayed(await pages());
    expect(recorded.entries).toHaveLength(REGIONS.length);
    expect(differencesOf(recorded.published, replay.changes)).toEqual([]);
    const lost = await rpc().evidence("fra", "db-1", { ...ALL, cursor: "3.0" });
    expect(lost).toMatchObject({ ok: false, refusal: { reason: "conflict", path: "cursor" } });
    expect(await query("SELECT count(*) AS n FROM bases")).toEqual([{ n: 1 }]);
  });

  it("goes on from where a page ended, and from no place that a caller has made up", async () => {
    for (const outcome of ["refused", "ok", "refused"] as const)
      await reportAll(["fra/db-1"], { outcome, stage: outcome === "ok" ? "done" : "connect" });
    const { entries = [], published = [] } = (await page({})).replay ?? {};
    const batches = (await query<{ n: number }>("SELECT max(id) AS n FROM transitions"))[0]?.n ?? 0;
    expect(batches).toBeGreaterThan(2);
    const places = entries.flatMap(({ id }) =>
      Array.from({ length: batches + 2 }, (_, batch) => `${id}.${batch}`),
    );
    const asked = [...places, "999999999999999.0"].map((cursor) =>
      rpc().evidence("fra", "db-1", { ...ALL, since: -1e15, cursor }),
    );
    const results = await Promise.all(asked);
    const refusals = results.flatMap((result) => (result.ok ? [] : [result.refusal]));
    const refusal: unknown = expect.objectContaining({ reason: "invalid", path: "cursor" });
    expect(refusals).toEqual(refusals.map(() => refusal));
    const rests = results.flatMap((result) =>
      result.ok ? [EvidenceAnswerSchema.parse(JSON.parse(result.value))] : [],
    );
    // One valid cursor for each judgement that a page may end with.
    expect(rests.map(({ since }) => since)).toEqual(entries.map(({ at }) => at));
    for (const [index, { replay }] of rests.entries()) {
      expect(replay?.entries).toEqual(entries.slice(index + 1));
      const told = replay?.published ?? [];
      expect(told).toEqual(published.slice(published.length - told.length));
    }
  });

  it("of a target that is not there is no answer", async () => {
    expect(await rpc().evidence("fra", "none", ALL)).toMatchObject({
      ok: false,
      refusal: { reason: "not-found", path: "target" },
    });
  });
});
