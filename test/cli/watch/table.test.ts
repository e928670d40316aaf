import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Known } from "../../../src/cli/shared/detector/verdict-snapshot.ts";
import { paintFor } from "../../../src/cli/shared/output/paint.ts";
import { linesBetween } from "../../../src/cli/watch/changes.ts";
import { durationIn } from "../../../src/cli/watch/row.ts";
import { Screen } from "../../../src/cli/watch/screen.ts";
import { drawnTable, type Size, type TableView } from "../../../src/cli/watch/table.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { dead, verdictNow } from "../fake-detector.ts";
import { transition } from "./transition.ts";

const NOW = Date.parse("2026-11-22T18:30:10.000Z");
const SINCE = "2026-11-22T18:27:05.000Z";
const plain = paintFor(false, {});
const colourful = paintFor(true, {});

const knownOf = (changes: Record<string, Partial<VerdictAnswer>>): Known => ({
  readAt: 0,
  verdicts: new Map(
    Object.entries(changes).map(([name, change]) => {
      const [site = "", target = ""] = name.split("/");
      return [name, { ...verdictNow(site, target), since: SINCE, ...change }];
    }),
  ),
});

const view = (changes: Record<string, Partial<VerdictAnswer>>, more: Partial<TableView> = {}): TableView => ({
  title: "Parallax http://x",
  known: knownOf(changes),
  outage: undefined,
  reasons: [],
  now: NOW,
  ...more,
});
const WIDE: Size = { columns: Infinity, rows: Infinity };

describe("the table", () => {
  it("has a line for each target: what, for how long, what is advised, who reaches it, and why", () => {
    expect(drawnTable(view({ "fra/db-1": dead(), "fra/web-12": {} }), WIDE, plain)).toEqual([
      "Parallax http://x 2 targets at 18:30:10Z",
      "TARGET      VERDICT              FOR   ADVICE          REACHED  BECAUSE",
      "fra/db-1    node_dead confirmed  3m5s  avoid failover  0/3      good: 5 of 5 sound vantages got no answer",
      "fra/web-12  alive                3m5s  serve           3/3      good: 5 of 5 sound vantages got an answer",
    ]);
  });

  it("keeps to the terminal, whatever it holds", () => {
    const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`fra/web-${index}`, {}]));
    for (const columns of [1, 2, 10, 40, 80, 200])
      for (const rows of [1, 2, 3, 10, 60]) {
        const lines = drawnTable(
          view({ ...many, "fra/zz": dead({ because: "a\nb\u001b[2Jc" }) }),
          { columns, rows },
          plain,
        );
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines) expect(Array.from(line).length).toBeLessThanOrEqual(columns);
        expect(lines.join("")).not.toMatch(/\p{C}/u);
      }
  });

  const LONG =
    "5 of 5 sound vantages got no answer, inside vantage fra-db-2 neither; fra/db-2 answered all, and so did its witness";

  it("keeps the sentence of what has trouble at 80 columns, below its row", () => {
    const lines = drawnTable(
      view({ "fra/db-1": dead({ because: LONG }), "fra/db-2": {}, "fra/db-3": { because: LONG } }),
      { columns: 80, rows: 24 },
      plain,
    );
    expect(lines.slice(1)).toEqual([
      "TARGET    VERDICT              FOR   ADVICE          REACHED  BECAUSE",
      "fra/db-1  node_dead confirmed  3m5s  avoid failover  0/3",
      "    good: 5 of 5 sound vantages got no answer, inside vantage fra-db-2 neither;",
      "    fra/db-2 answered all, and so did its witness",
      "fra/db-2  alive                3m5s  serve           3/3      good: 5 of 5 soun…",
      "fra/db-3  alive                3m5s  serve           3/3      good: 5 of 5 soun…",
    ]);
  });

  it("loses no word of what has trouble, and nothing of its bounds, whatever there is and wherever it is shown", () => {
    const because = fc.array(fc.stringMatching(/^[a-zäöü日本;,.]{1,40}$/u), { minLength: 1, maxLength: 40 });
    const sentences = fc.array(because, { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        sentences,
        fc.integer({ min: 30, max: 200 }),
        fc.integer({ min: 1, max: 80 }),
        (all, columns, rows) => {
          const changes = Object.fromEntries(
            all.map((words, index) => [
              `a/${index}`,
              index % 2 === 0 ? dead({ because: words.join(" ") }) : {},
            ]),
          );
          const bare = (lines: string[]): string => lines.join("").replaceAll(/\s/g, "");
          const whole = drawnTable(view(changes), { columns, rows: 1_000 }, plain);
          for (const [index, words] of all.entries())
            if (index % 2 === 0) expect(bare(whole)).toContain(`good:${words.join("")}`);
          const lines = drawnTable(view(changes), { columns, rows }, plain);
          expect(lines.length).toBeLessThanOrEqual(rows);
          for (const line of [...lines, ...whole])
            expect(Array.from(line).length).toBeLessThanOrEqual(columns);
          const shown = lines.filter((line) => line.startsWith("a/")).length;
          const more = /and (\d+) more/.exec(lines.at(-1) ?? "")?.[1];
          if (rows >= 4) expect(shown + Number(more ?? 0)).toBe(all.length);
        },
      ),
    );
  });

  it("shows what has been below, newest first, as far as there is room", () => {
    const past = {
      transitions: [transition({ sequence: 42 }), transition({ at: SINCE, drill: "d" })],
      isCut: false,
      trouble: undefined,
    };
    const more = { past: { ...past, since: "-1h" } };
    expect(drawnTable(view({ "fra/db-1": {} }, more), { columns: 60, rows: 24 }, plain).slice(3)).toEqual([
      "",
      "BEFORE, since -1h",
      "18:30:04Z fra/db-1 alive → node_dead good: 5 of 5 sound van…",
      "18:27:05Z fra/db-1 alive → node_dead drill=d good: 5 of 5 s…",
    ]);
    expect(drawnTable(view({ "fra/db-1": {} }, more), { columns: 60, rows: 6 }, plain)).toHaveLength(6);
    const trouble = { past: { ...past, trouble: "no answer", since: "-1h" } };
    expect(drawnTable(view({ "fra/db-1": {} }, trouble), WIDE, plain).at(-1)).toBe(
      "what has been could not be read: no answer",
    );
  });

  it("shows what has trouble first where not all fits, and how much is left out", () => {
    const lines = drawnTable(
      view({ "a/1": {}, "a/2": { verdict: "gray" }, "a/3": {}, "a/4": dead() }),
      { columns: 80, rows: 5 },
      plain,
    );
    expect(lines.slice(2).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
      "a/4 ",
      "a/2 ",
      "… and",
    ]);
  });

  it("stays as last known while the detector is not reached, and says since when and why", () => {
    const outage = { since: NOW - 65_000, why: "no answer of the detector: ECONNREFUSED", isNowhere: false };
    const [status, ...rest] = drawnTable(view({ "fra/db-1": {} }, { outage }), WIDE, plain);
    expect(status).toContain(
      "detector not reached since 18:29:05Z (1m5s): no answer of the detector: ECONNREFUSED",
    );
    expect(rest).toHaveLength(2);
  });

  it("says what the detector finds wrong with itself, above the targets and within the terminal", () => {
    const reasons = [
      "overloaded, or interrupted: an alarm rang 4.2 s late within two minutes",
      "a\u001b[2Jb",
    ];
    const lines = drawnTable(view({ "fra/db-1": {}, "fra/db-2": {} }, { reasons }), WIDE, plain);
    expect(lines.slice(1, 3)).toEqual([`detector: ${reasons[0]}`, "detector: a [2Jb"]);
    expect(lines).toHaveLength(6);
    for (const rows of [1, 2, 3, 4, 5])
      expect(
        drawnTable(view({ "fra/db-1": {}, "fra/db-2": {} }, { reasons }), { columns: 80, rows }, plain),
      ).toHaveLength(rows);
  });

  it("is coloured on a terminal that knows colours and whose owner wants them", () => {
    const lines = (paint = plain) => drawnTable(view({ "fra/db-1": dead() }), WIDE, paint).join("\n");
    expect(lines(colourful)).toContain("\u001b[31mfra/db-1");
    for (const [isTerminal, environment] of [
      [true, { NO_COLOR: "1" }],
      [true, { TERM: "dumb" }],
      [false, {}],
    ] as const)
      expect(lines(paintFor(isTerminal, environment))).not.toContain("\u001b");
  });

  it.each([
    [-5_000, "0s"],
    [999, "0s"],
    [59_000, "59s"],
    [60_000, "1m"],
    [3_725_000, "1h2m"],
    [90_000_000, "1d1h"],
    [86_401_000, "1d"],
  ])("writes %i ms as %s", (ms, text) => {
    expect(durationIn(ms)).toBe(text);
  });
});

describe("the lines of changes", () => {
  const NOTHING = { known: undefined, outage: undefined, reasons: [] };
  const told = (changes: Record<string, Partial<VerdictAnswer>>) => ({
    known: knownOf(changes),
    outage: undefined,
    reasons: [] as string[],
  });

  it("tell each target at first, then what changed, appeared or went", () => {
    const before = told({ "a/1": {}, "a/2": {} });
    expect(linesBetween(NOTHING, before)).toHaveLength(2);
    expect(linesBetween(before, before)).toEqual([]);
    expect(linesBetween(before, told({ "a/1": dead(), "a/3": {} }))).toEqual([
      "a/1 node_dead confirmed avoid failover seq=42 rule=good: 5 of 5 sound vantages got no answer",
      "a/3 alive unconfirmed serve no-failover seq=7 rule=good: 5 of 5 sound vantages got an answer",
      "a/2 removed",
    ]);
  });

  it("tell once that the detector is lost, and that it is back", () => {
    const lost = { ...told({ "a/1": {} }), outage: { since: NOW, why: "gone", isNowhere: false } };
    expect(linesBetween(told({ "a/1": {} }), lost)).toEqual(["detector not reached: gone"]);
    expect(linesBetween(lost, lost)).toEqual([]);
    expect(linesBetween(lost, told({ "a/1": {} }))).toEqual(["detector reached again"]);
  });
});

describe("the lines of the detector's own trouble", () => {
  const withReasons = (...reasons: string[]) => ({ known: knownOf({}), outage: undefined, reasons });

  it("come once for each kind of trouble, however its numbers change, and once at its end", () => {
    const late = withReasons("overloaded, or interrupted: an alarm rang 4.2 s late within two minutes");
    const later = withReasons("overloaded, or interrupted: an alarm rang 9.0 s late within two minutes");
    expect(linesBetween(withReasons(), late)).toEqual([`detector: ${late.reasons[0]}`]);
    expect(linesBetween(late, later)).toEqual([]);
    expect(linesBetween(later, withReasons())).toEqual(["detector: nothing is wrong with it any more"]);
  });
});

describe("the screen", () => {
  it("is another one than the terminal's, and given back once", () => {
    let written = "";
    let resized: () => void = () => undefined;
    let redraws = 0;
    const screen = new Screen({
      columns: 40,
      rows: 5,
      write: (text) => (written += text),
      on: (_event, listener) => (resized = listener),
    });
    expect(screen.size).toEqual({ columns: 40, rows: 5 });
    screen.open(() => redraws++);
    screen.draw(["a", "b"]);
    resized();
    screen.close();
    screen.close();
    screen.draw(["c"]);
    resized();
    expect(redraws).toBe(1);
    const E = "\u001b[";
    expect(written).toBe(`${E}?1049h${E}?25l${E}?7l${E}Ha${E}K\r\nb${E}K${E}J${E}?7h${E}?25h${E}?1049l`);
  });
});
