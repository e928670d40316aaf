import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJournal } from "../../../src/cli/shadow/checker-reading.ts";
import { compare } from "../../../src/cli/shadow/report/compare-recordings.ts";
import { incidentsIn } from "../../../src/cli/shadow/report/incidents.ts";
import { type LaneRecording, recordingOf } from "../../../src/cli/shadow/report/report-lanes.ts";
import { type ShadowReport, reportOf } from "../../../src/cli/shadow/report/shadow-report.ts";
import { asText } from "../../../src/cli/shadow/report/report-text.ts";
import type { Line } from "../../../src/domain/shadow-journal-lines.ts";
import { DB1, DB2, type Step, Tape } from "./tape.ts";

const RULES = { toleranceMs: 30_000, mergeMs: 5_000, flaps: 4, withinMs: 300_000 };

const afterMs = fc.integer({ min: 1, max: 120_000 });
const happening: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("checker" as const),
      afterMs,
      name: fc.constantFrom("one" as const, "two" as const),
      up: fc.constantFrom(true, false, null),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("event" as const),
      afterMs,
      target: fc.constantFrom(DB1, DB2),
      routing: fc.constantFrom("serve" as const, "avoid" as const),
      failover: fc.boolean(),
    }),
  },
  fc.record({ kind: fc.constantFrom("silent" as const, "heard" as const, "ready" as const), afterMs }),
  fc.record({ kind: fc.constant("lost" as const), afterMs, why: fc.constantFrom("no answer", null) }),
  fc.record({ kind: fc.constant("gap" as const), afterMs, forMs: fc.integer({ min: 1, max: 60_000 }) }),
);
const story = fc.array(happening, { maxLength: 40 });

const played = (steps: readonly Step[]): Tape =>
  steps.reduce((tape, step) => tape.step(step), new Tape()).rest(90_000);

const recorded = (lines: readonly Line[]): LaneRecording => {
  const recording = recordingOf(lines);
  if (recording === undefined) throw new Error("nothing was recorded");
  return recording;
};

const whole = (lines: readonly Line[]): ShadowReport => reportOf(recorded(lines), RULES);

/** The source of a line: the checker, the detector, or the line's own kind. */
const speaker = ({ kind }: Line): string => {
  if (kind === "checker" || kind === "silent") return "checker";
  if (kind === "verdicts" || kind === "event" || kind === "lost") return "detector";
  return kind;
};

describe("a report", () => {
  it("of a journal cut at any byte is that of its whole lines, and the rest is counted", () => {
    fc.assert(
      fc.property(story, fc.double({ min: 0, max: 1, noNaN: true }), (steps, part) => {
        const { text } = played(steps);
        const bytes = Buffer.from(text);
        const cut = bytes.subarray(0, Math.floor(bytes.length * part));
        const read = readJournal("f", cut);
        const kept = cut.toString().slice(0, cut.toString().lastIndexOf("\n") + 1);
        if (Array.isArray(read)) {
          expect(kept).toBe("");
          expect(read).toMatchObject([{ file: "f", line: 1, field: "kind" }]);
          return;
        }
        expect(read.tornBytes).toBe(cut.length - Buffer.byteLength(kept));
        expect(read.lines).toEqual(
          kept
            .trimEnd()
            .split("\n")
            .map((line) => JSON.parse(line) as Line),
        );
        const recording = recordingOf(read.lines);
        if (recording !== undefined) reportOf(recording, RULES);
      }),
    );
  });

  it("is the same however often the shadow is restarted, as long as it missed nothing", () => {
    fc.assert(
      fc.property(story, fc.array(fc.nat({ max: 40 })), (steps, places) => {
        const restarted = steps.flatMap((step, index): Step[] =>
          places.includes(index) ? [step, { kind: "restart", afterMs: 0 }] : [step],
        );
        const { runs: _, ...once } = whole(played(steps).lines);
        const { runs: _runs, ...often } = whole(played(restarted).lines);
        expect(often).toEqual(once);
      }),
    );
  });

  it("does not depend on how the lines of different speakers stand among each other", () => {
    fc.assert(
      fc.property(story, fc.infiniteStream(fc.nat()), (steps, draws) => {
        const { lines } = played(steps);
        const queues = Map.groupBy(lines, speaker);
        const mixed: Line[] = [];
        while (mixed.length < lines.length) {
          const left = [...queues.values()].filter((queue) => queue.length > 0);
          const next = left[(draws.next().value ?? 0) % left.length]?.shift();
          if (next !== undefined) mixed.push(next);
        }
        expect(whole(mixed)).toEqual(whole(played(steps).lines));
      }),
    );
  });

  it("mirrors itself when the two sides change places", () => {
    fc.assert(
      fc.property(story, (steps) => {
        const { parallax, other } = recorded(played(steps).lines);
        const [one, mirrored] = [compare(parallax, other, RULES), compare(other, parallax, RULES)];
        expect({
          both: mirrored.both.map(({ target, a, b, leadMs }) => ({
            target,
            a: b,
            b: a,
            leadMs: leadMs === null ? null : 0 - leadMs,
          })),
          onlyA: mirrored.onlyB,
          onlyB: mirrored.onlyA,
          unsureA: mirrored.unsureB,
          unsureB: mirrored.unsureA,
          flapsA: mirrored.flapsB,
          flapsB: mirrored.flapsA,
          silentA: mirrored.silentB,
          silentB: mirrored.silentA,
        }).toEqual(one);
      }),
    );
  });

  it("puts each incident of each side into one class, and no figure stands without its count", () => {
    fc.assert(
      fc.property(story, (steps) => {
        const recording = recorded(played(steps).lines);
        const report = reportOf(recording, RULES);
        const { both, parallaxOnly, checkerOnly, notComparable } = report;
        const seen = (side: LaneRecording["other"]): number =>
          [...side.lanes.values()].flatMap((lane) => incidentsIn(lane, RULES.mergeMs)).length;
        const shared = (who: "parallax" | "checker"): number =>
          both.incidents.flatMap((one) => one[who]).length;
        expect(shared("parallax") + parallaxOnly.count + notComparable.parallax.length).toBe(
          seen(recording.parallax),
        );
        expect(shared("checker") + checkerOnly.count + notComparable.checker.length).toBe(
          seen(recording.other),
        );
        const { parallaxFirst, checkerFirst, same, startNotSeen } = both;
        expect(parallaxFirst.count + checkerFirst.count + same.count + startNotSeen.count).toBe(both.count);
        for (const figures of [parallaxFirst, checkerFirst])
          expect(figures.medianMs === null).toBe(figures.count === 0);
        for (const line of asText(report).split("\n"))
          if (line.includes("(median)")) expect(line).toMatch(/n = \d+/);
        const covered = report.watchedMs + report.gaps.totalMs;
        expect(covered).toBe(Date.parse(report.to) - Date.parse(report.from));
      }),
    );
  });
});
