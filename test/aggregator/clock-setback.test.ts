import { abortAllDurableObjects, reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { aheadMs, dated } from "../../src/aggregator/clock-setback.ts";
import { heeded, voided } from "../../src/replay/setback.ts";
import { NEVER, type ShardState } from "../../src/verdict/memory/judge-state.ts";
import { dumpState } from "../../src/verdict/memory/target-state.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { World } from "../verdict/world.ts";
import { Timepiece } from "../../src/still.ts";
import { answerOf, forget, put, reportAll, reportOf, rpc } from "./scene.ts";

const HOUR_MS = 3_600_000;

describe("the clock that is judged by", () => {
  it.each([
    { name: "goes on with the machine's", judgedAt: 1_000, at: 1_500, now: 1_500, isSetBack: false },
    {
      name: "stands still while that is corrected",
      judgedAt: 9_000,
      at: 7_000,
      now: 9_000,
      isSetBack: false,
    },
    { name: "follows one that was set back", judgedAt: 9_000, at: 6_999, now: 6_999, isSetBack: true },
    { name: "follows the first there is", judgedAt: 0, at: 5, now: 5, isSetBack: false },
  ])("$name", ({ judgedAt, at, now, isSetBack }) => {
    expect(heeded(judgedAt, at)).toEqual({ now, isSetBack });
  });
});

describe("a report", () => {
  it.each([
    { name: "of now", ahead: 0, counts: true },
    { name: "of a clock that differs a little", ahead: 10_000, counts: true },
    { name: "of a clock that is ahead, or of before ours was set back", ahead: 10_001, counts: false },
  ])("$name: what it saw counts: $counts", ({ ahead, counts }) => {
    const now = 1_800_000_000_000;
    const report = { ...reportOf("weur", ["fra/db-1"], {}, now), madeAt: now + ahead };
    expect(aheadMs(report, now)).toBe(counts ? 0 : ahead);
    expect(dated(report, now)).toMatchObject({ sequence: report.sequence, madeAt: report.madeAt });
    expect(dated(report, now).observations).toHaveLength(counts ? 1 : 0);
  });
});

/** Every number in a state that may be an instant. */
const instantsIn = (state: ShardState): number[] =>
  [...dumpState(state).matchAll(/[:,[](\d{12,15})\b/g)].map(([, digits]) => Number(digits));

describe("after the clock was set back", () => {
  it("no instant that is remembered lies ahead, whatever was seen before, and all is unknown", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3_000, max: 48 * HOUR_MS }),
        fc.integer({ min: 5, max: 60 }),
        fc.boolean(),
        (byMs, seconds, dies) => {
          const world = new World({ asText: false });
          world.place("fra/db-1", { witness: true });
          world.place("fra/db-2");
          world.run(20_000);
          if (dies) world.set("fra/db-1", "silent");
          world.run(1_000 * seconds);
          const now = world.state.judgedAt - byMs;
          const ahead = instantsIn(voided(world.state, now)).filter((at) => at > now && at !== NEVER);
          expect(ahead).toEqual([]);
          const judgement = judge(voided(world.state, now), [], now, TUNING);
          for (const [key, { published }] of judgement.state.targets) {
            const before = world.state.targets.get(key)?.published;
            expect(published.verdict).toBe("unknown");
            expect(published.sequence).toBeGreaterThan(before?.sequence ?? 0);
            expect(published.advice.failover).toBe(false);
          }
          expect(judgement.nextAt).toBeGreaterThanOrEqual(now);
        },
      ),
      { numRuns: 20 },
    );
  });
});

/** Reads as often as pollers do. The clock stands still, so all reads fall within one millisecond. */
const readOften = async (): Promise<void> => {
  const stopped = Date.now();
  vi.spyOn(Date, "now").mockImplementation(() => stopped);
  for (let read = 0; read < 10; read++) await rpc().read("fra", "db-1");
};

describe("a shard whose clock is set back", () => {
  beforeEach(async () => {
    vi.restoreAllMocks();
    await reset();
    forget();
  });

  it("says so, knows nothing until it is told anew, and goes on from there after a restart", async () => {
    await put("fra", "db-1");
    await put("fra", "db-2");
    await reportAll(["fra/db-1", "fra/db-2"]);
    const before = await answerOf("fra", "db-1");
    expect(before.verdict).toBe("alive");
    const now = Date.now() - HOUR_MS;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    const after = await answerOf("fra", "db-1");
    expect(after).toMatchObject({ verdict: "unknown", lastVerdict: "alive", asOf: null, stale: false });
    expect(after.sequence).toBe(before.sequence + 1);
    expect(Date.parse(after.since)).toBeLessThanOrEqual(now);
    expect((await rpc().health()).reasons.join()).toContain("the clock was set back by 60 min");
    // A report from before the setback that was still on its way.
    await rpc().report([reportOf("weur", ["fra/db-1"], {}, now + HOUR_MS - 1_000)]);
    expect((await answerOf("fra", "db-1")).evidence).toEqual([]);
    expect((await rpc().health()).reasons.join()).toContain("the clock of vantage weur is 60 min ahead");
    await abortAllDurableObjects();
    expect((await answerOf("fra", "db-1")).sequence).toBe(after.sequence);
    await reportAll(["fra/db-1", "fra/db-2"]);
    expect(await answerOf("fra", "db-1")).toMatchObject({ verdict: "alive", confirmed: true });
  });

  it("lets a drill and an override last for as long as they were given for", async () => {
    await put("fra", "db-1");
    const silence = { site: "fra", fault: "silence", durationMs: 60_000, live: false } as const;
    const ended = await rpc().startDrill(silence);
    await rpc().stopDrill(ended.ok ? ended.value.id : "");
    await rpc().startDrill(silence);
    await rpc().putOverride("fra", "db-1", { ttlMs: 60_000, reason: "works", advice: { routing: "avoid" } });
    const now = Date.now() - HOUR_MS;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    const { override } = await answerOf("fra", "db-1");
    expect(Date.parse(override?.until ?? "") - now).toBeLessThanOrEqual(60_000);
    const drills = await rpc().listDrills(null);
    expect(drills).toHaveLength(1);
    const [drill] = drills;
    expect(Date.parse(drill?.endsAt ?? "") - now).toBeLessThanOrEqual(60_000);
  });

  it("hears a heartbeat at once, whenever the last one came", async () => {
    await put("fra", "db-1");
    await rpc().heartbeat("fra", "db-1", { bootId: "b-1" });
    const now = Date.now() - HOUR_MS;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    expect(await rpc().heartbeat("fra", "db-1", { bootId: "b-1" })).toMatchObject({
      value: { accepted: true },
    });
  });

  // Under workerd an object's clock never goes back while the object lives: it shows the last instant until the machine's clock reaches
  // that instant again.
  it.each([
    { name: "asked for its health", call: () => rpc().health() },
    { name: "called by the schedule", call: () => rpc().watch() },
    { name: "read again and again", call: readOften },
  ])("stands still in an object that lives: $name, it is made anew, and says so", async ({ call }) => {
    await put("fra", "db-1");
    await reportAll(["fra/db-1"]);
    const before = await answerOf("fra", "db-1");
    const now = Date.now() - HOUR_MS;
    const timepiece = vi.spyOn(Timepiece.prototype, "now").mockReturnValue(now);
    expect(await call().then(() => "none", String)).toContain("stands still");
    timepiece.mockRestore();
    vi.spyOn(Date, "now").mockImplementation(() => now);
    expect((await rpc().health()).reasons.join()).toContain("the clock was set back by 60 min");
    const after = await answerOf("fra", "db-1");
    expect(after).toMatchObject({ verdict: "unknown", asOf: null });
    expect(after.sequence).toBeGreaterThan(before.sequence);
  });

  it("goes on where clocks differ by a little", async () => {
    vi.spyOn(Timepiece.prototype, "now").mockReturnValue(Date.now() - 1_000);
    expect((await rpc().health()).reasons).toEqual([]);
  });
});
