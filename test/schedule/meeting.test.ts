import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Report } from "../../src/domain/report.ts";
import { Outbox } from "../../src/schedule/outbox.ts";
import { MemoryShelf } from "./shelf.ts";

const report = (begin: number): Omit<Report, "sequence" | "dropped"> => ({
  vantage: "lab-1",
  madeAt: begin + 20,
  version: 1,
  observations: [
    { site: "fra", target: "db-1", subject: "target", begin, outcome: "ok", stage: "done", totalMs: 2 },
  ],
  controls: [{ url: "tcp://control.example:443", begin, outcome: "ok", stage: "done", totalMs: 2 }],
});

const begins = (reports: Report[]): number[] =>
  reports.flatMap(({ observations, controls }) => [...observations, ...controls].map(({ begin }) => begin));

describe("an outbox at its first word with the aggregator", () => {
  it("numbers what it kept since its start after all that the aggregator has taken, and loses none of it", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.nat(60), fc.nat(40), (before, unsent, kept, ahead) => {
        const shelf = new MemoryShelf();
        const predecessor = new Outbox(shelf);
        for (let n = 0; n < before + unsent; n++) {
          predecessor.append(report(n), n);
          if (n < before) predecessor.acknowledge(n + 1);
        }
        // More than the disk knows, since the disk had no room for some reports.
        const taken = ahead === 0 ? before : before + unsent + ahead;
        const outbox = new Outbox(shelf);
        for (let n = 0; n < kept; n++) outbox.append(report(1_000 + n), 1_000 + n);
        outbox.meet(taken);
        const sent: Report[] = [];
        for (let batch = outbox.batch(); batch.length > 0; batch = outbox.batch()) {
          sent.push(...batch);
          outbox.acknowledge(batch.at(-1)?.sequence ?? 0);
        }
        const fresh = sent.filter(({ sequence }) => sequence > taken);
        const lost = ahead === 0 ? unsent : 0;
        expect(fresh.map(({ madeAt }) => madeAt)).toHaveLength(kept + lost);
        expect(fresh.map(({ sequence }) => sequence)).toEqual(fresh.map((_, n) => taken + 1 + n));
        outbox.append(report(5_000), 5_000);
        expect(outbox.batch().map(({ sequence }) => sequence)).toEqual([taken + fresh.length + 1]);
      }),
    );
  });

  it("dates anew what it kept by a clock that was wrong, and leaves alone what its predecessor did", () => {
    const shelf = new MemoryShelf();
    new Outbox(shelf).append(report(10_000), 10_000);
    const outbox = new Outbox(shelf);
    outbox.append(report(90_000), 90_000);
    outbox.meet(0, -50_000.5);
    expect(begins(outbox.batch())).toEqual([10_000, 10_000, 39_999, 39_999]);
    expect(outbox.batch().map(({ madeAt }) => madeAt)).toEqual([10_020, 40_019]);
    expect(new Outbox(shelf).inherited?.row.tickedAt).toBeLessThan(50_000);
  });

  it("keeps to its ring", () => {
    const outbox = new Outbox(new MemoryShelf(), 4);
    for (let n = 0; n < 9; n++) outbox.append(report(n), n);
    outbox.meet(100, 1_000);
    expect(outbox.batch().map(({ sequence }) => sequence)).toEqual([101, 102, 103, 104]);
    expect(begins(outbox.batch())[0]).toBe(1_005);
  });
});

describe("a report nobody will take", () => {
  it("makes way for the next, and its observations count as dropped", () => {
    const outbox = new Outbox(new MemoryShelf());
    for (let n = 0; n < 3; n++) outbox.append(report(n), n);
    outbox.discard(1);
    expect(outbox.batch().map(({ sequence }) => sequence)).toEqual([2, 3]);
    outbox.append(report(4), 4);
    expect(outbox.batch().map(({ dropped }) => dropped)).toEqual([0, 0, 1]);
    expect([outbox.unsent, outbox.dropped]).toEqual([3, 1]);
  });
});
