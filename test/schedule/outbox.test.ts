import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../src/domain/observation.ts";
import { type Report, ReportSchema } from "../../src/domain/report.ts";
import { Outbox } from "../../src/schedule/outbox.ts";
import { MemoryShelf } from "./shelf.ts";

const observation: Observation = {
  site: "fra",
  target: "db-1",
  subject: "target",
  begin: 1,
  outcome: "ok",
  stage: "done",
  totalMs: 2,
};
const reportOf = (observations: number, detail = ""): Omit<Report, "sequence" | "dropped"> => ({
  vantage: "weur",
  madeAt: 5,
  version: 1,
  observations: Array.from({ length: observations }, () => ({ ...observation, detail })),
  controls: [],
});
const sequences = (reports: Report[]): number[] => reports.map((report) => report.sequence);

describe("the outbox", () => {
  it("numbers reports from 1 and hands out the oldest first, until they are acknowledged", () => {
    const outbox = new Outbox(new MemoryShelf());
    expect(outbox.hasUnsent).toBe(false);
    for (const size of [1, 2, 3]) outbox.append(reportOf(size), 0);
    expect(sequences(outbox.batch())).toEqual([1, 2, 3]);
    outbox.acknowledge(2);
    expect(sequences(outbox.batch())).toEqual([3]);
    outbox.acknowledge(3);
    expect(outbox.hasUnsent).toBe(false);
    expect(outbox.batch()).toEqual([]);
  });

  it("hands out reports the schema accepts, unchanged", () => {
    const outbox = new Outbox(new MemoryShelf());
    outbox.append(reportOf(2), 0);
    const [report] = outbox.batch();
    expect(ReportSchema.parse(report)).toEqual({ ...reportOf(2), sequence: 1, dropped: 0 });
  });

  it("fills one call with at most 20 reports and about half a megabyte, yet always with one", () => {
    const many = new Outbox(new MemoryShelf());
    for (let n = 0; n < 30; n++) many.append(reportOf(1), 0);
    expect(many.batch()).toHaveLength(20);
    const large = new Outbox(new MemoryShelf());
    for (const size of [2_000, 1_000, 100]) large.append(reportOf(size, "x".repeat(150)), 0);
    expect(sequences(large.batch())).toEqual([1]);
    large.acknowledge(1);
    expect(sequences(large.batch())).toEqual([2, 3]);
  });

  it("drops the oldest when full, and every later report counts the observations lost", () => {
    const outbox = new Outbox(new MemoryShelf(), 3);
    for (const size of [5, 7, 1, 1, 1]) outbox.append(reportOf(size), 0);
    const batch = outbox.batch();
    expect(sequences(batch)).toEqual([3, 4, 5]);
    expect(batch.map((report) => report.dropped)).toEqual([0, 5, 12]);
  });

  it("goes on where its predecessor stopped, sending again only what was not known to be taken", () => {
    const shelf = new MemoryShelf();
    const before = new Outbox(shelf);
    for (let n = 0; n < 3; n++) before.append(reportOf(1), 100 + n);
    before.acknowledge(3);
    before.append(reportOf(1), 103, "learnt");
    before.acknowledge(4);
    const after = new Outbox(shelf);
    expect(after.inherited?.row).toMatchObject({ sequence: 4, tickedAt: 103, memory: "learnt" });
    expect(sequences(after.batch())).toEqual([4]);
    after.append(reportOf(1), 104);
    expect(sequences(after.batch())).toEqual([4, 5]);
  });

  it("numbers on after what the aggregator already knows of it, if its own storage is younger", () => {
    const outbox = new Outbox(new MemoryShelf());
    outbox.append(reportOf(1), 0);
    outbox.acknowledge(700);
    expect(outbox.hasUnsent).toBe(false);
    outbox.append(reportOf(1), 0);
    expect(sequences(outbox.batch())).toEqual([701]);
  });

  it("delivers each observation exactly once or counts it dropped, whatever dies, fails or gets lost in between", () => {
    const step = fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((size) => ({ kind: "append" as const, size })),
      fc
        .constantFrom("delivered" as const, "reply lost" as const)
        .map((fate) => ({ kind: "send" as const, fate })),
      fc.constant({ kind: "die" as const }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), fc.integer({ min: 1, max: 8 }), (steps, capacity) => {
        const shelf = new MemoryShelf();
        let outbox = new Outbox(shelf, capacity);
        let [made, taken, watermark, dropped] = [0, 0, 0, 0];
        const used: number[] = [];
        const send = (isReplyLost: boolean): void => {
          for (const report of outbox.batch()) {
            if (report.sequence <= watermark) continue;
            expect(report.dropped).toBeGreaterThanOrEqual(dropped);
            [watermark, dropped] = [report.sequence, report.dropped];
            taken += report.observations.length;
          }
          if (!isReplyLost) outbox.acknowledge(watermark);
        };
        for (const each of steps) {
          if (each.kind === "die") outbox = new Outbox(shelf, capacity);
          else if (each.kind === "send") send(each.fate === "reply lost");
          else {
            outbox.append(reportOf(each.size), 0);
            made += each.size;
            used.push(shelf.newest()?.sequence ?? 0);
          }
        }
        while (outbox.hasUnsent) send(false);
        expect(used).toEqual(used.map((_, index) => index + 1));
        // An unacknowledged report that the aggregator took and the outbox then dropped counts twice, so the sum is never too low.
        expect(taken + dropped).toBeGreaterThanOrEqual(made);
        expect(taken).toBeLessThanOrEqual(made);
      }),
    );
  });
});
