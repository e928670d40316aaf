import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Ask, requestBursts } from "../../src/verdict/attention.ts";
import type { ShardState, TargetState } from "../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { edge, IDS, NOW, proofAt, shardOf, observed, targetState, vantage } from "./made.ts";

type Part = NonNullable<Parameters<typeof targetState>[0]>;
const SEEN = new Map([["a", edge([observed(NOW - 1_000, "connect_timeout")])]]);
const bursts = (count: number, agoMs: number) => ({ bursts: { count, lastAt: NOW - agoMs, isGrave: false } });

describe("the bucket of bursts", () => {
  const [A, B] = ["fra/db-1", "fra/db-2"];
  const ask = (key: string, part: Partial<Ask> & { of?: Part } = {}): Ask => {
    const { of, ...rest } = part;
    const state = targetState({ edges: SEEN, troubled: true, ...of }, key);
    return { state, vantages: IDS, dueAt: NOW, pDown: 0.5, siteCut: 0, ...rest };
  };
  const asking = (level: number, asks: Ask[], earnedMs = 0, others: TargetState[] = []) => {
    const shard: ShardState = shardOf({
      targets: [...asks.map(({ state }) => state), ...others],
      tokens: { level, at: NOW - earnedMs },
    });
    return requestBursts(shard, asks, NOW, TUNING);
  };
  /** The targets for which a burst was asked for their own sake. */
  const targets = ({ shard }: ReturnType<typeof asking>): string[] =>
    [...shard.targets].filter(([, state]) => state.bursts.lastAt === NOW).map(([key]) => key);
  const HARDLY = { pDown: 0.0079 };

  it.each<[string, number, number, Ask[], number | null]>([
    ["a look from everywhere costs a token", 1, 0, [ask(A)], 0],
    ["less than one buys none", 0.99, 0, [ask(A)], null],
    ["a token is earned in six seconds", 0, 6_000, [ask(A)], 0],
    ["and not sooner", 0, 5_999, [ask(A)], null],
    ["ten are kept, however long nothing was asked", 0, 3_600_000, [ask(A)], 9],
    ["a look from some costs their share", 1, 0, [ask(A, { vantages: ["a", "b"] })], 5 / 7],
    ["two looks from the same cost one", 1, 0, [ask(A), ask(B)], 0],
    ["what is due soon goes along", 1, 0, [ask(A), ask(B, { dueAt: NOW + 1_200 })], 0],
    ["what is due soon asks for nothing alone", 1, 0, [ask(B, { dueAt: NOW + 1 })], null],
    ["what is hardly suspect leaves three", 4, 0, [ask(A, HARDLY)], 3],
    ["and waits where that would take of them", 3.99, 0, [ask(A, HARDLY)], null],
    ["a notice alone leaves them too", 3.99, 0, [ask(A, { of: { troubled: false } })], null],
  ])("%s", (_name, level, earnedMs, asks, left) => {
    const { shard, wanted } = asking(level, asks, earnedMs);
    expect(wanted.length > 0).toBe(left !== null);
    if (left === null) expect(shard.tokens.level).toBe(level);
    else expect(shard.tokens).toEqual({ level: expect.closeTo(left, 9), at: NOW });
  });

  it("serves the grave before the others, who wait where too little is left", () => {
    expect(targets(asking(4.5, [ask(A, HARDLY), ask(B)]))).toEqual([B]);
    expect(targets(asking(5, [ask(A, HARDLY), ask(B)]))).toEqual([A, B]);
  });

  it("gives a first look at a new target away", () => {
    const { shard, wanted } = asking(0, [ask(A, { of: { edges: new Map() } })]);
    expect(wanted.map(({ vantage: id }) => id)).toEqual(IDS);
    expect(shard.tokens).toEqual({ level: 0, at: NOW });
    expect(shard.targets.get(A)?.bursts).toMatchObject({ count: 1, lastAt: NOW });
  });

  it("serves twenty targets at once, and those that have waited longest", () => {
    const asks = Array.from({ length: 22 }, (_, at) => ask(`s-${at}/x`, { of: bursts(1, 1_000 + at) }));
    const served = targets(asking(10, asks));
    expect(served).toHaveLength(20);
    expect([served.includes("s-21/x"), served.includes("s-1/x")]).toEqual([true, false]);
  });

  it.each<[string, number, number, string[]]>([
    ["its siblings where the site is suspected", 0.3, 1_500, [A, B]],
    ["none where it is hardly", 0.29, 1_500, [A]],
    ["none that were just asked", 0.3, 1_499, [A]],
  ])("has looked at with a suspect %s", (_name, siteCut, agoMs, expected) => {
    const sibling = targetState({ edges: SEEN, ...bursts(0, agoMs) }, B);
    expect(targets(asking(5, [ask(A, { siteCut })], 0, [sibling]))).toEqual(expected);
  });

  it("asks each for the target, its witness and the sibling answered last", () => {
    const others = [
      targetState({ proof: proofAt(NOW - 9) }, B),
      targetState({ proof: proofAt(NOW - 5) }, "fra/db-3"),
    ];
    const { wanted } = asking(
      5,
      [ask(A, { vantages: ["c"], of: { target: { hasWitness: true } } })],
      0,
      others,
    );
    const of = (target: string, subject: string) => ({ site: "fra", target, subject });
    expect(wanted).toEqual([
      { vantage: "c", requests: [of("db-1", "target"), of("db-1", "witness"), of("db-3", "target")] },
    ]);
  });

  it("is never overdrawn nor fuller than it holds, and every look is paid for", () => {
    const asks = fc.array(
      fc.record({ vantages: fc.subarray(IDS, { minLength: 1 }), pDown: fc.constantFrom(0, 0.5) }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(
        asks,
        fc.double({ min: 0, max: 10, noNaN: true }),
        fc.nat(200_000),
        (all, level, earnedMs) => {
          const before = Math.min(10, level + earnedMs / 6_000);
          const { shard, wanted } = asking(
            level,
            all.map((part, at) => ask(`s-${at}/x`, part)),
            earnedMs,
          );
          if (wanted.length === 0) expect(shard.tokens).toEqual({ level, at: NOW - earnedMs });
          else expect(before - shard.tokens.level).toBeGreaterThanOrEqual(wanted.length / 7 - 1e-9);
          expect(shard.tokens.level).toBeGreaterThanOrEqual(0);
          expect(shard.tokens.level).toBeLessThanOrEqual(10);
        },
      ),
    );
  });

  it("asks nobody for nothing", () => {
    const shard = shardOf({ vantages: [vantage("a")] });
    expect(requestBursts(shard, [], NOW, TUNING)).toEqual({ shard, wanted: [] });
  });
});
