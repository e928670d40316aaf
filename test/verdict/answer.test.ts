import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { answerOf } from "../../src/verdict/answer.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import type { Rule } from "../../src/verdict/naming/conclusion.ts";
import { RULES } from "../../src/verdict/naming/rules.ts";
import { emptyState } from "../../src/verdict/memory/state.ts";
import { runs } from "../runs.ts";
import { KEYS, play, type Script, worlds } from "./happenings.ts";
import { World } from "./world.ts";

/** Rules that are no rows of the table: of a target nobody has looked at, of recovery, of operators. */
const OTHERS = ["new", "recovering", "override"];
const NAMES = new Set([...RULES.map(({ name }) => name), ...OTHERS]);

/** Every answer that could have been read after a judgement. */
function* answersIn({ journal }: World): Generator<VerdictAnswer> {
  let state = emptyState();
  for (const { at, events } of journal) {
    ({ state } = judge(state, events, at, TUNING));
    for (const key of KEYS) {
      const answered = answerOf(state, key, at, TUNING);
      if (answered !== null) yield answered.answer;
    }
  }
}

const always = (holds: (answer: VerdictAnswer) => void, numRuns: number): void =>
  fc.assert(
    fc.property(worlds, (script: Script) => {
      for (const answer of answersIn(play(script))) holds(answer);
    }),
    { numRuns: runs(numRuns) },
  );

const COUNTED = /^(\d+) of (\d+) sound vantages? got (the expected answer|no answer)/;
const SILENT: ReadonlySet<string> = new Set(["connect_timeout", "pending", "response_timeout"]);

describe("an answer", () => {
  it("is one judgement: what stands is believed, or it says what is waited for", () => {
    always((answer) => {
      const { verdict, confirmed, beliefs, waitingFor, because } = answer;
      expect(NAMES).toContain(answer.rule);
      if (verdict === "alive" && confirmed && beliefs.up < 0.5)
        expect(waitingFor, JSON.stringify(answer)).not.toBeNull();
      if (waitingFor !== null) {
        expect(because).toContain(`; waiting: ${waitingFor.what}`);
        if (verdict === "alive" && answer.confidence < 0.5)
          expect(because).not.toContain("got the expected answer");
      }
    }, 10);
  });

  it("counts in its sentence no more than its evidence shows", () => {
    always((answer) => {
      const [, count = "0", of = "0", what] = COUNTED.exec(answer.because) ?? [];
      expect(Number(count)).toBeLessThanOrEqual(Number(of));
      const shown = answer.evidence.filter(({ outcome }) =>
        what === "the expected answer" ? outcome === "ok" : SILENT.has(outcome),
      );
      if (what !== undefined) expect(Number(count), JSON.stringify(answer)).toBeLessThanOrEqual(shown.length);
    }, 10);
  });

  it.each([
    [3, 30_000],
    [5, 10_000],
    [7, 5_000],
  ])(
    "says of a death what it waits for, with %i vantages each %i ms, until it is called",
    (count, intervalMs) => {
      const world = new World({
        intervalMs,
        regions: ["wnam", "enam", "weur", "eeur", "apac-ne", "apac-se", "oc"].slice(0, count),
      });
      world.place("fra/db-1");
      world.place("fra/db-2");
      world.run(3 * intervalMs);
      expect(world.answer("fra/db-1")).toMatchObject({ verdict: "alive", rule: "good", waitingFor: null });
      world.set("fra/db-1", "silent");
      world.until(() => {
        const { verdict, confidence, because, waitingFor } = world.answer("fra/db-1");
        if (verdict === "alive" && confidence < 0.5) {
          expect(waitingFor).not.toBeNull();
          expect(because).toMatch(/got no answer.*; waiting: /);
        }
        return verdict === "node_dead";
      }, 5 * intervalMs);
      expect(world.answer("fra/db-1")).toMatchObject({
        verdict: "node_dead",
        rule: "dead",
        waitingFor: null,
      });
    },
  );
});

/** Rows of the page on verdicts that begin with a number. */
const rowsOfPage = (): string[][] =>
  readFileSync(new URL("../../docs/verdicts.md", import.meta.url), "utf8")
    .split("\n")
    .filter((line) => /^\| \d+ +\| `/.test(line))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const thenOf = (rule: Rule): string => {
  if (rule.verdict === "wait") return "_wait_";
  if (rule.verdict === "good") return "`alive`, once settled";
  return `\`${rule.verdict}\`${rule.scope === "site" ? ", scope `site`" : ""}`;
};

describe("the rules", () => {
  it("stand in the docs in their order, with what they come to and why they are there", () => {
    expect(rowsOfPage()).toEqual(
      RULES.map((rule, index) => [String(index + 1), `\`${rule.name}\``, thenOf(rule), rule.why]),
    );
  });

  it("have names that are told apart, in their order, and a reason each", () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
    for (const { name, why } of RULES) {
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(why).toMatch(/^[A-Z].*\.$/);
    }
  });
});
