import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { answerOf } from "../../src/verdict/verdict-answer.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import type { Rule } from "../../src/verdict/naming/case.ts";
import { RULES } from "../../src/verdict/naming/rules.ts";
import { emptyState, type TargetState } from "../../src/verdict/memory/judge-state.ts";
import { runs } from "../runs.ts";
import { KEYS, play, type Script, worlds } from "./happenings.ts";
import { edge, KEY, NOW, shardOf, observed, standingAs, targetState, vantage } from "./made.ts";
import { World } from "./world.ts";

/** Names of rules that are not rows of the table: for a target that nobody has looked at, for recovery, for operators. */
const OTHERS = ["new", "recovering", "override"];
const NAMES = new Set([...RULES.map(({ name }) => name), ...OTHERS]);

/** Every answer that a client could have read after a judgement. */
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

describe("an answer that is read", () => {
  type Part = NonNullable<Parameters<typeof targetState>[0]>;
  const ADVICE = {
    routing: "avoid" as const,
    regions: { eu: "serve" as const },
    failover: true,
    reason: "so",
  };
  const read = (state: TargetState, atMs = 0, vantages = [vantage("a"), vantage("b")]) =>
    answerOf(shardOf({ vantages, targets: [state] }), KEY, NOW + atMs, TUNING);
  const crashed = ({ standing, published, ...part }: Part = {}): TargetState =>
    standingAs("process_crashed", {
      asOf: NOW,
      standing: { routing: "avoid", quorumUntil: NOW + 7_000, ...standing },
      published: { advice: ADVICE, ...published },
      ...part,
    });
  const alive = (up: number, begin = NOW - 1_000): TargetState =>
    standingAs("alive", {
      asOf: NOW,
      beliefs: { up, crashed: 1 - up, dead: 0, hung: 0, gray: 0, cut: 0 },
      edges: new Map([["a", edge([observed(begin)])]]),
    });

  it.each<[string, number, boolean, string]>([
    ["is good for fifteen seconds", 15_000, false, "process_crashed"],
    ["and not for one more millisecond", 15_001, true, "unknown"],
  ])("%s", (_name, atMs, stale, verdict) => {
    expect(read(crashed(), atMs)?.answer).toMatchObject({
      stale,
      verdict,
      validUntil: "1970-01-01T02:46:55.000Z",
    });
  });

  it("says of what has run out what it was, and goes on with its routing but not with failover", () => {
    expect(read(crashed(), 15_001)?.answer).toMatchObject({
      rule: "nothing-fresh",
      confirmed: false,
      confidence: 0,
      lastVerdict: "process_crashed",
      advice: { routing: "avoid", regions: { eu: "avoid" }, failover: false },
    });
    const unknown = crashed({ standing: { verdict: "unknown" }, settledRouting: "serve" });
    expect(read(unknown, 15_001)?.answer.advice.routing).toBe("serve");
  });

  it.each<[string, number, number, boolean, number]>([
    ["holds as long as the quorum's probes are recent", 7_000, 7_000, true, 7_000],
    ["holds no longer, and then as long as its evidence", 7_000, 7_001, false, 15_000],
    ["holds as long as its evidence, where that ends first", 20_000, 0, true, 15_000],
  ])("whose failover %s", (_name, quorumMs, atMs, failover, untilMs) => {
    const answered = read(crashed({ standing: { quorumUntil: NOW + quorumMs } }), atMs);
    expect(answered?.answer.advice.failover).toBe(failover);
    expect(answered?.holdsUntil).toBe(NOW + untilMs);
  });

  it.each<[string, number, object]>([
    [
      "holds until it runs out, however old the evidence",
      29_999,
      { stale: false, override: { reason: "known" } },
    ],
    ["is over then", 30_000, { stale: true, override: null }],
  ])("that is an operator's word %s", (_name, atMs, expected) => {
    const override = { advice: { failover: true }, reason: "known", until: NOW + 30_000 };
    expect(read(crashed({ override }), atMs)?.answer).toMatchObject(expected);
  });

  it.each<[string, TargetState, string | null]>([
    ["waits for nothing where it is believed", alive(0.5), null],
    ["waits for the next look where it is not", alive(0.4999), "1970-01-01T02:46:46.000Z"],
    ["waits no longer than now where that is over", alive(0.4999, NOW - 8_000), "1970-01-01T02:46:40.000Z"],
    [
      "waits for what the rule that decided does",
      { ...alive(1), waiting: { rule: "x", what: "y", until: NOW + 1_000 } },
      "1970-01-01T02:46:41.000Z",
    ],
  ])("%s", (_name, state, until) => {
    expect(read(state)?.answer.waitingFor?.until ?? null).toBe(until);
  });

  it("names who reaches it, though wrongly, who does not, and who does not count", () => {
    const looks = { d: "ok", c: "app_error", b: "refused", a: "connect_timeout", s: "ok" } as const;
    const edges = new Map(
      Object.entries(looks).map(([id, outcome]) => [id, edge([observed(NOW - 1, outcome)])]),
    );
    const all = Object.keys(looks).map((id) =>
      vantage(id, id === "s" ? { state: "suspect", reason: "why" } : {}),
    );
    const state = crashed({ edges, target: { vantages: Object.keys(looks) } });
    expect(read(state, 0, all)?.answer).toMatchObject({
      reachableFrom: ["c", "d"],
      unreachableFrom: ["a", "b"],
      notCounted: [{ vantage: "s", reason: "why" }],
    });
  });

  it("is a rehearsal where it rests on a drill that is not live", () => {
    const under = (live: boolean) =>
      read(crashed({ published: { advice: ADVICE, drill: { id: "d", live } } }));
    expect([under(false)?.rehearsal, under(true)?.rehearsal]).toEqual([true, false]);
    expect(under(true)?.answer.drill).toBe("d");
  });

  it("is none of a target that is not there", () => {
    expect(answerOf(shardOf(), KEY, NOW, TUNING)).toBeNull();
  });
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
