import { describe, expect, it } from "vitest";
import { type LaneRecording, recordingOf } from "../../../src/cli/shadow/report/report-lanes.ts";
import { type ShadowReport, reportOf } from "../../../src/cli/shadow/report/shadow-report.ts";
import { asText } from "../../../src/cli/shadow/report/report-text.ts";
import type { Line } from "../../../src/domain/shadow-journal-lines.ts";
import { DB1, DB2, Tape } from "./tape.ts";

const RULES = { toleranceMs: 30_000, mergeMs: 5_000, flaps: 4, withinMs: 300_000 };
const recorded = ({ lines }: { lines: readonly Line[] }): LaneRecording => {
  const recording = recordingOf(lines);
  if (recording === undefined) throw new Error("nothing was recorded");
  return recording;
};
const reported = (tape: { lines: readonly Line[] }): ShadowReport => reportOf(recorded(tape), RULES);

const checker = (afterMs: number, up: boolean, name: "one" | "two" = "one") =>
  ({ kind: "checker", afterMs, name, up }) as const;
const event = (afterMs: number, routing: "serve" | "avoid", failover = false) =>
  ({ kind: "event", afterMs, target: DB1, routing, failover }) as const;

/** Parallax sees a death 20 s before the checker does. */
const death = (): Tape =>
  new Tape()
    .step(event(60_000, "avoid", true))
    .step(checker(20_000, false))
    .step(event(60_000, "serve"))
    .step(checker(10_000, true))
    .rest(120_000);

describe("a run that did not hear both", () => {
  const later = (tape: Tape, ...entries: object[]): Line[] => {
    const at = (tape.lines.at(-1)?.at ?? 0) + 60_000;
    const end = { kind: "beat", run: 2, at: at + 600_000 };
    return [
      ...tape.lines,
      ...[{ kind: "on" }, ...entries].map((entry) => ({ ...entry, run: 2, at })),
      end,
    ] as Line[];
  };
  const verdicts = { kind: "verdicts", id: "v", verdicts: [] };
  const silent = { kind: "silent", why: "no answer" };
  const noNames = { kind: "pairs", pairs: {}, unmatched: [], alone: [DB1, DB2] };
  const noTargets = { kind: "pairs", pairs: {}, unmatched: ["one", "two"], alone: [] };

  it.each([
    ["the checker, and wrote that nothing stands for anything", [noNames, verdicts, silent]],
    [
      "the detector, and wrote that nothing stands for anything",
      [noTargets, { kind: "checker", states: {} }],
    ],
    ["the checker", [verdicts, silent]],
  ])("takes nothing from what earlier ones heard, where it missed %s", (_, entries) => {
    const report = reported({ lines: later(death(), ...entries) });
    expect(report).toMatchObject({
      runs: 2,
      matched: [{ target: DB1 }, { target: DB2 }],
      unmatched: [],
      alone: [],
    });
    expect(report.both).toEqual(reported(death()).both);
    expect(asText(report)).toContain("2 targets compared");
  });

  it("does not let an old verdict stand for a time of which it wrote none down", () => {
    const tape = new Tape().step(event(60_000, "avoid")).rest(30_000);
    const recording = recorded({ lines: later(tape, noNames, verdicts, silent) });
    const states = recording.parallax.lanes.get(DB1)?.map(({ state }) => state);
    expect(states).toEqual([true, false, null]);
  });

  it("keeps what a target's earlier name said, and goes on with the later one", () => {
    const pairs = { kind: "pairs", pairs: { uno: DB1, two: DB2 }, unmatched: [], alone: [] };
    const tape = death();
    const lines = later(tape, pairs, { kind: "checker", states: { uno: true, two: true } }, verdicts);
    const down = { kind: "checker", run: 2, at: (lines.at(-1)?.at ?? 0) + 1, states: { uno: false } } as Line;
    const report = reported({ lines: [...lines, down, { kind: "beat", run: 2, at: down.at + 200_000 }] });
    expect(report.matched).toMatchObject([{ name: "uno", target: DB1 }, { name: "two" }]);
    expect([report.both.count, report.checkerOnly.count]).toEqual([1, 1]);
  });
});

it.each([
  [500, 1, 0],
  [20_000, 0, 1],
  [undefined, 1, 0],
])("judges a lead by its own run, which looked every %j ms", (everyMs, first, same) => {
  const on = (line: Line): Line =>
    line.kind === "on" && everyMs !== undefined ? { ...line, everyMs } : line;
  const tape = death().lines.map(on);
  expect(reported({ lines: tape }).both).toMatchObject({
    parallaxFirst: { count: first },
    same: { count: same },
  });
});
