import { describe, expect, it } from "vitest";
import { asHtml } from "../../../src/cli/shadow/report/html.ts";
import { flappingIn, incidentsIn } from "../../../src/cli/shadow/report/incidents.ts";
import { type LaneRecording, recordingOf, type Spell } from "../../../src/cli/shadow/report/report-lanes.ts";
import { figuresOf, type ShadowReport, reportOf } from "../../../src/cli/shadow/report/shadow-report.ts";
import { asJson, asMarkdown, asText } from "../../../src/cli/shadow/report/report-text.ts";
import type { Line } from "../../../src/domain/shadow-journal-lines.ts";
import { DB1, DB2, T0, Tape } from "./tape.ts";

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

describe("a report", () => {
  it("says who was first and by how much, and what /failover would have done", () => {
    const report = reported(death());
    expect(report.both).toMatchObject({
      count: 1,
      parallaxFirst: { count: 1, medianMs: 20_000, p90Ms: 20_000, maxMs: 20_000 },
      checkerFirst: { count: 0, medianMs: null },
      same: { count: 0 },
      startNotSeen: { count: 0 },
      incidents: [
        {
          target: DB1,
          leadMs: 20_000,
          parallax: [{ durationMs: 80_000 }],
          checker: [{ durationMs: 70_000 }],
        },
      ],
    });
    expect(report.failover).toMatchObject({
      count: 1,
      whileCheckerUp: 0,
      advised: [{ target: DB1, durationMs: 80_000, checker: "down" }],
    });
    expect(asText(report)).toContain(
      "Parallax was first 1 time, by 20.0 s (median), 20.0 s (p90), 20.0 s (most); n = 1",
    );
    expect(asText(report)).toContain("kuma was first 0 times");
  });

  it("gives Parallax' evidence for what one only saw", () => {
    const ours = reported(
      new Tape()
        .step(event(60_000, "avoid", true))
        .step(event(60_000, "serve"))
        .rest(120_000),
    );
    expect(ours.parallaxOnly).toMatchObject({
      count: 1,
      incidents: [
        {
          evidence: [
            expect.stringMatching(/node_dead avoid failover by good: because of fra\/db-1/),
            expect.stringContaining("alive"),
          ],
        },
      ],
    });
    expect(ours.failover.whileCheckerUp).toBe(1);
    const tape = new Tape().step(checker(60_000, false)).step(checker(60_000, true)).rest(120_000);
    const look: Line = {
      kind: "look",
      run: 1,
      at: T0 + 70_000,
      target: DB1,
      verdict: "partitioned",
      rule: "split",
      because: "3 of 5",
      reachableFrom: ["r1"],
      unreachableFrom: ["r2", "r3"],
    };
    const theirs = reported({ lines: [...tape.lines, look] });
    expect(theirs.checkerOnly.incidents[0]?.evidence.join("; ")).toMatch(
      /alive serve.*looked up: partitioned by split: 3 of 5; reached from 1: r1; not from 2: r2, r3/,
    );
  });

  it.each([
    [
      "the other did not answer",
      new Tape()
        .step({ kind: "silent", afterMs: 50_000 })
        .step(event(10_000, "avoid"))
        .step(event(60_000, "serve"))
        .step({ kind: "heard", afterMs: 60_000 })
        .rest(90_000),
    ],
    [
      "nobody watched",
      new Tape()
        .step(checker(10_000, false))
        .step({ kind: "gap", afterMs: 1_000, forMs: 600_000 })
        .step(checker(1_000, true))
        .rest(100_000),
    ],
    ["the recording ends too soon", new Tape().step(event(60_000, "avoid")).rest(10_000)],
  ])("compares nothing where %s", (_, tape) => {
    const report = reported(tape);
    expect(report.notComparable.count).toBe(1);
    expect([report.both.count, report.parallaxOnly.count, report.checkerOnly.count]).toEqual([0, 0, 0]);
  });

  it("does not take a stream that is opened anew for an outage, nor lets it hide an hour", () => {
    const tape = new Tape().step(checker(60_000, false));
    for (let turn = 0; turn < 12; turn++)
      tape.step({ kind: "lost", afterMs: 298_000, why: null }).step({ kind: "ready", afterMs: 2_000 });
    const report = reported(tape.step(checker(60_000, true)).rest(60_000));
    expect(report.downtime.parallax).toMatchObject({ count: 0, totalMs: 0 });
    expect(report.checkerOnly.count).toBe(1);
  });

  it.each([
    ["nothing was said meanwhile", [], 1, 0],
    ["something was", [event(500, "serve")], 0, 1],
  ])(
    "of a short fault, compares over a stream that is opened anew where %s",
    (_, meanwhile, only, unsure) => {
      const tape = new Tape().step(checker(60_000, false)).step({ kind: "lost", afterMs: 10_000, why: null });
      for (const step of meanwhile) tape.step(step);
      const report = reported(
        tape.step({ kind: "ready", afterMs: 1_000 }).step(checker(20_000, true)).rest(90_000),
      );
      expect(report.notComparable.count).toBe(unsure);
      expect(report.checkerOnly.count).toBe(only);
    },
  );

  it("counts advice to fail over once, though the stream of events is opened anew meanwhile", () => {
    const tape = new Tape()
      .step(event(60_000, "avoid", true))
      .step({ kind: "lost", afterMs: 30_000, why: null });
    const report = reported(
      tape.step({ kind: "ready", afterMs: 1_000 }).step(event(30_000, "serve")).rest(60_000),
    );
    expect(report.failover).toMatchObject({ count: 1, advised: [{ durationMs: 61_000, isEndSeen: true }] });
  });

  it("counts the downtime of each, and gaps apart from it", () => {
    const tape = new Tape()
      .step({ kind: "silent", afterMs: 10_000 })
      .step({ kind: "heard", afterMs: 30_000 });
    tape
      .step({ kind: "lost", afterMs: 10_000, why: "500" })
      .step({ kind: "gap", afterMs: 20_000, forMs: 60_000 });
    const report = reported(tape.step({ kind: "ready", afterMs: 5_000 }).rest(1_000));
    expect(report.downtime.checker).toMatchObject({ count: 1, totalMs: 30_000, longestMs: 30_000 });
    expect(report.downtime.parallax).toMatchObject({ count: 2, totalMs: 25_000, longestMs: 20_000 });
    expect(report.gaps).toMatchObject({ count: 1, totalMs: 60_000 });
  });

  it("counts what the detector told late only once, and not as news", () => {
    const tape = death();
    const doubled = tape.lines.flatMap((line): Line[] => (line.kind === "event" ? [line, line] : [line]));
    expect(reported({ lines: doubled })).toEqual(reported(tape));
  });
});

it("draws a lane of any length in as many parts as there are columns, and no fault is too short for it", () => {
  const tape = new Tape();
  for (let turn = 0; turn < 3_000; turn++)
    tape.step({ kind: "lost", afterMs: 298_000, why: null }).step({ kind: "ready", afterMs: 2_000 });
  tape.step(checker(60_000, false)).step(checker(1, true)).rest(60_000);
  const recording = recorded(tape);
  const html = asHtml(reportOf(recording, RULES), recording);
  expect(html.length).toBeLessThan(50_000);
  expect(html.match(/class="down"/g)).toHaveLength(1);
});

describe("incidents of a lane", () => {
  const lane = (...spells: [seconds: number, state: boolean | null][]): Spell[] => {
    let at = 0;
    return spells.map(([seconds, state]) => ({ from: at, to: (at += seconds * 1_000), state }));
  };
  it.each([
    ["down to the end", lane([9, true], [9, false]), [[9, 18, true, false, 0]]],
    ["down from the beginning", lane([9, false], [9, true]), [[0, 9, false, true, 0]]],
    [
      "up for a moment",
      lane([9, true], [9, false], [4, true], [9, false], [9, true]),
      [[9, 31, true, true, 1]],
    ],
    [
      "up for longer",
      lane([9, true], [9, false], [6, true], [9, false], [9, true]),
      [
        [9, 18, true, true, 0],
        [24, 33, true, true, 0],
      ],
    ],
    [
      "unknown in between",
      lane([9, true], [9, false], [99, null], [9, false], [9, true]),
      [[9, 126, true, true, 0]],
    ],
    ["unknown before", lane([9, true], [9, null], [9, false], [9, true]), [[18, 27, false, true, 0]]],
    ["unknown after", lane([9, true], [9, false], [9, null]), [[9, 18, true, false, 0]]],
    ["never", lane([9, true], [9, null]), []],
  ])("that is %s", (_, spells, expected) => {
    const found = incidentsIn(spells, 5_000).map(({ from, to, isStartSeen, isEndSeen, dips }) => [
      from / 1_000,
      to / 1_000,
      isStartSeen,
      isEndSeen,
      dips,
    ]);
    expect(found).toEqual(expected);
  });

  it("flap where enough changes stand close together", () => {
    const spells = lane(
      [99, true],
      [1, false],
      [1, true],
      [1, null],
      [1, false],
      [1, true],
      [99, false],
      [9, true],
    );
    expect(flappingIn(spells, 4, 10_000)).toEqual([{ from: 99_000, to: 104_000, changes: 5 }]);
    expect(flappingIn(spells, 6, 10_000)).toEqual([]);
    expect(flappingIn(spells, 6, 1_000_000)).toEqual([{ from: 99_000, to: 203_000, changes: 6 }]);
  });

  it("are summed up by nearest rank", () => {
    expect(figuresOf([3, 1, 2, 10])).toEqual({ count: 4, medianMs: 2, p90Ms: 10, maxMs: 10 });
    expect(figuresOf([])).toEqual({ count: 0, medianMs: null, p90Ms: null, maxMs: null });
  });
});

describe("names and sentences of others", () => {
  const NASTY = `</title><script>alert(1)</script>"'&|\`*_[x](javascript:1)\u202e\u0007\n# x`;
  const tape = death();
  const lines = tape.lines.map((line): Line => {
    if (line.kind === "pairs") return { ...line, pairs: { [NASTY]: DB1, two: DB2 }, unmatched: [NASTY] };
    if (line.kind === "checker")
      return {
        ...line,
        states: Object.fromEntries(
          Object.entries(line.states).map(([name, up]) => [name === "one" ? NASTY : name, up]),
        ),
      };
    return line.kind === "event" ? { ...line, because: NASTY } : line;
  });
  const recording = recorded({
    lines: [
      ...lines,
      { kind: "silent", run: 1, at: T0 + 1_000_000, why: NASTY },
      { kind: "beat", run: 1, at: T0 + 1_001_000 },
    ],
  });
  const report = reportOf(recording, RULES);

  it("are texts in a page that needs nothing else", () => {
    const html = asHtml(report, recording);
    expect(report.both.count).toBe(1);
    for (const sign of ["<script", "\u202e", "\u0007"]) expect(html).not.toContain(sign);
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;|");
    expect(html).not.toMatch(/(src|href|url)\s*[=(]/);
    expect(html.match(/<svg[^>]* role="img" aria-label="fra\/db-1: Parallax 1 times down/g)).toHaveLength(1);
    const tags = [
      ...html.matchAll(
        /<(\/?)(main|table|thead|tbody|tr|td|th|svg|rect|title|text|p|h[123]|div|caption)\b[^>]*?>/g,
      ),
    ];
    const balance = new Map<string, number>();
    for (const [, slash, tag = ""] of tags)
      balance.set(tag, (balance.get(tag) ?? 0) + (slash === "/" ? -1 : 1));
    expect([...balance.values()].every((left) => left === 0)).toBe(true);
  });

  it("begin no line and leave no cell in Markdown and text, and are whole in JSON", () => {
    for (const text of [asMarkdown(report), asText(report)]) {
      for (const sign of ["\u202e", "\u0007", "\n# x"]) expect(text).not.toContain(sign);
      expect(text).not.toMatch(/^\s*alert/m);
    }
    const rows = asMarkdown(report)
      .split("\n")
      .filter((line) => line.startsWith("| fra/db-1"));
    for (const row of rows) expect(row.replaceAll(/\\./g, "").match(/\|/g)?.length).toBeGreaterThan(3);
    expect(asMarkdown(report)).not.toMatch(/(?<!\\)</);
    expect((JSON.parse(asJson(report)) as ShadowReport).unmatched).toEqual([NASTY]);
  });
});
