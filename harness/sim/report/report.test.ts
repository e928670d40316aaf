import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Task } from "../crew-member.ts";
import { DETECTORS, SWEEPS } from "../detectors.ts";
import { PretendPlayer } from "../pretend-player.ts";
import { KINDS } from "../kinds/kinds.ts";
import { scenarioNamed, SCENARIOS } from "../scenarios.ts";
import { emptyTally, type Tally } from "../tally.ts";
import type { ReportEffort } from "./effort.ts";
import { DECEIVING, gatherFigures } from "./figures.ts";
import { KeptPlayer, OutOfTime } from "./kept.ts";
import { tableLines } from "./markdown.ts";
import { pageOf } from "./page.ts";
import { pictureOf } from "./picture.ts";
import { pointOf, rateOf } from "./point.ts";
import { rawOf } from "./raw.ts";
import { logScale, tickText } from "./scale.ts";

const directory = mkdtempSync(join(tmpdir(), "kept-"));
afterAll(() => rmSync(directory, { recursive: true }));

const EFFORT: ReportEffort = {
  claims: { timed: 2, classes: 2, gray: 2, deceptive: 2, worlds: 2, calm: 2, months: 3 },
  scenarios: 2,
  timed: 2,
  deceptive: 2,
  kinds: 2,
};
const quiet = (): void => undefined;

describe("the page", () => {
  const MAKING = { mode: "usual", picture: "detection.svg", raw: "detection.json" } as const;

  it("shows every detector, claim and kind, and is no longer than can be read", async () => {
    const figures = await gatherFigures(new PretendPlayer(), EFFORT, 7, quiet);
    const page = pageOf(figures, MAKING);
    for (const { name } of DETECTORS) expect(page, name).toMatch(new RegExp(`^\\| \\**${name}\\** `, "m"));
    for (const { claim } of figures.claims) expect(page).toContain(`| ${claim} `);
    const unreached = figures.claims.filter(({ reached }) => !reached);
    expect(page.split("**no**").length - 1).toBe(unreached.length);
    for (const { scenario } of KINDS) expect(page).toContain(`\`${scenario.name}\``);
    expect(page.split("2 of 2").length).toBeGreaterThan(KINDS.length);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
    expect(page.split("\n").length - 1).toBeLessThanOrEqual(150);
  });

  it("says with what command it is made", async () => {
    const figures = await gatherFigures(new PretendPlayer(), EFFORT, 7, quiet);
    expect(pageOf(figures, MAKING)).toContain("npm run sim -- --report\n");
    expect(pageOf(figures, { ...MAKING, mode: "full" })).toContain("npm run sim -- --report --full\n");
  });

  it("has the oracle beside each time", async () => {
    const times = (tally: Tally): Partial<Tally> =>
      tally.detector === "oracle" ? { detectedMs: [500, 500] } : { detectedMs: [2_000, 3_000] };
    const figures = await gatherFigures(new PretendPlayer(times), EFFORT, 7, quiet);
    const page = pageOf(figures, MAKING);
    expect(page).toMatch(/\*\*parallax\*\* +\| +2\.0 \| +3\.0 \| +4\.0 /);
    expect(page).toMatch(/`site-cut` +\| +2\.0 \| +0\.5 \| +4\.0 \| +3\.0 \| +0\.5 \| +6\.0 /);
    expect(page).toMatch(/a silent death is named, p99 .*\| +0\.5 \| +\d/);
  });

  it("leaves a row for each scenario and detector to the JSON, with what is behind the rest", async () => {
    const figures = await gatherFigures(new PretendPlayer(), EFFORT, 7, quiet);
    const text = rawOf(figures);
    const raw = JSON.parse(text) as Record<string, unknown[]> & { columns: string[] };
    expect(raw["scenarios"]).toHaveLength(SCENARIOS.length * DETECTORS.length);
    for (const row of raw["scenarios"] as unknown[][]) expect(row).toHaveLength(raw.columns.length);
    expect(raw["kinds"]).toHaveLength(KINDS.length);
    expect(raw["claims"]).toHaveLength(figures.claims.length);
    expect(text.length).toBeLessThan(150_000);
  });

  it("counts a fault that was never called as slower than all that were", () => {
    const timed = { ...emptyTally("death", "x"), cases: 4, missed: 3, detectedMs: [1_000] };
    expect(pointOf("x", timed, [])).toMatchObject({ p50: null, p99: null, missed: 3 });
    expect(pointOf("x", { ...timed, missed: 1, detectedMs: [1_000, 2_000, 3_000] }, []).p50).toBe(2);
  });
});

describe("a table", () => {
  it("is as wide in every row, with numbers aligned right", () => {
    expect(
      tableLines(
        [
          ["a", "b"],
          ["µs ≤ 3", "10"],
        ],
        new Set([1]),
      ),
    ).toEqual(["| a      |   b |", "| ------ | --: |", "| µs ≤ 3 |  10 |"]);
  });
});

describe("the picture", () => {
  it("has a point for each that called most deaths, hollow where it was never wrong", async () => {
    const { points } = await gatherFigures(new PretendPlayer(), EFFORT, 1, quiet);
    const picture = pictureOf([...points, { ...(points[0] as (typeof points)[0]), p50: null }]);
    const count = (text: string): number => picture.split(text).length - 1;
    expect(count("<title>")).toBe(points.length + 1);
    const wrong = points.filter(({ wrongDowns }) => wrongDowns > 0).length;
    expect(wrong).toBe((SWEEPS["phi"]?.length ?? 0) + (SWEEPS["phi-akka"]?.length ?? 0));
    expect(count('r="4" fill="white"')).toBe(points.length - wrong);
    expect(picture).not.toContain("NaN");
  });

  it("puts 1, 2 and 5 of each power of ten on an axis, evenly by ratio", () => {
    const scale = logScale([0.3, 25], 0, 100);
    const place = (value: number): number => scale.place(value);
    expect(scale.ticks.map(tickText)).toEqual(["0.5", "1", "2", "5", "10", "20"]);
    expect(place(2) - place(1)).toBeCloseTo(place(20) - place(10), 9);
    expect(place(20)).toBeGreaterThan(place(0.3));
  });

  it("gives one never wrong the rate that three in the time watched would be", () => {
    const point = pointOf("x", emptyTally("death", "x"), [{ ...emptyTally("none", "x"), targetHours: 30 }]);
    expect(rateOf(point)).toBe(0.1);
  });

  it("knows its scenarios", () => {
    for (const name of DECEIVING) expect(scenarioNamed(name).name).toBe(name);
  });
});

describe("a report in pieces", () => {
  const task: Task = {
    scenario: "death",
    detectors: ["oracle"],
    world: { flags: "", options: {} },
    first: 1,
    count: 120,
  };

  it("stops when its time is up, and goes on where it was without playing anything twice", async () => {
    const player = new PretendPlayer();
    const stopped = new KeptPlayer(player, directory, () => player.tasks.length >= 2);
    await expect(stopped.play(task)).rejects.toThrow(OutOfTime);
    expect(player.tasks.map(({ first, count }) => [first, count])).toEqual([
      [1, 50],
      [51, 50],
    ]);
    const resumed = new KeptPlayer(player, directory, () => false);
    const [tally] = await resumed.play(task);
    expect(player.tasks).toHaveLength(3);
    expect(tally).toEqual((await new PretendPlayer().play(task))[0]);
    await resumed.play(task);
    expect(player.tasks).toHaveLength(3);
  });

  it("takes other seeds, worlds and detectors for other pieces", async () => {
    const player = new PretendPlayer();
    const kept = new KeptPlayer(player, directory, () => false);
    await kept.play({ ...task, count: 1 });
    await kept.play({ ...task, count: 1, first: 2 });
    await kept.play({ ...task, count: 1, detectors: ["phi 8"] });
    await kept.play({ ...task, count: 1, world: { flags: "", options: { lastsMs: 9 } } });
    expect(player.tasks).toHaveLength(4);
  });

  it("keeps kinds in pieces too", async () => {
    const kept = new KeptPlayer(new PretendPlayer(), directory, () => false);
    const task = { kind: "slow-answers", first: 1, count: 120 };
    const played = await kept.playKind(task);
    expect(played).toMatchObject({ kind: "slow-answers", seeds: 120, right: 120 });
    const idle = new KeptPlayer(new PretendPlayer(), directory, () => true);
    expect(await idle.playKind(task)).toEqual(played);
    await expect(idle.playKind({ ...task, first: 2 })).rejects.toThrow(OutOfTime);
  });
});
