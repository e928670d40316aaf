import { describe, expect, it } from "vitest";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import type { Conclusion } from "../../../src/verdict/naming/case.ts";
import { settle } from "../../../src/verdict/standing/settling.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  conclusion,
  factsOfVotes,
  NOW,
  type Observed,
  quorum,
  standingAs,
  targetState,
  vantage,
  votes,
} from "../made.ts";

const settled = (
  part: Partial<Observed>,
  concluded: Partial<Conclusion>,
  counted: Vote[] = votes(6, "refused"),
): TargetState => {
  const facts = factsOfVotes(counted, part);
  return settle(facts, facts.state, { conclusion: conclusion(concluded), waiting: null }, TUNING);
};

describe("a fall is confirmed", () => {
  const late = (ms: number) => ({ failingSince: NOW - ms });
  const POLICY = targetState({ target: { policy: { outsideProof: true } } });
  const INSIDERS = [vantage("i", { site: "fra" })];

  it.each<[string, Partial<Observed>, Partial<Conclusion>, boolean]>([
    ["by a quorum", {}, {}, true],
    ["by none else", {}, { quorum: quorum({ met: false }) }, false],
    ["not while whoever reached it last may still", { lastReacherOwes: true }, {}, false],
    ["nor of what is gray", { lastReacherOwes: true }, { verdict: "gray" }, false],
    ["never of a partition", {}, { verdict: "partitioned" }, false],
    ["of a hang, by no other kind of evidence", {}, { verdict: "process_hung", proof: "none" }, true],
    ["of what is unreachable as well", {}, { verdict: "unreachable", proof: "none" }, true],
    ["of a hang: without those inside", { insideUnheard: 1, ...late(1) }, { verdict: "process_hung" }, true],
  ])("%s", (_name, facts, concluded, confirmed) => {
    expect(settled(facts, { proof: "second", ...concluded }).standing.confirmed).toBe(confirmed);
  });

  it.each<[string, Partial<Observed>, Partial<Conclusion>, boolean]>([
    ["by a second kind of evidence", {}, { proof: "second" }, true],
    ["not from outside alone", {}, { proof: "outside" }, false],
    ["not from outside alone, however long", late(60_000), { proof: "outside" }, false],
    ["from outside where that risk was taken", { state: POLICY }, { proof: "outside" }, true],
    [
      "by nothing where there is no proof, whatever risk was taken",
      { state: POLICY },
      { proof: "none" },
      false,
    ],
    [
      "not before those inside have looked",
      { insideUnheard: 1, ...late(12_999) },
      { proof: "second" },
      false,
    ],
    [
      "without them after an interval and eight seconds",
      { insideUnheard: 1, ...late(13_000) },
      { proof: "second" },
      true,
    ],
    [
      "not before its witness has been looked at",
      late(12_999),
      { proof: "second", witnessAwaited: true },
      false,
    ],
    [
      "without it after an interval and eight seconds",
      late(13_000),
      { proof: "second", witnessAwaited: true },
      true,
    ],
    [
      "not before both, where that risk was taken",
      { state: POLICY, insideUnheard: 1, ...late(12_999) },
      { proof: "outside" },
      false,
    ],
    ["without them then", { state: POLICY, insideUnheard: 1, ...late(13_000) }, { proof: "outside" }, true],
  ])("of a crash: %s", (_name, facts, concluded, confirmed) => {
    expect(settled(facts, concluded).standing.confirmed).toBe(confirmed);
  });

  it.each<[string, Partial<Observed>, Conclusion["proof"], boolean]>([
    ["by a second kind of evidence", {}, "second", true],
    [
      "by that, though others inside have yet to look",
      { insiders: INSIDERS, insideUnheard: 1, ...late(1) },
      "second",
      true,
    ],
    ["not from outside", {}, "outside", false],
    ["from outside where that risk was taken", { state: POLICY }, "outside", true],
    [
      "not before its siblings have gone on answering, whatever risk was taken",
      { state: POLICY },
      "none",
      false,
    ],
    [
      "not before those inside have had their time",
      { state: POLICY, insiders: INSIDERS, ...late(12_999) },
      "outside",
      false,
    ],
    ["without them after it", { state: POLICY, insiders: INSIDERS, ...late(13_000) }, "outside", true],
  ])("of a death: %s", (_name, facts, proof, confirmed) => {
    expect(settled(facts, { verdict: "node_dead", proof }).standing.confirmed).toBe(confirmed);
  });
});

describe("what a second kind of evidence has confirmed", () => {
  const stood = (part: Partial<TargetState["standing"]> = {}): Partial<Observed> => ({
    state: standingAs("process_crashed", { standing: { heldSince: NOW - 10_000, ...part } }),
    onset: NOW - 11_000,
  });

  it.each<[string, Partial<Observed>, Partial<Conclusion>, boolean]>([
    ["stays so, though its witness has not been looked at again", stood(), {}, true],
    ["does not without a quorum", stood(), { quorum: quorum({ met: false }) }, false],
    ["does not after an ok", { ...stood(), onset: NOW - 9_999 }, {}, false],
    ["does not become another verdict's", stood(), { verdict: "node_dead" }, false],
    ["is nothing where it has never been", stood({ confirmed: false }), {}, false],
  ])("%s", (_name, facts, concluded, confirmed) => {
    expect(settled(facts, { proof: "outside", ...concluded }).standing.confirmed).toBe(confirmed);
  });
});

describe("what a quorum agreed on", () => {
  const UNMET = { quorum: quorum({ met: false }) };

  it.each<[string, TargetState, Partial<Conclusion>, boolean]>([
    [
      "stays confirmed while nobody is served",
      standingAs("gray"),
      { ...UNMET, verdict: "gray", unserved: true },
      true,
    ],
    ["does not once somebody may be", standingAs("gray"), { ...UNMET, verdict: "gray" }, false],
    [
      "is not what was never confirmed",
      standingAs("gray", { standing: { confirmed: false } }),
      { ...UNMET, verdict: "gray", unserved: true },
      false,
    ],
    [
      "is not another verdict",
      standingAs("gray"),
      { ...UNMET, verdict: "unreachable", unserved: true },
      false,
    ],
    ["is not what failover rests on", standingAs("process_crashed"), { ...UNMET, unserved: true }, false],
  ])("%s", (_name, state, concluded, confirmed) => {
    expect(settled({ state }, concluded).standing.confirmed).toBe(confirmed);
  });
});

describe("what befalls all of a site", () => {
  const site = (verdict: TargetState["standing"]["verdict"], scope: "site" | "target"): TargetState =>
    standingAs(verdict, { standing: { scope, since: NOW - 9_000 } });

  it.each<[string, TargetState, number, Partial<Conclusion>, "site" | "target"]>([
    [
      "goes on doing so while none of the others is served",
      site("unreachable", "site"),
      NOW - 9_000,
      {},
      "site",
    ],
    ["does no more once one is", site("unreachable", "site"), NOW - 8_999, {}, "target"],
    ["is not what never did", site("unreachable", "target"), 0, {}, "target"],
    ["begins as it is found", site("unreachable", "target"), 0, { scope: "site" }, "site"],
  ])("%s", (_name, state, siblingOkAt, concluded, scope) => {
    const { standing } = settled({ state, siblingOkAt }, { verdict: "unreachable", ...concluded });
    expect(standing.scope).toBe(scope);
  });

  it("is none of another verdict, which speaks of the target", () => {
    const { standing } = settled({ state: site("unreachable", "site") }, { verdict: "process_crashed" });
    expect(standing.scope).toBe("target");
  });
});
