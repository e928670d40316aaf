import { describe, expect, it } from "vitest";
import type { Belief } from "../../../src/verdict/belief/beliefs.ts";
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { VoteKind } from "../../../src/verdict/facts/votes.ts";
import {
  type Case,
  isCrash,
  isDeath,
  isHang,
  isHangBesideWitness,
  isSilence,
  neededBeside,
} from "../../../src/verdict/naming/case.ts";
import { isCrashSeenOtherwise, isHeardOut } from "../../../src/verdict/naming/down.ts";
import { slowUntil } from "../../../src/verdict/facts/quorum.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { isKeptOut } from "../../../src/verdict/naming/rules.ts";
import { CALM } from "../../../src/verdict/likelihood.ts";
import {
  belief,
  factsOfVotes,
  IDS,
  notice,
  NOW,
  type Observed,
  quorum,
  observed,
  standingAs,
  targetState,
  vote,
  votes,
} from "../made.ts";
import { made } from "./made-case.ts";

const DOWN = { badness: 0.9999 };

describe("what the votes and beliefs come to", () => {
  const of = (
    kind: VoteKind | null,
    part: Partial<Belief> = {},
    down = true,
    kinds: VoteKind[] = [],
  ): Case => ({
    ...made(kinds.map((one, index) => vote(IDS[index] ?? "", one))),
    down,
    quorum: quorum({ kind }),
    belief: belief({ ...DOWN, ...part }),
  });
  /** The case of a target that is believed to be up and is silent to some vantages: probes may have been lost. */
  const lossy = (one: Case, lossExplains = true): Case => ({ ...one, lossExplains });
  const twice = (one: Case): Case => ({ ...one, missedTwice: true });
  const crashed = (chance: number): Partial<Belief> => ({ beliefs: { ...CALM, crashed: chance } });

  it.each<[string, Case, boolean]>([
    ["refused", lossy(of("refused", { pDown: 0 }, true, ["refused", "silent"]), false), true],
    [
      "refused by something nearer",
      lossy(of("rejected", { pDown: 0 }, true, ["rejected", "silent"]), false),
      true,
    ],
    ["accepted and never answered", lossy(of("hung", { pDown: 0 }, true, ["hung", "silent"]), false), true],
    [
      "accepted or silent, which loss may explain",
      lossy(of("hung", { pDown: 0 }, true, ["hung", "silent"])),
      false,
    ],
    [
      "silent, which is taken for a hang, and lost",
      of("hung", { pDown: 0.5 }, true, ["silent", "silent"]),
      false,
    ],
    ["silent to two looks each, and down by more than loss", twice(of("silent", { pDown: 0.999 })), true],
    ["silent to a look each, which may have been lost", of("silent", { pDown: 0.999 }), false],
    ["silent, which loss may explain", of("silent", { pDown: 0.9989 }), false],
    ["answered wrongly, which is no keeping out", of("wrong", { pDown: 1 }), false],
    ["met in ways of their own, and down", twice(of(null, { pDown: 0.999 })), true],
  ])("keep all out who are %s", (_name, one, isOut) => {
    expect(isKeptOut(one)).toBe(isOut);
  });

  it.each<[string, Case, boolean]>([
    ["all are refused and it is believed", of("refused", crashed(0.99)), true],
    ["it is hardly less", of("refused", crashed(0.9899)), false],
    ["they are refused by something nearer", of("rejected", crashed(1)), false],
    ["it is not down", of("refused", crashed(1), false), false],
  ])("are a crash or not where %s", (_name, one, isIt) => {
    expect(isCrash(one)).toBe(isIt);
  });

  it.each<[string, VoteKind[], Partial<Observed>, boolean]>([
    ["are one where most are refused by something nearer", ["refused", "rejected", "rejected"], {}, true],
    ["are one where two of five are lost", ["refused", "refused", "refused", "silent", "silent"], {}, true],
    ["are none where most are lost", ["refused", "silent", "silent"], {}, false],
    ["are none where somebody is served", ["refused", "refused", "refused", "ok"], {}, false],
    ["are none where it listens again", ["refused", "refused", "refused"], { listens: true }, false],
    [
      "are none where it had not crashed before",
      ["rejected", "rejected", "rejected"],
      { state: targetState() },
      false,
    ],
  ])("after a crash %s", (_name, kinds, facts, isIt) => {
    const counted = kinds.map((kind, index) => vote(IDS[index] ?? "", kind));
    const state = standingAs("process_crashed");
    const one = made(counted, {
      facts: { state, soundCount: kinds.length, ...facts },
      belief: { pDown: 0.5 },
    });
    expect(isCrash({ ...one, agreed: true })).toBe(isIt);
  });

  it.each<[string, VoteKind[], boolean]>([
    ["all are let in and not answered", ["hung", "hung", "hung"], true],
    ["nothing comes back", ["silent", "silent", "silent"], true],
    ["some are let in and others not", ["hung", "hung", "silent", "silent"], true],
    ["few are refused", ["hung", "silent", "silent", "silent", "refused", "refused"], true],
    ["half are refused", ["silent", "silent", "refused", "refused"], false],
    ["half are refused, some by something nearer", ["silent", "silent", "refused", "rejected"], false],
    ["all are refused by something nearer", ["rejected", "rejected", "rejected"], false],
    ["all are answered wrongly", ["wrong", "wrong", "wrong"], false],
  ])("beside a witness are a hang or not where %s", (_name, kinds, isIt) => {
    const counted = kinds.map((kind, index) => vote(IDS[index] ?? "", kind));
    const facts = { witnessAnswers: true, soundCount: kinds.length };
    const one = { ...made(counted, { facts, belief: { hangs: true } }), down: true };
    expect(isHangBesideWitness(one)).toBe(isIt);
    expect(isHangBesideWitness({ ...one, facts: { ...one.facts, witnessAnswers: false } })).toBe(false);
    expect(isHangBesideWitness({ ...one, down: false })).toBe(false);
  });

  const MOSTLY: VoteKind[] = ["hung", "hung", "silent", "silent", "refused"];

  it.each<[string, VoteKind[], number, boolean, boolean]>([
    ["all are let in and not answered, and it is believed", ["hung", "hung", "hung"], 0.99, false, true],
    ["it is hardly believed", ["hung", "hung", "hung"], 0.9899, true, false],
    ["they do not agree, and few are refused", MOSTLY, 0.99, true, true],
    ["they do not agree, and it was not seen to go on accepting", MOSTLY, 0.99, false, false],
    ["they do not agree, and half are refused", ["hung", "hung", "refused", "refused"], 0.99, true, false],
    ["nothing comes back", ["silent", "silent", "silent"], 0.99, false, false],
  ])("are a hang or not where %s", (_name, kinds, chance, hangs, isIt) => {
    const counted = kinds.map((kind, index) => vote(IDS[index] ?? "", kind));
    const beliefs = { ...CALM, hung: chance };
    const one = {
      ...made(counted, { facts: { soundCount: kinds.length }, belief: { beliefs, hangs } }),
      down: true,
    };
    expect([isHang(one), isHang({ ...one, down: false })]).toEqual([isIt, false]);
  });

  it("are no silence where some are let in and others refused", () => {
    const counted = ["a", "b"].map((id) => vote(id, "refused"));
    const of = (listens: boolean): boolean =>
      isSilence({ ...made(counted, { facts: { listens } }), down: true, quorum: quorum({ kind: null }) });
    expect([of(false), of(true)]).toEqual([true, false]);
  });

  it("are no crash where it listens still", () => {
    const one = of("refused", crashed(1));
    expect(isCrash({ ...one, facts: { ...one.facts, listens: true } })).toBe(false);
  });

  it.each<[string, Partial<Observed>, boolean]>([
    ["nobody but those outside has seen it", {}, false],
    ["its witness is served", { witnessAnswers: true, witnessServes: true }, true],
    ["its witness refuses as it always did", { witnessAnswers: true }, false],
    ["its witness is silent too", { witnessSilent: true }, false],
    ["its supervisor has said so", { state: targetState({ notice: notice("crash") }) }, true],
    [
      "its supervisor was contradicted",
      { state: targetState({ notice: notice("crash", { contradictedAt: NOW }) }) },
      false,
    ],
    ["one inside is refused too", { insideWords: ["missed", "refused"] }, true],
    [
      "one inside is, and another is served",
      { insideWords: ["refused", "served"], insideServes: true },
      false,
    ],
    ["one inside misses it", { insideWords: ["missed"] }, false],
  ])("are a crash seen otherwise or not where %s", (_name, facts, isIt) => {
    expect(isCrashSeenOtherwise(made([], { facts }))).toBe(isIt);
  });

  const dead = (part: Partial<Belief> = {}, rest: Partial<Case> = {}): Case => ({
    ...of("silent", { alone: 0.99, missedBeside: 5, ...part }),
    facts: factsOfVotes(votes(6, "silent"), { siblings: 2 }),
    siblingsSilent: 1,
    siblingsWentOn: () => false,
    ...rest,
  });
  it.each<[string, Case, boolean]>([
    ["five have missed it beside siblings", dead(), true],
    ["four have", dead({ missedBeside: 4 }), false],
    ["it is hardly less likely alone", dead({ alone: 0.9899 }), false],
    ["it is not down", dead({}, { down: false }), false],
    ["all its siblings have fallen silent since", dead({}, { siblingsSilent: 2 }), false],
    [
      "they have, after they had gone on answering",
      dead({}, { siblingsSilent: 2, siblingsWentOn: () => true }),
      true,
    ],
    [
      "it has no sibling any more",
      dead({}, { facts: factsOfVotes(votes(6, "silent")), siblingsSilent: 0 }),
      true,
    ],
  ])("are a death or not where %s", (_name, one, isIt) => {
    expect(isDeath(one)).toBe(isIt);
  });

  it.each<[string, Verdict, boolean]>([
    ["go on being a death, however long ago its siblings answered", "node_dead", true],
    ["are none that was not one before", "unreachable", false],
  ])("%s", (_name, verdict, isIt) => {
    const state = standingAs(verdict, { standing: { since: NOW - 9_000 } });
    const one = made(votes(7, "silent"), { facts: { state, onset: NOW - 9_000, siblings: 1 } });
    const death = isDeath({ ...one, down: true });
    const followed = isDeath({ ...one, down: true, siblingsSilent: 1 });
    expect([death, followed]).toEqual([isIt, false]);
  });

  it.each<[string, Case, boolean]>([
    ["nobody gets an answer", of("silent"), true],
    ["they do not agree", of(null), true],
    ["they hang", of("hung"), false],
    ["it is not down", of("silent", {}, false), false],
  ])("are silence or not where %s", (_name, one, isIt) => {
    expect(isSilence(one)).toBe(isIt);
  });
});

describe("who must have missed a dead node beside its siblings", () => {
  it.each([
    ["are five where six paths are open", 7, 6, 6, 5],
    ["are three where five are: hardly a quorum", 7, 6, 5, 3],
    ["are as many as fail, where they are few", 7, 2, 7, 2],
    ["are three of four", 4, 4, 4, 3],
  ])("%s", (_name, soundCount, failing, openPaths, needed) => {
    expect(
      neededBeside(made(votes(failing, "silent"), { facts: { soundCount }, belief: { openPaths } })),
    ).toBe(needed);
  });
});

describe("having heard everybody out", () => {
  it.each([
    ["takes all at first", 0, 0, true],
    ["takes the last one before three seconds are over", 1, 2_999, false],
    ["takes all but one after that", 1, 3_000, true],
    ["takes the last but one for ever", 2, 3_600_000, false],
  ])("%s", (_name, unheard, sinceMs, heard) => {
    const one = made([], { facts: { unheard, failingSince: NOW - sinceMs } });
    expect(isHeardOut(one)).toBe(heard);
    expect(isHeardOut({ ...one, silentWithSite: true })).toBe(true);
  });
});

describe("an answer that may come late", () => {
  it.each<[string, VoteKind, number, Partial<Observed>, boolean]>([
    ["is waited for, from whoever missed it, for a second", "silent", 999, {}, true],
    ["and no longer", "silent", 1_000, {}, false],
    ["but for as long as reports take", "silent", 1_000, { lagMs: 1 }, true],
    ["is not waited for where it was refused", "refused", 300, {}, false],
  ])("%s", (_name, kind, agoMs, seen, waits) => {
    const newest = vote(IDS[1] ?? "", kind, NOW - agoMs);
    const one = made([vote(IDS[0] ?? "", "silent", NOW - 1_500), newest], {
      facts: { unheard: 0, onset: NOW - 2_000, failingSince: NOW - 1_500, ...seen },
    });
    expect([slowUntil(one.facts, TUNING) > NOW, isHeardOut(one)]).toEqual([waits, !waits]);
  });

  it("is not waited for anew at each look", () => {
    const before = [observed(NOW - 1_200, "connect_timeout")];
    const one = made([vote(IDS[0] ?? "", "silent", NOW - 100, { before })], {
      facts: { unheard: 0, onset: NOW - 2_000 },
    });
    expect(isHeardOut(one)).toBe(true);
  });
});
