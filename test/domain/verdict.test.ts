import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAUSES, confidenceIn, VERDICT_NAMES, VERDICTS } from "../../src/domain/plain/verdict-table.ts";

/** The cells of the first table in a page with a row for each verdict. */
const tableIn = (page: string): string[][] =>
  readFileSync(new URL(`../../${page}`, import.meta.url), "utf8")
    .split("\n")
    .filter((line) => VERDICT_NAMES.some((name) => line.startsWith(`| \`${name}\` `)))
    .slice(0, VERDICT_NAMES.length)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("the table of verdicts", () => {
  it("stands in the README as it stands in the code", () => {
    expect(tableIn("README.md")).toEqual(
      VERDICT_NAMES.map((name) => {
        const { holds, up, failsOver } = VERDICTS[name];
        return [`\`${name}\``, holds, up, failsOver ? "yes, once confirmed" : "no"];
      }),
    );
  });

  it.each(VERDICT_NAMES)("%s is avoided just where it is down, and fails over only there", (name) => {
    const { isDown, routing, failsOver, isUnsure } = VERDICTS[name];
    expect(routing === "avoid").toBe(isDown);
    expect(failsOver && !isDown).toBe(false);
    expect(isUnsure && isDown).toBe(false);
  });
});

describe("confidence", () => {
  const beliefs = fc
    .tuple(...CAUSES.map(() => fc.integer({ min: 0, max: 1_000_000 })))
    .filter((parts) => parts.some((part) => part > 0))
    .map((parts) => {
      const sum = parts.reduce((total, part) => total + part, 0);
      const shares = parts.map((part) => part / sum);
      return Object.fromEntries(CAUSES.map((cause, index) => [cause, shares[index] ?? 0])) as Record<
        (typeof CAUSES)[number],
        number
      >;
    });

  it("is 1 where the evidence leaves only causes under which the verdict is right, and 0 where it leaves none", () => {
    for (const name of VERDICT_NAMES)
      for (const cause of CAUSES) {
        const certain = Object.fromEntries(CAUSES.map((one) => [one, Number(one === cause)])) as Record<
          (typeof CAUSES)[number],
          number
        >;
        const causes: readonly string[] = VERDICTS[name].causes;
        expect(confidenceIn(name, certain), `${name} by ${cause}`).toBe(Number(causes.includes(cause)));
      }
  });

  it("is 0 to 1 whatever is believed, and that of unreachable what is left beside what serves", () => {
    fc.assert(
      fc.property(beliefs, (believed) => {
        for (const name of VERDICT_NAMES) {
          const confidence = confidenceIn(name, believed);
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1);
        }
        expect(confidenceIn("unreachable", believed)).toBeCloseTo(1 - believed.up - believed.gray, 5);
      }),
    );
  });
});
