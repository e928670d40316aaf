import { describe, expect, it } from "vitest";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { DrillMark } from "../../../src/verdict/memory/judge-state.ts";
import { type Case, caseOf, type Rule } from "../../../src/verdict/naming/case.ts";
import { conclude, drillOf } from "../../../src/verdict/naming/rules.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { belief, factsOfVotes, NOW, shardOf, vote, votes, NO_LOSS } from "../made.ts";

const COUNTED = [...votes(2, "silent"), ...votes(1, "ok", 2)];
const HEALTH = { looked: 9, wrong: 1, amiss: 1, amissAt: NOW - 500, silent: 0, silentFrom: 0 };
const facts = factsOfVotes(COUNTED, { witnessAwaited: true });
const one: Case = {
  ...caseOf({ shard: shardOf(), share: "", loss: NO_LOSS, tuning: TUNING }, facts, facts.state, belief()),
  living: () => ({ cut: ["a"], health: HEALTH }),
};
const rule = (name: string, part: Partial<Rule> = {}): Rule =>
  ({ name, why: "It is made.", when: () => true, verdict: "gray", say: () => `by ${name}`, ...part }) as Rule;

describe("a decision", () => {
  it("is that of the first rule that holds", () => {
    const rules = [rule("first", { when: () => false }), rule("second"), rule("third")];
    expect(conclude(one, rules)).toMatchObject({
      conclusion: { rule: "second", because: "by second" },
      waiting: null,
    });
  });

  it("is to wait where that says so: for what, and until when", () => {
    const waits = rule("waits", {
      verdict: "wait",
      until: ({ facts }: Case) => facts.now + 5,
    } as Partial<Rule>);
    expect(conclude(one, [waits])).toEqual({
      conclusion: null,
      waiting: { rule: "waits", what: "by waits", until: NOW + 5 },
    });
  });

  it("is never missing: that none holds is a fault of the table", () => {
    expect(() => conclude(one, [rule("never", { when: () => false })])).toThrow("holds always");
  });

  it.each<[string, Partial<Rule>, object]>([
    [
      "on all votes, of the target, without proof, if nothing is said",
      {},
      { votes: one.facts.counted, scope: "target", proof: "none" },
    ],
    ["on those that failed", { byFailing: true }, { votes: one.facts.failing }],
    ["of the site", { scope: "site" }, { scope: "site" }],
    ["with the proof that it names", { proof: () => "second" }, { proof: "second" }],
    ["for who is served, if nothing is said", {}, { unserved: false }],
    ["with who is cut off, where some are", { verdict: "partitioned" }, { cut: ["a"], amissAt: 0 }],
    ["without them else", { verdict: "gray" }, { cut: [] }],
    ["with the newest wrong answer of what is good", { verdict: "good" }, { amissAt: NOW - 500, cut: [] }],
  ])("is made %s", (_name, part, expected) => {
    expect(conclude(one, [rule("made", part)]).conclusion).toMatchObject(expected);
  });

  const NOBODY: Case = { ...one, unserved: true };
  const waiting = (part: object = {}): Rule =>
    rule("waits", { verdict: "wait", until: () => NOW, ...part } as Partial<Rule>);

  it.each<[string, Rule[], object]>([
    ["is not to wait any more", [waiting(), rule("then")], { conclusion: { rule: "then", unserved: true } }],
    [
      "is what a rule says that does not wait",
      [rule("first"), rule("then")],
      { conclusion: { rule: "first" } },
    ],
    [
      "is to wait where the trouble may be ours",
      [waiting({ outlasts: true }), rule("then")],
      { conclusion: null, waiting: { rule: "waits" } },
    ],
  ])("where nobody is served %s", (_name, rules, expected) => {
    expect(conclude(NOBODY, rules)).toMatchObject(expected);
  });

  it("awaits a witness of a crash alone", () => {
    const awaited = ["crashed", "hung"].map((name) => conclude(one, [rule(name)]).conclusion?.witnessAwaited);
    expect(awaited).toEqual([true, false]);
  });
});

describe("the drill behind votes", () => {
  const by = (id: string, live: boolean | null, kind: Vote["kind"] = "silent"): Vote =>
    vote(id, kind, NOW - 1_000, live === null ? {} : { drill: { id: `drill-${id}`, live } });

  it.each<[string, Vote[], DrillMark | null]>([
    ["is none where none is marked", [by("a", null)], null],
    [
      "is the first that is marked",
      [by("a", null), by("b", true), by("c", true)],
      { id: "drill-b", live: true },
    ],
    [
      "is a rehearsal before any that is live",
      [by("a", true), by("b", false)],
      { id: "drill-b", live: false },
    ],
    ["is none of an answer", [by("a", false, "ok")], null],
  ])("%s", (_name, all, drill) => {
    expect(drillOf(all)).toEqual(drill);
  });
});
