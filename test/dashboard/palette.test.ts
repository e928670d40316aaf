import { describe, expect, test } from "vitest";
import { DARK, LIGHT, type Palette } from "../../src/dashboard/palette.ts";

/** Relative luminance, WCAG 2.2. */
const luminanceOf = (colour: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

/** Contrast ratio, WCAG 2.2. */
const contrastOf = (one: string, other: string): number => {
  const [light = 0, dark = 0] = [luminanceOf(one), luminanceOf(other)].toSorted((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const INKS = ["ink", "soft", "good", "bad", "unsure", "link"] as const satisfies (keyof Palette)[];

describe.each([
  ["light", LIGHT],
  ["dark", DARK],
])("%s colours", (_, palette) => {
  test.each(INKS)("%s can be read on paper and on a block: 4.5 to 1 (1.4.3)", (ink) => {
    for (const ground of [palette.paper, palette.block])
      expect(contrastOf(palette[ink], ground)).toBeGreaterThanOrEqual(4.5);
  });

  test("lines can be seen: 3 to 1 (1.4.11)", () => {
    expect(contrastOf(palette.line, palette.paper)).toBeGreaterThanOrEqual(3);
  });
});
