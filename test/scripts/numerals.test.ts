import { describe, expect, it } from "vitest";
import { numeralAtEnd } from "../../scripts/numerals.ts";

describe("a number in a page", () => {
  it.each([
    ["30 s", 45_000, "45 s"],
    ["at least 30 s", 1_500, "1.5 s"],
    ["1.5 s", 2_000, "2 s"],
    ["300 ms", 1_250, "1,250 ms"],
    ["250ms", 300, "300ms"],
    ["2 min", 90_000, "1.5 min"],
    ["ten minutes", 300_000, "five minutes"],
    ["ten minutes", 60_000, "one minute"],
    ["one second", 3_000, "three seconds"],
    ["Three seconds", 5_000, "Five seconds"],
    ["three seconds", 3_500, null],
    ["three seconds", 60_000, null],
    ["an interval and 8 s", 10_000, "10 s"],
  ])("that is a time: %s, of %d ms, becomes %s", (before, value, after) => {
    expect(numeralAtEnd(before)).toMatchObject({ isTime: true });
    expect(numeralAtEnd(before)?.as(value)).toBe(after);
  });

  it.each([
    ["3 %", 0.05, "5 %"],
    ["0.8 %", 0.012, "1.2 %"],
    ["3%", 0.07, "7%"],
    ["a fifth", 0.25, "a quarter"],
    ["a quarter", 0.5, "half"],
    ["half", 2 / 3, "two thirds"],
    ["A third", 0.1, "A tenth"],
    ["a fifth", 0.23, null],
    ["nine times in ten", 0.8, "eight times in ten"],
    ["nine times in ten", 0.1, "once in ten"],
    ["nine in ten", 0.7, "seven in ten"],
    ["nine times in ten", 0.95, null],
    ["nine in ten", 1, null],
    ["0.999", 0.9995, "0.9995"],
    ["(0.99", 0.9, "0.9"],
    ["0.5", 1e-9, null],
    ["3", 5, "5"],
    ["5,120", 65_536, "65,536"],
    ["three", 4, "four"],
    ["three", 13, null],
    ["three", 0.5, null],
    ["twice", 1, "once"],
    ["once", 3, "three times"],
    ["four times", 2, "twice"],
  ])("that is none: %s, of %d, becomes %s", (before, value, after) => {
    expect(numeralAtEnd(before)).toMatchObject({ isTime: false });
    expect(numeralAtEnd(before)?.as(value)).toBe(after);
  });

  it("is taken whole", () => {
    const texts = ["nine times in ten", "three quarters", "0.8 %", "5,120", "four times", "1.5 s"];
    for (const text of texts) expect(numeralAtEnd(`more than ${text}`)?.text).toBe(text);
  });

  it.each(["", "someone", "twenty-one", "3 vantages", "v2", "1,2", "a few", "`3`", "3 "])(
    "does not stand at the end of %j",
    (text) => expect(numeralAtEnd(text)).toBeNull(),
  );
});
