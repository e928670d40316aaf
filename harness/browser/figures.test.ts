import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationOf } from "../../src/dashboard/plain-words.ts";
import { against, quantileOf, secondsOf } from "./figures.ts";
import { asText, firstOf, Table } from "./table.ts";

describe("what the suite reads of the page", () => {
  test("a duration that the page writes is read back, up to its smaller unit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400 }), (seconds) => {
        const read = secondsOf(durationOf(seconds * 1_000));
        const coarseS = seconds < 3_600 ? 1 : seconds < 86_400 ? 60 : 3_600;
        expect(read).toBe(Math.floor(seconds / coarseS) * coarseS);
      }),
    );
  });

  test.each(["", "a while", "5", "5 s ago", "-5 s", "5 weeks"])("no duration is %j", (text) => {
    expect(secondsOf(text)).toBeNaN();
  });

  test("quantiles are samples, and grow with their share", () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1 }), (samples) => {
        expect(quantileOf(samples, 1)).toBe(Math.max(...samples));
        expect(quantileOf(samples, 0)).toBe(Math.min(...samples));
        expect(quantileOf(samples, 0.5)).toBeLessThanOrEqual(quantileOf(samples, 0.95));
      }),
    );
    expect(quantileOf([], 0.5)).toBeNaN();
  });

  test("a figure says whether its budget is met", () => {
    expect(against(16, 16, "ms")).toBe("16.0 ms, budget 16 ms met");
    expect(against(16.1, 16, "ms")).toBe("16.1 ms, budget 16 ms missed");
  });
});

describe("the table", () => {
  test("holds what was proven and what was not, and goes on", async () => {
    const lines: string[] = [];
    const table = new Table((line) => lines.push(line));
    await table.prove("well", "holds", async () => "7 of 7");
    await table.prove("well", "fails", async () => {
      throw new Error("no such thing\nCall log:\n  - waiting");
    });
    expect(table.right).toBe(1);
    expect(lines[0]).toMatch(/^well +holds +[\d.]+ s {2}right: 7 of 7$/);
    expect(lines[1]).toMatch(/WRONG: no such thing; - waiting$/);
  });

  test("a failure without words is one all the same", async () => {
    const table = new Table(() => undefined);
    await table.prove("well", "fails", () => Promise.reject(new Error("")));
    expect(table.rows.map(asText)).toEqual([expect.stringContaining("WRONG: failed")]);
  });

  test("of a long failure the first lines are told", () => {
    expect(firstOf("a\n\nb\nCall log:\nc\nd")).toBe("a; b; c");
    expect(firstOf("x".repeat(1_000))).toHaveLength(400);
  });
});
