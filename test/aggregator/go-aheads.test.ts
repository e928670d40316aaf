import { abortAllDurableObjects, evictAllDurableObjects, reset, runInDurableObject } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { GO_AHEAD_ROWS, GoAheadTable } from "../../src/aggregator/store/go-ahead-table.ts";
import type { ShardSnapshot } from "../../src/domain/snapshot.ts";
import { type GoAhead, MAX_ASKERS, OTHERS, type ToldCheck, withGoAhead } from "../../src/domain/go-ahead.ts";
import { toInstant } from "../../src/domain/instant.ts";
import { answerOf, forget, goBackBefore, put, query, reportAll, rpc, shard } from "./scene.ts";

const AT = Date.UTC(2026, 10, 22, 18, 30);

beforeEach(async () => {
  await reset();
  forget();
});

const telling = (changes: Partial<GoAhead> = {}): GoAhead => ({
  site: "fra",
  target: "db-1",
  sequence: 1,
  check: "failover",
  by: "t-1",
  first: AT,
  more: 1,
  ...changes,
});

const shown = (changes: Partial<ToldCheck> = {}): ToldCheck => ({
  check: "failover",
  by: "t-1",
  first: toInstant(AT),
  count: 1,
  ...changes,
});

const watched = async (): Promise<number> => {
  await put("fra", "db-1");
  await put("fra", "db-2");
  await reportAll(["fra/db-1", "fra/db-2"]);
  const { sequence, told } = await answerOf("fra", "db-1");
  expect(told).toEqual([]);
  return sequence;
};

describe("what automation was told", () => {
  it("stands in the verdict, the list of all, the history and the transitions of its sequence, after a restart as well", async () => {
    const sequence = await watched();
    const etag = (await rpc().read("fra", "db-1"))?.split("\n")[0];
    await rpc().noteTold([
      telling({ sequence, by: "t-2", check: "avoid", first: AT + 5 }),
      telling({ sequence, more: 3 }),
    ]);
    expect((await rpc().read("fra", "db-1"))?.split("\n")[0]).not.toBe(etag);
    const told = [shown({ count: 3 }), shown({ by: "t-2", check: "avoid", first: toInstant(AT + 5) })];
    for (const again of [() => Promise.resolve(), abortAllDurableObjects, evictAllDurableObjects]) {
      await again();
      expect((await answerOf("fra", "db-1")).told).toEqual(told);
      expect((await answerOf("fra", "db-2")).told).toEqual([]);
      const { targets } = JSON.parse(await rpc().census(null)) as ShardSnapshot;
      expect(targets.map(({ verdict }) => verdict.told)).toEqual([told, []]);
      const history = await rpc().history("fra", "db-1", null, 10);
      expect(history.ok && history.value.transitions.map((one) => [one.sequence, one.told])).toEqual(
        Array.from({ length: sequence }, (_, index) => [sequence - index, index === 0 ? told : []]),
      );
      const all = { since: null, until: null, sites: null, target: null, before: null, limit: 100 };
      const { entries } = await rpc().transitionsBefore(all);
      const withTold = entries.filter(({ entry }) => entry.told.length > 0).map(({ entry }) => entry);
      expect(withTold).toMatchObject([{ target: "db-1", sequence, told }]);
    }
  });

  it("belongs to its sequence: a verdict that has moved on since was told to nobody", async () => {
    const sequence = await watched();
    await rpc().noteTold([telling({ sequence })]);
    await rpc().putOverride("fra", "db-1", { verdict: "gray", reason: "works", ttlMs: 60_000 });
    const now = await answerOf("fra", "db-1");
    expect([now.sequence > sequence, now.told]).toEqual([true, []]);
  });

  it("outlives its target, whose sequences go on", async () => {
    const sequence = await watched();
    await rpc().noteTold([telling({ sequence })]);
    await rpc().deleteTarget("fra", "db-1", null);
    await put("fra", "db-1");
    const answer = await answerOf("fra", "db-1");
    expect([answer.sequence > sequence, answer.told]).toEqual([true, []]);
  });

  it("is kept in a storage of before", async () => {
    const sequence = await watched();
    await goBackBefore("go_aheads");
    await abortAllDurableObjects();
    await rpc().noteTold([telling({ sequence })]);
    await abortAllDurableObjects();
    expect((await answerOf("fra", "db-1")).told).toEqual([shown()]);
  });
});

describe("its rows", () => {
  const within = <T>(work: (sql: SqlStorage, written: () => number) => T): Promise<T> =>
    runInDurableObject(shard(), (_object, { storage }) => {
      let written = 0;
      const exec = (text: string, ...args: unknown[]) => {
        if (/^\s*(INSERT|UPDATE|DELETE)/.test(text)) written += 1;
        return storage.sql.exec(text, ...(args as SqlStorageValue[]));
      };
      return work({ exec } as unknown as SqlStorage, () => written);
    });

  it("are one write for a sequence, and one a minute for its counts", () =>
    within((sql, written) => {
      const store = new GoAheadTable(sql);
      for (let second = 0; second < 60; second++) store.note([telling()], AT + second * 1_000);
      expect(written()).toBe(1);
      expect(store.of("fra/db-1", 1)).toEqual([shown({ count: 60 })]);
      expect(new GoAheadTable(sql).of("fra/db-1", 1)).toEqual([shown({ count: 1 })]);
      store.note([telling()], AT + 60_000);
      expect(written()).toBe(2);
      expect(new GoAheadTable(sql).of("fra/db-1", 1)).toEqual([shown({ count: 61 })]);
      // The clock was set back: the table writes at once and does not wait for the clock to catch up.
      store.note([telling()], AT - 1);
      expect(written()).toBe(3);
    }));

  it("are those of the newest sequences, and none is left of any other", () =>
    within((sql) => {
      const store = new GoAheadTable(sql);
      const last = GO_AHEAD_ROWS + 3;
      for (let sequence = 1; sequence <= last; sequence++) store.note([telling({ sequence })], AT);
      const shownBy = (one: GoAheadTable) =>
        [3, 4, 5, last].map((sequence) => one.of("fra/db-1", sequence).length);
      expect([shownBy(store), shownBy(new GoAheadTable(sql))]).toEqual([
        [0, 1, 1, 1],
        [0, 1, 1, 1],
      ]);
      store.note([telling({ sequence: 3 })], AT);
      expect([shownBy(store), shownBy(new GoAheadTable(sql))]).toEqual([
        [1, 0, 1, 1],
        [1, 0, 1, 1],
      ]);
      expect(sql.exec("SELECT * FROM go_aheads").toArray()).toHaveLength(GO_AHEAD_ROWS);
    }));

  it("are read anew where they could not be kept", () =>
    within((sql) => {
      let isFull = false;
      const exec: SqlStorage["exec"] = (text, ...args) => {
        if (isFull && text.startsWith("INSERT")) throw new Error("database or disk is full");
        return sql.exec(text, ...args);
      };
      const store = new GoAheadTable({ exec } as SqlStorage);
      store.note([telling()], AT);
      isFull = true;
      expect(() => store.note([telling({ sequence: 2 })], AT)).toThrow("full");
      store.reset();
      expect([1, 2].map((sequence) => store.of("fra/db-1", sequence).length)).toEqual([1, 0]);
    }));

  it("tell so many askers apart, and count all others together", () => {
    let known = withGoAhead([], telling({ by: "t-0" }));
    for (let number = 1; number < MAX_ASKERS + 5; number++)
      known = withGoAhead(known, telling({ by: `t-${number}`, first: AT - number }));
    known = withGoAhead(known, telling({ by: "t-0", check: "avoid" }));
    expect(known).toHaveLength(MAX_ASKERS + 2);
    expect(known.find(({ by }) => by === OTHERS)).toEqual({
      check: "failover",
      by: OTHERS,
      first: AT - MAX_ASKERS - 4,
      count: 5,
    });
  });

  const step = fc.record({
    sequence: fc.integer({ min: 1, max: 3 }),
    check: fc.constantFrom<GoAhead["check"]>("failover", "avoid"),
    by: fc.integer({ min: 0, max: 4 }).map((number) => `t-${number}`),
    first: fc.integer({ min: AT, max: AT + 100_000 }),
    more: fc.nat(5),
    passedMs: fc.constantFrom(0, 20_000, 61_000),
    restarts: fc.integer({ min: 0, max: 7 }).map((number) => number === 0),
  });
  type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
  /** By sequence, check and token; `settled`: the count that was written with the first. */
  type Truth = Map<string, { first: number; count: number; settled: number }>;
  const nameIn = (sequence: number, { check, by }: Pick<GoAhead, "check" | "by">): string =>
    [sequence, check, by].join();

  const play = (sql: SqlStorage, steps: Step[]): { store: GoAheadTable; truth: Truth } => {
    sql.exec("DELETE FROM go_aheads");
    let store = new GoAheadTable(sql);
    const truth: Truth = new Map();
    let now = AT;
    for (const { passedMs, restarts, ...told } of steps) {
      now += passedMs;
      if (restarts) store = new GoAheadTable(sql);
      store.note([telling(told)], now);
      const name = nameIn(told.sequence, told);
      const before = truth.get(name);
      const count = before === undefined ? Math.max(1, told.more) : before.count + told.more;
      const first = Math.min(told.first, before?.first ?? Infinity);
      truth.set(name, { first, count, settled: before?.settled ?? count });
    }
    return { store, truth };
  };

  it("hold the first of all and every count, whatever comes in which order, and after restarts all but the last minute's", () =>
    within((sql) =>
      fc.assert(
        fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
          const { store, truth } = play(sql, steps);
          const least = steps.some(({ restarts }) => restarts) ? "settled" : "count";
          const all = [1, 2, 3].flatMap((sequence) => {
            const told = store.of("fra/db-1", sequence);
            expect(told.map(({ first }) => first)).toEqual(told.map(({ first }) => first).toSorted());
            return told.map((one) => ({ ...one, name: nameIn(sequence, one) }));
          });
          expect(all.map(({ name }) => name).toSorted()).toEqual([...truth.keys()].toSorted());
          for (const { name, first, count } of all) {
            const right = truth.get(name) ?? { first: 0, count: 0, settled: Infinity };
            expect(first).toBe(toInstant(right.first));
            expect(count).toBeLessThanOrEqual(right.count);
            expect(count).toBeGreaterThanOrEqual(right[least]);
          }
        }),
        { numRuns: 100 },
      ),
    ));
});

it("costs no row where nothing was told", async () => {
  await watched();
  await rpc().noteTold([]);
  expect(await query("SELECT * FROM go_aheads")).toEqual([]);
});
