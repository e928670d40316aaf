import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ApiContext } from "../../../src/api/context.ts";
import { ToldAutomation } from "../../../src/api/aggregators/told-automation.ts";
import { configOf } from "../../../src/config.ts";
import {
  type GoAhead,
  type GoAheadCheck,
  type KeptGoAhead,
  MAX_ASKERS,
  OTHERS,
  withGoAhead,
} from "../../../src/domain/go-ahead.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { bindingsOf, FakeAggregator, platformError, verdictOf } from "../fake.ts";
import { advice, stage } from "../stage.ts";
import { ADMIN, DB1, READ, world } from "../world.ts";

const NOW = Date.UTC(2026, 10, 22, 18, 30);
const DEAD = { verdict: "node_dead", advice: advice("avoid", true) } as const;

beforeEach(() => {
  vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
});

const pass = (ms: number): void => {
  vi.setSystemTime(Date.now() + ms);
};

const firstOf = (check: GoAheadCheck, by: string): Partial<GoAhead> => ({
  site: "fra",
  target: "db-1",
  sequence: 42,
  check,
  by,
});

describe("an answer of 200 by /failover or /avoid", () => {
  it.each(["failover", "avoid"] as const)("is told of: /%s, by whom and when", async (check) => {
    const { aggregator, status } = stage(DEAD);
    expect(await status(check)).toBe(200);
    expect(aggregator.goAheads).toEqual([[{ ...firstOf(check, "READ_TOKEN"), first: NOW, more: 1 }]]);
  });

  it.each(["up", "consul", "health"])("is told of by no /%s, whatever it answers", async (check) => {
    const { aggregator, status } = stage(DEAD);
    await status(check);
    expect(aggregator.calls).not.toContain("noteTold");
  });

  it.each<[string, Partial<VerdictAnswer>, boolean]>([
    ["alive", {}, false],
    ["dead in a drill that is not live", { ...DEAD, drill: "d-1" }, true],
    ["dead, evidence outdated", { ...DEAD, stale: true }, false],
  ])("is none where the target is %s: nothing is told", async (_, changes, rehearsal) => {
    const { aggregator, ask } = stage(changes, rehearsal);
    for (const check of ["failover", "avoid"])
      for (const method of ["GET", "HEAD", "OPTIONS"])
        await ask(`${DB1}/${check}`, { method, headers: READ });
    await ask("/v1/avoid", { headers: READ });
    expect(aggregator.calls).not.toContain("noteTold");
  });

  it("is told of where the drill is live", async () => {
    const { aggregator, status } = stage({ ...DEAD, drill: "d-1" });
    expect(await status("failover")).toBe(200);
    expect(aggregator.goAheads).toHaveLength(1);
  });

  it("costs one call at the first, and one a minute after it, however often they ask", async () => {
    const { aggregator, status } = stage(DEAD);
    for (let asked = 0; asked < 50; asked++) {
      await status("failover");
      pass(1_000);
    }
    expect(aggregator.goAheads).toHaveLength(1);
    pass(60_000);
    await status("failover");
    await status("failover");
    expect(aggregator.goAheads.slice(1)).toEqual([
      [{ ...firstOf("failover", "READ_TOKEN"), first: NOW, more: 50 }],
    ]);
  });

  it("is counted even where the incident is over: whoever asks next tells of it", async () => {
    const { aggregator, status } = stage(DEAD);
    await status("failover");
    await status("failover");
    aggregator.judge(verdictOf({ sequence: 43 }));
    pass(60_000);
    expect(await status("failover")).toBe(409);
    expect(aggregator.goAheads[1]).toMatchObject([{ sequence: 42, more: 1 }]);
    pass(60_000);
    await status("failover");
    expect(aggregator.goAheads).toHaveLength(2);
  });

  it("is one for each token, check and sequence", async () => {
    const { aggregator, ask, status } = stage(DEAD);
    await status("failover");
    await ask(`${DB1}/failover`, { headers: ADMIN });
    await status("avoid");
    aggregator.judge(verdictOf({ ...DEAD, sequence: 43 }));
    await status("failover");
    expect(aggregator.goAheads.flat()).toMatchObject([
      firstOf("failover", "READ_TOKEN"),
      firstOf("failover", "ADMIN_TOKEN"),
      firstOf("avoid", "READ_TOKEN"),
      { ...firstOf("failover", "READ_TOKEN"), sequence: 43 },
    ]);
  });

  it("stays the answer where the aggregator does not take it, and is told of once more", async () => {
    const { aggregator, status } = stage(DEAD);
    let failing = 2;
    aggregator.mood = async (call) => {
      if (call === "noteTold" && failing-- > 0) throw platformError();
    };
    expect(await status("failover")).toBe(200);
    await expect.poll(() => failing).toBe(0);
    expect(aggregator.goAheads).toEqual([]);
    pass(5_000);
    expect(await status("failover")).toBe(200);
    // The aggregator may have received the first count, so the isolate does not report it again.
    expect(aggregator.goAheads).toEqual([[{ ...firstOf("failover", "READ_TOKEN"), first: NOW, more: 1 }]]);
  });
});

it("waits for an aggregator of an earlier release to be of this one, and says so to nobody", async () => {
  const { aggregator, status } = stage(DEAD);
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  let isEarlier = true;
  aggregator.mood = async (call) => {
    if (call === "noteTold" && isEarlier)
      throw new TypeError('The RPC receiver does not implement the method "noteTold".');
  };
  expect(await status("failover")).toBe(200);
  expect(aggregator.calls.filter((call) => call === "noteTold")).toHaveLength(1);
  expect(warned).not.toHaveBeenCalled();
  isEarlier = false;
  pass(5_000);
  await status("failover");
  expect(aggregator.goAheads).toMatchObject([[{ ...firstOf("failover", "READ_TOKEN"), first: NOW }]]);
});

describe("lists", () => {
  it("GET /v1/avoid tells of the lines that say avoid, a call for each shard", async () => {
    const { shards, ask, send } = world({ shards: 3 });
    for (const site of ["a", "b", "c", "d"])
      for (const target of ["db-1", "db-2", "db-3"]) {
        await send("PUT", `/v1/sites/${site}/targets/${target}`, { url: "http://192.0.2.1/" });
        const shard = shards.find((one) => one.readings.has(`${site}/${target}`));
        if (target !== "db-3") shard?.judge(verdictOf({ site, target, ...DEAD }), target === "db-2");
      }
    for (let asked = 0; asked < 3; asked++) await ask("/v1/avoid", { headers: READ });
    const told = shards.flatMap(({ goAheads }) => goAheads.flat());
    expect(told.map(({ site, target, check }) => `${check} ${site}/${target}`).toSorted()).toEqual(
      ["a", "b", "c", "d"].map((site) => `avoid ${site}/db-1`),
    );
    for (const { goAheads, readings } of shards) expect(goAheads).toHaveLength(readings.size > 0 ? 1 : 0);
  });

  it("GET /v1/export/gdnsd tells of targets whose host is DOWN", async () => {
    const { aggregator, ask, send } = world();
    for (const [target, url] of Object.entries({
      one: "http://192.0.2.1/",
      two: "http://192.0.2.1/",
      three: "http://192.0.2.3/",
    }))
      await send("PUT", `/v1/sites/fra/targets/${target}`, { url });
    aggregator.judge(verdictOf({ target: "one", ...DEAD }));
    aggregator.judge(verdictOf({ target: "three", ...DEAD }));
    await ask("/v1/export/gdnsd", { headers: READ });
    expect(aggregator.goAheads).toMatchObject([[{ target: "three", check: "avoid", by: "READ_TOKEN" }]]);
  });
});

describe("what many isolates tell", () => {
  type Fate = "kept" | "lost" | "no answer";
  const step = fc.record({
    isolate: fc.nat(2),
    by: fc.integer({ min: 0, max: MAX_ASKERS + 3 }).map((number) => `t-${number}`),
    sequence: fc.integer({ min: 1, max: 3 }),
    check: fc.constantFrom<GoAheadCheck>("failover", "avoid"),
    passedMs: fc.constantFrom(0, 700, 6_000, 61_000),
    fate: fc.constantFrom<Fate>("kept", "kept", "kept", "lost", "no answer"),
    restarts: fc.integer({ min: 0, max: 19 }).map((number) => number === 0),
  });

  /** Plays the steps. Returns the answers given and the go-aheads kept, both by sequence. */
  const play = async (steps: (typeof step extends fc.Arbitrary<infer T> ? T : never)[]) => {
    vi.setSystemTime(NOW);
    const aggregator = new FakeAggregator();
    const at = { env: bindingsOf([aggregator]), config: configOf(bindingsOf([aggregator])) };
    const isolates = [0, 1, 2].map(() => new ToldAutomation());
    const kept = new Map<number, KeptGoAhead[]>();
    const answered = new Map<number, KeptGoAhead[]>();
    let fate: Fate = "kept";
    let calls = 0;
    aggregator.noteTold = async (told) => {
      calls += 1;
      if (fate === "lost") throw platformError();
      for (const one of told) kept.set(one.sequence, withGoAhead(kept.get(one.sequence) ?? [], one));
      if (fate === "no answer") throw platformError();
    };
    const underWay: Promise<unknown>[] = [];
    const executionCtx = { waitUntil: (work: Promise<unknown>) => underWay.push(work) };
    const c = { executionCtx } as unknown as ApiContext;
    for (const { isolate, by, sequence, check, passedMs, fate: next, restarts } of steps) {
      fate = next;
      pass(passedMs);
      if (restarts) isolates[isolate] = new ToldAutomation();
      const told = { check, by, first: Date.now(), count: 1 };
      const known = answered.get(sequence) ?? [];
      const before = known.find((one) => one.check === check && one.by === by);
      if (before === undefined) answered.set(sequence, [...known, told]);
      else before.count += 1;
      isolates[isolate]?.note(c, at, by, check, [verdictOf({ sequence })]);
      await Promise.all(underWay.splice(0));
    }
    fate = "kept";
    pass(61_000);
    for (const one of isolates) one.note(c, at, "nobody", "avoid", []);
    await Promise.all(underWay.splice(0));
    return { answered, kept, calls };
  };

  const named = (known: KeptGoAhead[] | undefined): KeptGoAhead[] =>
    (known ?? []).filter(({ by }) => by !== OTHERS);
  const total = (known: KeptGoAhead[] | undefined): number =>
    (known ?? []).reduce((sum, { count }) => sum + count, 0);

  it("names no one who was not told, counts none too high, and keeps every first as long as its isolate lives", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { answered, kept } = await play(steps);
        const isWhole = !steps.some(({ restarts }) => restarts);
        for (const sequence of new Set([...answered.keys(), ...kept.keys()])) {
          const truth = answered.get(sequence) ?? [];
          const known = kept.get(sequence);
          expect(total(known)).toBeLessThanOrEqual(total(truth));
          expect(new Set(named(known).map(({ by }) => by)).size).toBeLessThanOrEqual(MAX_ASKERS);
          for (const { check, by, first, count } of named(known)) {
            const right = truth.find((one) => one.check === check && one.by === by);
            expect(count).toBeLessThanOrEqual(right?.count ?? 0);
            if (isWhole) expect(first).toBe(right?.first);
            else expect(first).toBeGreaterThanOrEqual(right?.first ?? Infinity);
          }
          if (isWhole && truth.length > 0 && new Set(truth.map(({ by }) => by)).size <= MAX_ASKERS)
            expect(named(known)).toHaveLength(truth.length);
        }
      }),
      { numRuns: 200 },
    ));

  it("counts each answer once where every call comes through, in no more calls than firsts and minutes", () =>
    fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (drawn) => {
        const steps = drawn.map((one) => ({ ...one, fate: "kept" as const, restarts: false }));
        const { answered, kept, calls } = await play(steps);
        for (const [sequence, truth] of answered) expect(total(kept.get(sequence))).toBe(total(truth));
        const firsts = new Set(
          steps.map(({ isolate, by, sequence, check }) => [isolate, by, sequence, check].join()),
        );
        const minutes = steps.reduce((sum, { passedMs }) => sum + passedMs, 61_000) / 60_000;
        expect(calls).toBeLessThanOrEqual(firsts.size + 3 * minutes);
      }),
      { numRuns: 100 },
    ));

  it("forgets the oldest where there are more than an isolate remembers", async () => {
    const aggregator = new FakeAggregator();
    const at = { env: bindingsOf([aggregator]), config: configOf(bindingsOf([aggregator])) };
    const few = new ToldAutomation(2);
    const c = {} as ApiContext;
    for (const sequence of [1, 2, 3, 3, 2]) few.note(c, at, "t-1", "avoid", [verdictOf({ sequence })]);
    await expect.poll(() => aggregator.goAheads).toHaveLength(3);
    few.note(c, at, "t-1", "avoid", [verdictOf({ sequence: 1 })]);
    await expect.poll(() => aggregator.goAheads).toHaveLength(4);
  });
});
