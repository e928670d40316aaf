import { describe, expect, it } from "vitest";
import type { Truth, TruthState } from "../reality.ts";
import { oracle } from "./oracle.ts";
import { quorum } from "./quorum.ts";
import { detectBy } from "./rule.ts";
import { SEEDS } from "./run.ts";
import {
  breaksAt,
  hung,
  KEY,
  ok,
  refused,
  silent,
  stubReality,
  type Script,
  type See,
} from "./stub-reality.ts";

const FAULT = 120_000;
const BUDGET = 3_240;
const ALL = Array.from({ length: 9 }, (_, index) => `v${index}`);

const truthOf =
  (changes: [number, TruthState][], reachableFrom = ALL) =>
  (atMs: number): Truth => {
    const [since, state] = changes.findLast(([from]) => from <= atMs) ?? [0, "up"];
    return { state, since, reachableFrom: state === "dead" ? [] : reachableFrom };
  };

const runOracle = async (script: Script, untilMs = 600_000) =>
  oracle(BUDGET).run(stubReality(script), 0, untilMs);

describe("the oracle", () => {
  it.each<[TruthState, See, string]>([
    ["crashed", () => refused(), "process_crashed"],
    ["dead", (_i, _at, ms) => silent(ms), "node_dead"],
    ["hung", (_i, _at, ms) => hung(ms), "process_hung"],
    ["isolated", (_i, _at, ms) => silent(ms), "isolated"],
  ])("names a target that is %s as soon as one look's answer differs", async (state, see, label) => {
    for (const seed of SEEDS) {
      const run = await runOracle({ seed, see: breaksAt(FAULT, see), truth: truthOf([[FAULT, state]]) });
      expect(run.downs).toHaveLength(1);
      expect(run.downs[0]).toMatchObject({ label, confirmed: true });
      const delay = run.downs[0]!.at - FAULT;
      expect(delay).toBeGreaterThan(0);
      // Someone looks every 1.111 s; silence is missed once the usual 40 ms have passed.
      expect(delay).toBeLessThanOrEqual(1_112 + 40);
    }
  });

  it("is never later than a detector on the same schedule that believes the first failure", async () => {
    for (const seed of SEEDS) {
      const script: Script = {
        seed,
        see: breaksAt(FAULT, (_i, _at, ms) => silent(ms)),
        truth: truthOf([[FAULT, "dead"]]),
      };
      const [bound, hasty] = await Promise.all([
        runOracle(script),
        detectBy(quorum({ k: 1, m: 1 }, BUDGET)).run(stubReality(script), 0, 600_000),
      ]);
      expect(bound.downs[0]!.at).toBeLessThanOrEqual(hasty.downs[0]!.at);
    }
  });

  it("does not take a place's own trouble for the fault", async () => {
    // Only v8 could get answers before; what the others fail to see is not news.
    let missedAt = Number.POSITIVE_INFINITY;
    const see: See = (index, atMs, ms) => {
      if (index !== 8) return silent(ms);
      if (atMs < FAULT) return ok();
      missedAt = Math.min(missedAt, atMs + 40);
      return silent(ms);
    };
    const run = await runOracle({ see, truth: truthOf([[FAULT, "dead"]], ["v8"]) });
    expect(run.downs.map(({ at }) => at)).toEqual([missedAt]);
    const quiet = await runOracle({ see: (index, _at, ms) => (index === 8 ? ok() : silent(ms)) });
    expect(quiet.downs).toEqual([]);
  });

  it("does not count what was lost before the fault as a sign of it", async () => {
    for (const seed of SEEDS) {
      const run = await runOracle({
        seed,
        see: (_index, atMs, ms) => {
          if (atMs >= FAULT) return refused();
          return atMs >= FAULT - 2_500 ? silent(ms) : ok();
        },
        truth: truthOf([[FAULT, "crashed"]]),
      });
      expect(run.downs[0]!.at).toBeGreaterThan(FAULT);
    }
  });

  it("renames a crash that becomes a death, and says up at the first answer", async () => {
    const see: See = (_index, atMs, ms) => {
      if (atMs < FAULT || atMs >= 240_000) return ok();
      return atMs < 180_000 ? refused() : silent(ms);
    };
    const run = await runOracle({
      see,
      truth: truthOf([
        [0, "up"],
        [FAULT, "crashed"],
        [180_000, "dead"],
        [240_000, "up"],
      ]),
    });
    expect(run.downs.map(({ label }) => label)).toEqual(["process_crashed", "node_dead"]);
    expect(run.ups).toHaveLength(1);
    expect(run.ups[0]!.at - 240_000).toBeLessThanOrEqual(1_152);
  });

  it("says nothing of a fault that nobody looked at", async () => {
    const reality = {
      see: () => ok(),
      truth: truthOf([
        [FAULT, "crashed"],
        [FAULT + 200, "up"],
      ]),
    };
    const run = await runOracle(reality);
    expect([...run.downs, ...run.ups, ...run.others]).toEqual([]);
  });

  it("takes the word that the scenario's evidence allows", async () => {
    const see = breaksAt(FAULT, (_i, _at, ms) => silent(ms));
    const truth = truthOf([[FAULT, "site-cut"]]);
    const cases: Script["cases"] = [{ key: KEY, from: FAULT, to: 600_000, expected: ["unreachable"] }];
    expect((await runOracle({ see, truth, cases })).downs.map(({ label }) => label)).toEqual(["unreachable"]);
    expect((await runOracle({ see, truth })).downs.map(({ label }) => label)).toEqual(["isolated"]);
  });

  it("tells a partition by the places that lost the target, and its end by the same", async () => {
    const back = 300_000;
    const isCut = (atMs: number): boolean => atMs >= FAULT && atMs < back;
    for (const seed of SEEDS) {
      const run = await runOracle({
        seed,
        see: (index, atMs, ms) => (index < 3 && isCut(atMs) ? silent(ms) : ok()),
        truth: (atMs) => ({ state: "up", since: 0, reachableFrom: isCut(atMs) ? ALL.slice(3) : ALL }),
        cases: [{ key: KEY, from: FAULT, to: back, expected: ["partitioned", "alive"] }],
      });
      expect(run.downs).toEqual([]);
      expect(run.others.map(({ label }) => label)).toEqual(["partitioned"]);
      // Three neighbours of nine look within 2.2 s, then nobody who is cut off for 7.8 s.
      expect(run.others[0]!.at - FAULT).toBeLessThanOrEqual(7_778 + 40);
      expect(run.ups).toHaveLength(1);
      expect(run.ups[0]!.at).toBeGreaterThan(back);
      expect(run.ups[0]!.at - back).toBeLessThanOrEqual(7_778 + 40);
    }
  });

  it("waits for a place that can tell", async () => {
    const run = await runOracle({
      see: breaksAt(FAULT, () => refused()),
      truth: truthOf([[FAULT, "crashed"]]),
      canReport: (_index, atMs) => atMs >= FAULT + 30_000,
      transportMs: 50,
    });
    expect(run.downs[0]!.at).toBeGreaterThanOrEqual(FAULT + 30_050);
  });
});
