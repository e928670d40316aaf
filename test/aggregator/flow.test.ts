import { describe, expect, it } from "vitest";
import { Flow } from "../../src/aggregator/flow.ts";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { NOW, report } from "../verdict/made.ts";

const REPORTED: EvidenceEvent = { kind: "report", report: report("a", []) };
const REMOVED: EvidenceEvent = { kind: "removed", site: "fra", target: "db-1" };

/** How late the alarm may be now, after such events `agoMs` ago each. */
const slackAfter = (agoMs: number[], event: EvidenceEvent = REPORTED): number => {
  const flow = new Flow();
  for (const ms of agoMs) flow.count([event], NOW - ms);
  return flow.slackMs(NOW);
};

describe("an alarm", () => {
  it.each<[string, number[], EvidenceEvent, boolean]>([
    ["while reports flow", [5_000, 4_000, 3_000, 2_000, 1_000], REPORTED, true],
    ["not once the fifth last is older", [5_001, 4_000, 3_000, 2_000, 1_000], REPORTED, false],
    ["not for four", [4_000, 3_000, 2_000, 1_000], REPORTED, false],
    ["not for what is no report", [5_000, 4_000, 3_000, 2_000, 1_000], REMOVED, false],
  ])("may be put off %s", (_name, agoMs, event, isPutOff) => {
    expect(slackAfter(agoMs, event) > 0).toBe(isPutOff);
  });

  it("is put off by less than the judge takes for its own absence, with room for one that rings late", () => {
    expect(slackAfter([0, 0, 0, 0, 0])).toBeLessThanOrEqual(TUNING.awayMs / 2);
  });
});
