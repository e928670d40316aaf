import { evictDurableObject } from "cloudflare:test";
import { describe, expect, it, vi } from "vitest";
import { Timepiece } from "../../src/still.ts";
import { assignedTarget, assignmentOf } from "../schedule/assigned.ts";
import { DEAD } from "../schedule/scripted-network.ts";
import { openWorld } from "./world.ts";

const INTERVAL_MS = 10_000;
const HOUR_MS = 3_600_000;
const one = assignmentOf([assignedTarget("db-1", { intervalMs: INTERVAL_MS })]);

describe("a vantage whose clock is set", () => {
  it.each([
    { name: "back by a second", shiftMs: -1_000, evicted: false },
    { name: "back by an hour", shiftMs: -HOUR_MS, evicted: false },
    { name: "back by an hour while it sleeps", shiftMs: -HOUR_MS, evicted: true },
    { name: "back by a day", shiftMs: -24 * HOUR_MS, evicted: false },
    { name: "forward by a day", shiftMs: 24 * HOUR_MS, evicted: false },
  ])(
    "$name is looking again within an interval of being called, and so on from then on",
    async ({ shiftMs, evicted }) => {
      const { stub, clock, ticks, tick, aggregator, alarmAt } = openWorld();
      await stub().configure(one);
      await ticks(3);
      if (evicted) await evictDurableObject(stub());
      clock.set(shiftMs);
      // The vantage's alarm was set by the old clock, so the aggregator calls the vantage.
      await stub().configure(one);
      for (let round = 0; round < 3; round++) {
        const seen = aggregator.seen.length;
        expect((await alarmAt()) ?? Infinity).toBeLessThanOrEqual(clock.now() + INTERVAL_MS);
        await tick();
        expect(aggregator.seen.length).toBe(seen + 1);
      }
    },
  );

  it("back while a probe is under way tells no time that it took, and looks again", async () => {
    const { stub, clock, ticks, network, beginTick, turn, aggregator, tick } = openWorld();
    await stub().configure(one);
    await ticks(3);
    network.setAll(DEAD);
    await beginTick(100);
    clock.set(-HOUR_MS);
    await turn(5_000);
    const last = aggregator.taken.at(-1)?.observations ?? [];
    expect(last.every(({ totalMs }) => totalMs >= 0 && totalMs < 10_000)).toBe(true);
    await stub().configure(one);
    await tick();
    expect(aggregator.seen.length).toBeGreaterThan(3);
  });

  it("stands still in an object that lives: it is made anew when its aggregator calls it, and looks by the next call", async () => {
    const { stub, ticks, tick, aggregator } = openWorld();
    await stub().configure(one);
    await ticks(1);
    const timepiece = vi.spyOn(Timepiece.prototype, "now").mockReturnValue(Date.now() - HOUR_MS);
    const refusal = await stub()
      .configure(one)
      .then(() => "none", String);
    expect(refusal).toContain("stands still");
    timepiece.mockRestore();
    await stub().configure(one);
    await tick();
    expect(aggregator.seen.length).toBe(2);
  });
});
