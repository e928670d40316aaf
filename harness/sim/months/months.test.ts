import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createReality } from "../create-reality.ts";
import { BOLD } from "../detectors.ts";
import { Draw } from "../draw.ts";
import { DEFAULT_NETWORK } from "../layout.ts";
import type { Reality, Seen } from "../reality.ts";
import { scenarioNamed } from "../scenarios.ts";
import { sampleLooks } from "./look-sample.ts";
import { withLuck } from "./luck.ts";
import { QUORUM, touchedRuns } from "./run-of-looks.ts";
import { drawRuns, FORCED_MAX } from "./run-sample.ts";
import { emptyWatch, expectedFooled, mergeWatches } from "./tally.ts";
import { dueAt, firstTurnAfter, LATE_MS, touchedTurns } from "./turn.ts";
import { crowdedMoments, spellsBetween } from "./weather.ts";
import { isFooled, unlucky, watchWorld } from "./watch.ts";

const HOUR_MS = 3_600_000;
const calm = (seed: number, lastsMs = HOUR_MS): Reality =>
  createReality(scenarioNamed("none"), seed, { lastsMs });
/** Nothing is ever lost by itself, and few look at little: the cheapest world with a quorum in it. */
const lossless = (seed: number): Reality =>
  createReality(scenarioNamed("none"), seed, {
    layout: { sites: 2, targetsPerSite: 2 },
    network: { loss: { ...DEFAULT_NETWORK.loss, goodLoss: 0, badLoss: 0 } },
  });

describe("looks by number", () => {
  it("are due when the production schedule takes them, one vantage after the other", async () => {
    const begun: { place: string; at: number }[] = [];
    const reality = calm(3);
    const watched = withLuck(reality, (place, key, at) => {
      if (key === "par/n-5") begun.push({ place, at });
      return false;
    });
    await BOLD.run(watched, reality.beginsAt, reality.beginsAt + 60_000);
    const first = firstTurnAfter(reality, reality.beginsAt + 20_000);
    for (let turn = first; turn < first + 27; turn++) {
      const place = reality.places[turn % reality.places.length]?.id;
      const late = begun
        .filter((look) => look.place === place)
        .map(({ at }) => at - dueAt(reality, turn))
        .filter((ms) => ms >= -20 && ms <= LATE_MS);
      expect(late.length, `look ${turn} of ${place}`).toBeGreaterThan(0);
      expect(dueAt(reality, turn + 1)).toBeGreaterThan(dueAt(reality, turn));
    }
  });

  it("are counted in runs of five, each run with one that bad weather can touch once", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 10, max: 60 })), (drawn) => {
        const turns = drawn.toSorted((a, b) => a - b);
        const expected = Array.from({ length: 80 }, (_, start) => ({
          start,
          touched: turns.filter((turn) => turn >= start && turn < start + QUORUM).length,
        })).filter(({ touched }) => touched > 0);
        expect([...touchedRuns(turns)]).toEqual(expected);
      }),
    );
  });

  it("are drawn from runs of every kind, which together are all there are", () => {
    const reality = calm(4, 48 * HOUR_MS);
    const whole = { from: reality.beginsAt + 60_000, to: reality.endsAt - 60_000 };
    const { runs, spots } = drawRuns(reality, whole, new Draw(1), 2);
    const perSite = firstTurnAfter(reality, whole.to) - QUORUM - firstTurnAfter(reality, whole.from);
    expect(runs.reduce((sum, count) => sum + count, 0)).toBe(4 * perSite);
    spots.forEach((drawn, touched) => {
      expect(drawn).toHaveLength(touched <= FORCED_MAX ? 2 : 0);
      for (const { site, start } of drawn) {
        const turns = touchedTurns(reality, site, whole.to);
        const met = turns.filter((turn) => turn >= start && turn < start + QUORUM);
        expect(met).toHaveLength(touched);
      }
    });
  });
});

describe("bad weather", () => {
  it("read off the timelines is where looks are lost, and elsewhere hardly any are", () => {
    const reality = calm(5, 48 * HOUR_MS);
    const whole = { from: reality.beginsAt + 60_000, to: reality.endsAt - 60_000 };
    const { good, bad } = sampleLooks(reality, whole, new Draw(2));
    expect(good.lost / good.tried).toBeLessThan(0.01);
    expect(bad.lost / bad.tried).toBeGreaterThan(0.2);
  });

  it("takes about the share of time that the model gives it, both directions together", () => {
    const reality = calm(6, 24 * HOUR_MS);
    const [place] = reality.places;
    if (place === undefined) throw new Error("no place");
    const spells = spellsBetween(reality, place, "fra", reality.endsAt);
    const share = spells.reduce((sum, { from, to }) => sum + to - from, 0) / (24 * HOUR_MS);
    const { goodMs, badMs } = DEFAULT_NETWORK.loss;
    expect(spells.length).toBeGreaterThan(5);
    expect(share).toBeGreaterThan(badMs / goodMs / 2);
    expect(share).toBeLessThan((4 * badMs) / goodMs);
    for (let index = 1; index < spells.length; index++)
      expect(spells[index]?.from).toBeGreaterThanOrEqual(spells[index - 1]?.from ?? 0);
  });

  it("is a crowd's when enough places have it at once, whichever direction", () => {
    const spells = [
      [
        { from: 10, to: 30 },
        { from: 12, to: 20 },
      ],
      [{ from: 25, to: 40 }],
      [{ from: 50, to: 60 }],
    ];
    expect(crowdedMoments(spells, 2, 0)).toEqual([25]);
    expect(crowdedMoments(spells, 2, 11)).toEqual([14, 39]);
    expect(crowdedMoments(spells, 3, 11)).toEqual([]);
  });
});

/** What a vantage that misses a node may say instead. */
const AMISS: readonly ((timeoutMs: number) => Seen)[] = [
  (timeoutMs) => ({ outcome: "connect_timeout", stage: "connect", tookMs: timeoutMs }),
  (timeoutMs) => ({ outcome: "response_timeout", stage: "response", tookMs: timeoutMs, connectMs: 80 }),
  () => ({ outcome: "refused", stage: "connect", tookMs: 80, connectMs: 80 }),
  () => ({ outcome: "reset", stage: "response", tookMs: 160, connectMs: 80 }),
];

describe("what is not run whole", () => {
  /** Lets so many vantages see one target fail, each in a way of its own, and asks what is confirmed. */
  const confirms = async (seed: number, failing: readonly number[], ways: readonly number[]) => {
    const reality = lossless(seed);
    const losers = new Map(failing.map((rank, index) => [reality.places[rank]?.id, ways[index] ?? 0]));
    const from = reality.beginsAt + 25_000;
    const amiss = withLuck(reality, () => false);
    const probe: Reality["probe"] = (place, key, at, timeoutMs) => {
      const way = losers.get(place);
      if (key !== "fra/n-1" || way === undefined || at < from)
        return reality.probe(place, key, at, timeoutMs);
      return (AMISS[way] as (typeof AMISS)[number])(timeoutMs);
    };
    const { downs } = await BOLD.run({ ...amiss, probe }, reality.beginsAt, from + 35_000);
    return downs.some(
      ({ label, confirmed }) => confirmed && (label === "node_dead" || label === "process_crashed"),
    );
  };
  const ways = fc.array(fc.nat({ max: AMISS.length - 1 }), { minLength: 9, maxLength: 9 });

  it("cannot convict: fewer vantages than a quorum never confirm a death or a crash, whatever they see", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1_000 }),
        fc.subarray([0, 1, 2, 3, 4, 5, 6, 7, 8], { minLength: 1, maxLength: QUORUM - 1 }),
        ways,
        async (seed, failing, how) => {
          expect(await confirms(seed, failing, how)).toBe(false);
        },
      ),
      { numRuns: 25, seed: 1 },
    );
  });

  it.each([
    ["silent", 0],
    ["refusing", 2],
  ])("could: the same target %s to all of them is confirmed", async (_, way) => {
    const all = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    expect(
      await confirms(
        1,
        all,
        Array.from(all, () => way),
      ),
    ).toBe(true);
  });
});

describe("worst luck", () => {
  const reality = calm(7);
  const start = firstTurnAfter(reality, reality.beginsAt + 90_000);
  const spot = { site: "ams", start, key: "ams/n-2" };

  it("loses every look of five vantages at one target while their turns last, and no other", () => {
    const { span, isLost } = unlucky(reality, spot);
    const losers = reality.places.filter(({ id }) => isLost(id, "ams/n-2", span.from + 1_000));
    expect(losers.map(({ id }) => id)).toEqual(
      Array.from({ length: QUORUM }, (_, index) => reality.places[(start + index) % 9]?.id).toSorted(
        (a, b) =>
          reality.places.findIndex(({ id }) => id === a) - reality.places.findIndex(({ id }) => id === b),
      ),
    );
    const [loser] = losers;
    expect(isLost(loser?.id ?? "", "ams/n-3", span.from)).toBe(false);
    expect(isLost(loser?.id ?? "", "ams/n-2", span.to + 1)).toBe(false);
  });

  it("is seen for what it is when everyone has it", async () => {
    const { span } = unlucky(reality, spot);
    const long = { from: span.from, to: span.to + 10_000 };
    const all = withLuck(reality, (_place, key, at) => key === "ams/n-2" && at >= span.from && at <= long.to);
    expect(await isFooled(BOLD, all, long)).toBe(true);
  });
});

describe("what is to be expected of the rest", () => {
  it("weighs what forced luck did with how likely that luck is", () => {
    const watch = {
      ...emptyWatch(),
      runs: [0, 0, 1_000, 0, 7, 7],
      good: { tried: 100, lost: 1 },
      bad: { tried: 100, lost: 50 },
      forced: [0, 0, 10, 0, 0, 0],
      believed: [0, 0, 2, 0, 0, 0],
    };
    const { losses, expected, most } = expectedFooled(watch);
    // 1,000 runs, five targets each, two of five looks lost to weather and three to chance.
    expect(losses).toBeCloseTo(1_000 * 5 * 0.5 ** 2 * 0.01 ** 3, 12);
    expect(expected).toBeCloseTo(0.2 * losses, 12);
    expect(most).toBeGreaterThan(expected);
    expect(expectedFooled({ ...watch, forced: emptyWatch().forced }).most).toBeCloseTo(losses, 12);
  });

  it("is the same for the same world, and adds up", async () => {
    const task = { seed: 9, days: 0.2, forced: 1 };
    const one = await watchWorld(task, BOLD);
    expect(await watchWorld(task, BOLD)).toEqual(one);
    expect(one.targetMonths).toBeCloseTo((20 * 0.2) / 30, 2);
    expect(one.fooled).toEqual([]);
    const both = mergeWatches([one, one]);
    expect(both.runs).toEqual(one.runs.map((count) => 2 * count));
    expect(both).toMatchObject({ worlds: 2, good: { tried: 2 * one.good.tried } });
  });
});
