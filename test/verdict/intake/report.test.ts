import { describe, expect, it } from "vitest";
import type { Report } from "../../../src/domain/report.ts";
import { takeReport } from "../../../src/verdict/intake/observations.ts";
import type { ControlRecord, ShardState } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { control, KEY, NOW, observation, report, shardOf, targetState, vantage } from "../made.ts";

const take = (shard: ShardState, told: Report): ShardState => takeReport(shard, told, NOW, TUNING);

describe("a report", () => {
  const shard = shardOf({ vantages: [vantage("a", { lastSequence: 4 })], targets: [targetState()] });

  it.each<[string, string, number, boolean]>([
    ["is taken once", "a", 5, true],
    ["is not taken again", "a", 4, false],
    ["is not taken behind a newer one", "a", 3, false],
    ["of nobody who is known is not taken", "z", 5, false],
  ])("%s", (_name, by, sequence, isTaken) => {
    const after = take(shard, report(by, [observation(KEY, NOW)], { sequence }));
    expect(after !== shard).toBe(isTaken);
    expect(after.vantages.get("a")).toMatchObject(
      isTaken ? { lastSequence: 5, lastReportAt: NOW, reports: 2, observations: 2 } : { lastSequence: 4 },
    );
  });

  it.each<
    [string, ControlRecord | null, [number, "ok" | "app_error" | "pending" | "refused"], ControlRecord]
  >([
    ["a first answer", null, [20, "ok"], { begin: 20, answered: true, answeredAt: 20, failures: 0 }],
    [
      "a wrong answer is an answer",
      null,
      [20, "app_error"],
      { begin: 20, answered: true, answeredAt: 20, failures: 0 },
    ],
    ["a first failure", null, [20, "refused"], { begin: 20, answered: false, answeredAt: 0, failures: 1 }],
    [
      "a second one in a row",
      control(10, { answered: false }),
      [20, "refused"],
      { begin: 20, answered: false, answeredAt: 0, failures: 2 },
    ],
    [
      "a pending and its outcome are one",
      control(20, { answered: false, failures: 2 }),
      [20, "refused"],
      { begin: 20, answered: false, answeredAt: 0, failures: 2 },
    ],
    [
      "a failure after an answer remembers that",
      control(10),
      [20, "pending"],
      { begin: 20, answered: false, answeredAt: 10, failures: 1 },
    ],
    [
      "an answer ends the row",
      control(10, { answered: false, failures: 5 }),
      [20, "ok"],
      { begin: 20, answered: true, answeredAt: 20, failures: 0 },
    ],
    [
      "what is told of late changes nothing",
      control(30),
      [20, "refused"],
      { begin: 30, answered: true, answeredAt: 30, failures: 0 },
    ],
    [
      "a clock that runs ahead begins now",
      null,
      [NOW + 5, "ok"],
      { begin: NOW, answered: true, answeredAt: NOW, failures: 0 },
    ],
  ])("counts of its controls: %s", (_name, known, [begin, outcome], counted) => {
    const controls = new Map(known === null ? [] : [["tcp://c:1", known]]);
    const told = report("a", [], {
      madeAt: begin,
      controls: [{ url: "tcp://c:1", begin, outcome, stage: "connect", totalMs: 1 }],
    });
    const before = shardOf({ vantages: [vantage("a", { controls })] });
    expect(take(before, told).vantages.get("a")?.controls.get("tcp://c:1")).toEqual(counted);
  });
});
