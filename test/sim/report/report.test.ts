import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Task } from "../crew-member.ts";
import { DETECTORS, SWEEPS } from "../detectors.ts";
import { PretendPlayer } from "../pretend-player.ts";
import { scenarioNamed, SCENARIOS } from "../scenarios.ts";
import { emptyTally } from "../tally.ts";
import type { ReportEffort } from "./effort.ts";
import { DECEIVING, gatherFigures } from "./figures.ts";
import { KeptPlayer, OutOfTime } from "./kept.ts";
import { tableLines } from "./markdown.ts";
import { pageOf } from "./page.ts";
import { pictureOf } from "./picture.ts";
import { pointOf, rateOf } from "./point.ts";
import { logScale, tickText } from "./scale.ts";

const directory = mkdtempSync(join(tmpdir(), "kept-"));
afterAll(() => rmSync(directory, { recursive: true }));

const EFFORT: ReportEffort = {
  claims: { timed: 2, classes: 2, gray: 2, deceptive: 2, worlds: 2, calm: 2, months: 3 },
  scenarios: 2,
  timed: 2,
  deceptive: 2,
};
const quiet = (): void => undefined;

describe("the page", () => {
  it("shows every scenario with every detector, and the command that plays it again", async () => {
    const figures = await gatherFigures(new PretendPlayer(), EFFORT, 7, quiet);
    const page = pageOf(figures, { isFull: false, picture: "detection.svg" });
    for (const { name } of SCENARIOS) {
      expect(page).toContain(`### ${name}\n`);
      expect(page).toContain(`npm run sim -- --scenario ${name} --first 7 --seeds 2`);
    }
    for (const { name } of DETECTORS)
      expect(page.split(`| ${name} `).length).toBeGreaterThan(SCENARIOS.length);
    for (const { claim, reached } of figures.claims)
      expect(page.includes(`- ${claim}: `), claim).toBe(!reached);
    expect(page).not.toMatch(/NaN|undefined|Infinity/);
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
});
