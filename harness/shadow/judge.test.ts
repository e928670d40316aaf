import { expect, test } from "vitest";
import { recordingOf } from "../../src/cli/shadow/report/report-lanes.ts";
import { type ShadowReport, reportOf } from "../../src/cli/shadow/report/shadow-report.ts";
import { DB1, T0, Tape } from "../../test/cli/shadow/tape.ts";
import { type Done, judgeReport, type Truth } from "./judge.ts";

const RULES = { toleranceMs: 24_000, mergeMs: 5_000, flaps: 4, withinMs: 300_000 };

/** A death after a minute, for a minute; Parallax sees it after 2 s, the checker after 10 s. */
const report = (): ShadowReport => {
  const tape = new Tape()
    .step({ kind: "event", afterMs: 62_000, target: DB1, routing: "avoid", failover: true })
    .step({ kind: "checker", afterMs: 8_000, name: "one", up: false })
    .step({ kind: "event", afterMs: 52_000, target: DB1, routing: "serve", failover: false })
    .step({ kind: "checker", afterMs: 8_000, name: "one", up: true })
    .rest(100_000);
  const recording = recordingOf(tape.lines);
  if (recording === undefined) throw new Error("nothing was recorded");
  return reportOf(recording, RULES);
};

const at = (seconds: number): number => T0 + seconds * 1_000;
const death: Done = {
  kind: "kill",
  targets: [DB1],
  from: at(60),
  to: at(120),
  parallaxSees: true,
  checkerSees: true,
  failover: true,
};
const change = (seconds: number, up: boolean) => ({ target: DB1, at: at(seconds), up });
const truth: Truth = {
  faults: [death],
  away: [],
  gaps: [],
  checker: [change(69.5, false), change(129, true)],
  parallax: [change(61.5, false), change(121.5, true)],
};

test("a report that tells what was is right", () => {
  expect(judgeReport(report(), truth).wrong).toEqual([]);
});

test.each<[string, Partial<Truth>, string]>([
  ["a fault that never was", { faults: [] }, "no fault explains"],
  [
    "a fault that one should not have seen",
    { faults: [{ ...death, parallaxSees: false }] },
    "Parallax saw kill",
  ],
  [
    "failover that nobody should have advised",
    { faults: [{ ...death, failover: false }] },
    "failover advised",
  ],
  [
    "a fault that nobody tells of",
    { faults: [death, { ...death, from: at(200), to: at(201) }] },
    "is not among those seen by both",
  ],
  [
    "an instant that is late",
    { checker: [change(60, false), change(129, true)] },
    "an instant is off by 10.0 s",
  ],
  [
    "a lead that is off",
    {
      checker: [change(73.5, false), change(129, true)],
      parallax: [change(58.5, false), change(121.5, true)],
    },
    "a lead is off by 7.0 s",
  ],
  ["an outage that is not told", { away: [{ from: at(10), to: at(20) }] }, "downtime of 10.0 s"],
  ["a gap that is not told", { gaps: [{ from: at(10), to: at(20) }] }, "gap of 10.0 s"],
])("a report is wrong over %s", (_, other, complaint) => {
  expect(judgeReport(report(), { ...truth, ...other }).wrong.join("; ")).toContain(complaint);
});
