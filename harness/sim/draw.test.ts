import { describe, expect, it } from "vitest";
import { Draw, nameOf } from "./draw.ts";

const many = (count: number, draw: (index: number) => number): number[] =>
  Array.from({ length: count }, (_, index) => draw(index));
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
/** The standard error of a mean, so that a bound of five of them fails once in a million honest runs. */
const errorOf = (values: readonly number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) / values.length);
};

describe("draws", () => {
  it("repeat under the same name and differ under another", () => {
    const first = many(20, () => 0).map(() => new Draw(7).uniform());
    expect(new Set(first).size).toBe(1);
    expect(new Draw(8).uniform()).not.toBe(first[0]);
  });

  it("are uniform across names that differ by one, not only along one stream", () => {
    const across = many(20_000, (index) => new Draw(nameOf(1, 4, 3, index)).uniform());
    expect(Math.abs(meanOf(across) - 0.5)).toBeLessThan(5 * errorOf(across));
    const tenths = Map.groupBy(across, (value) => Math.floor(10 * value));
    for (const [, inTenth] of tenths)
      expect(Math.abs(inTenth.length - 2_000)).toBeLessThan(5 * Math.sqrt(1_800));
    const pairs = across.slice(1).map((value, index) => (value - 0.5) * ((across[index] as number) - 0.5));
    expect(Math.abs(meanOf(pairs))).toBeLessThan(5 * errorOf(pairs));
  });

  it("tell names apart that differ in one part or in the order of parts", () => {
    const names = many(50_000, (index) =>
      nameOf(index % 50, Math.floor(index / 50), 1_800_000_000_000 + index),
    );
    // Of 50,000 names 0.3 are expected to meet by chance in 32 bits.
    expect(new Set(names).size).toBeGreaterThan(names.length - 6);
    expect(nameOf(1, 2)).not.toBe(nameOf(2, 1));
  });

  it.each([
    ["exponential", (draw: Draw) => draw.exponential(40), 40],
    ["normal", (draw: Draw) => draw.normal(), 0],
    ["lognormal", (draw: Draw) => draw.lognormal(10, 0.5), 10 * Math.exp(0.125)],
    ["Pareto", (draw: Draw) => draw.pareto(3, 4), 4],
  ])("have the mean of the %s law", (_law, draw, mean) => {
    const stream = new Draw(99);
    const values = many(50_000, () => draw(stream));
    expect(Math.abs(meanOf(values) - mean)).toBeLessThan(5 * errorOf(values));
  });

  it("sample without putting back", () => {
    const sample = new Draw(5).sample(["a", "b", "c", "d"], 3);
    expect(new Set(sample).size).toBe(3);
  });
});
