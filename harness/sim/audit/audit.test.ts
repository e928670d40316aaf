import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { doubled, halved, NUMBERS, TRIALS } from "./change.ts";
import { lostClaims } from "./claims.ts";
import { RULES } from "../../../src/verdict/naming/rules.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { becomeVariant, NUMBERS_OF_JUDGE, RULE_NAMES } from "./judged.ts";
import { KeptResults, type Result } from "./kept.ts";
import { auditPage } from "./page.ts";

const numbered = (name: string, value: number) => ({ name, value, with: () => ({}) });

const result = (some: Partial<Result>): Result => ({
  kind: "off",
  name: RULE_NAMES[0] ?? "",
  to: null,
  test: null,
  claims: null,
  differs: null,
  cpuS: [1, 0],
  ...some,
});

/** Rows of the page's tables whose first cell is code, without the column of those that notice. */
const rowsOf = (page: string): string[][] =>
  page.split("\n").flatMap((line) => {
    const [, first, second] = /^\| `([^`]+)` *\| *([^|]*?) *\|/.exec(line) ?? [];
    return first === undefined || second === undefined ? [] : [[first, second]];
  });

describe("what is tried", () => {
  it.each([
    ["burstGapMs", 2_500, 1_250, 5_000],
    ["quorumOfMany", 5, 2, 10],
    ["grayCount", 2, 1, 4],
    ["once", 1, 0, 2],
    ["never", 0, -1, 1],
    ["priorFactor", 1, 0.5, 2],
    ["downBelief", 0.999, 0.9995, 0.998],
    ["refusalShare", 0.5, 0.25, 1],
    ["lossNats", -3, -1.5, -6],
  ])("of %s, %d: %d and %d", (name, value, half, twice) => {
    expect(halved(numbered(name, value))).toBe(half);
    expect(doubled(numbered(name, value))).toBe(twice);
  });

  it("is one thing at a time, each once", () => {
    expect(TRIALS).toHaveLength(RULE_NAMES.length + 2 * NUMBERS.length);
    for (const { kind, name, to, variant } of TRIALS) {
      becomeVariant(variant);
      expect(RULES.map((rule) => rule.name)).toEqual(
        RULE_NAMES.filter((rule) => kind !== "off" || rule !== name),
      );
      const changed = Object.entries(TUNING).filter(
        ([key, value]) => JSON.stringify(value) !== JSON.stringify(NUMBERS_OF_JUDGE[key as never]),
      );
      expect(changed).toHaveLength(kind === "off" ? 0 : 1);
      if (kind !== "off") expect(JSON.stringify(changed)).toContain(String(to));
    }
    becomeVariant({});
    expect(TUNING).toEqual(NUMBERS_OF_JUDGE);
  });
});

describe("who notices", () => {
  it("is every claim that was reached and no longer is, however it is measured", () => {
    const claimed = [
      { claim: "fast", reached: true },
      { claim: "right", reached: true },
      { claim: "cheap", reached: false },
    ];
    const usual = { claims: claimed };
    const claims = claimed.map(({ claim }) => ({ claim, reached: claim === "right" }));
    expect(lostClaims(usual, { claims, played: "", cpuS: 1 })).toEqual(["fast"]);
    expect(lostClaims(usual, { broke: "no rule", cpuS: 1 })).toEqual(["none can be measured: no rule"]);
  });

  it("is kept where the run is stopped, but for a line that was cut off", () => {
    const directory = mkdtempSync(join(tmpdir(), "audit-"));
    const path = join(directory, "kept.jsonl");
    const [first, second, third] = TRIALS as [(typeof TRIALS)[0], (typeof TRIALS)[0], (typeof TRIALS)[0]];
    new KeptResults(path).add(result({ name: first.name, test: "words: x" }));
    appendFileSync(path, `\n${JSON.stringify(result({ name: second.name }))}`.slice(0, -3));
    new KeptResults(path).add(result({ name: third.name }));
    const kept = new KeptResults(path);
    expect([first, second, third].map((trial) => kept.of(trial)?.name)).toEqual([
      first.name,
      undefined,
      third.name,
    ]);
    rmSync(directory, { recursive: true });
  });

  it("stands on the page by number, with what the number means below", () => {
    const [one = "", two = "", three = "", four = ""] = RULE_NAMES;
    const page = auditPage(
      [
        result({ name: one, test: "words: boots > are over" }),
        result({ name: two, claims: ["fast", "right"] }),
        result({ name: three, claims: [], differs: false }),
        result({ name: four, claims: [], differs: true }),
      ],
      false,
    );
    const rows = new Map(rowsOf(page).map(([name, who]) => [name, who]));
    expect([one, two, three, four].map((name) => rows.get(name))).toEqual([
      "words 1",
      "claim 1 +1",
      "**nothing**, all the same",
      "**nothing**",
    ]);
    expect(page).toContain("- **words 1** boots > are over");
    expect(page).toContain("- **claim 2** right");
    expect(page).toMatch(/^\| rules off +\| +4 \| +1 \| +1 \| +2 \|$/m);
  });
});

describe("the page", () => {
  it("has the judge's rules and numbers, as they are", () => {
    const page = readFileSync(new URL("../../../docs/audit.md", import.meta.url), "utf8");
    const [rules, numbers] = [rowsOf(page), rowsOf(page).slice(RULE_NAMES.length)];
    expect(rules.slice(0, RULE_NAMES.length).map(([name]) => name)).toEqual(RULE_NAMES);
    expect(numbers).toEqual(NUMBERS.map(({ name, value }) => [name, String(value)]));
  });
});
