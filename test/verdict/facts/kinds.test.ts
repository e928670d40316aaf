import { describe, expect, it } from "vitest";
import type { Verdict } from "../../../src/domain/verdict.ts";
import type { VoteKind } from "../../../src/verdict/facts/votes.ts";
import { isMostlyRefused, isStillCrashed, isStillSo, mergedBy } from "../../../src/verdict/facts/quorum.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { factsOfVotes, IDS, NOW, type Observed, standingAs, targetState, vote } from "../made.ts";

const facts = (kinds: readonly VoteKind[], part: Partial<Observed> = {}): Observed =>
  factsOfVotes(
    kinds.map((kind, index) => vote(IDS[index] ?? "", kind)),
    part,
  );
const stood = (verdict: Verdict) => standingAs(verdict, { standing: { since: NOW - 9_000 } });

describe("who fails", () => {
  it.each<[string, VoteKind[], boolean]>([
    ["half", ["refused", "silent"], true],
    ["half, by something nearer", ["rejected", "silent"], true],
    ["fewer", ["refused", "silent", "silent"], false],
  ])("is mostly refused or not where it is %s", (_name, kinds, isIt) => {
    expect(isMostlyRefused(facts(kinds))).toBe(isIt);
  });

  it.each<[string, VoteKind[], Partial<Observed>, Verdict, boolean]>([
    ["refusals and losses", ["refused", "rejected", "silent"], {}, "process_crashed", true],
    [
      "two refusals among losses",
      ["refused", "rejected", "silent", "silent", "silent"],
      {},
      "process_crashed",
      true,
    ],
    ["one refusal among losses", ["refused", "silent", "silent"], {}, "process_crashed", false],
    ["the only one, refused", ["refused"], {}, "process_crashed", true],
    ["an answer", ["refused", "refused", "ok"], {}, "process_crashed", false],
    ["one that was let in", ["refused", "refused"], { listens: true }, "process_crashed", false],
    ["refusals after a hang", ["refused", "refused"], {}, "process_hung", false],
  ])("meets the same crash or not by %s", (_name, kinds, part, verdict, isIt) => {
    expect(isStillCrashed(facts(kinds, part), stood(verdict), TUNING)).toBe(isIt);
  });

  it.each<[string, Verdict, VoteKind[], boolean]>([
    ["a crash by refusals and losses", "process_crashed", ["refused", "rejected", "silent"], true],
    ["no crash by one that was let in", "process_crashed", ["refused", "refused", "hung"], false],
    ["a hang by those who were let in and those who were not", "process_hung", ["hung", "silent"], true],
    ["no hang by a refusal", "process_hung", ["hung", "refused"], false],
    ["a death by silence", "node_dead", ["silent", "silent"], true],
    ["no death by an answer of any kind", "node_dead", ["silent", "wrong"], false],
    ["isolated, however it is kept out", "isolated", ["silent", "refused", "hung"], true],
    ["nothing that had no name", "unreachable", ["silent", "silent"], false],
  ])("meets still %s", (_name, verdict, kinds, isSo) => {
    expect(isStillSo(facts(kinds, { onset: NOW - 9_000 }), stood(verdict))).toBe(isSo);
    expect(isStillSo(facts(kinds, { onset: NOW - 8_999 }), stood(verdict))).toBe(false);
  });
});

describe("what a kind is taken for", () => {
  const taken = (
    kind: VoteKind,
    kinds: VoteKind[],
    part: Partial<Observed> = {},
    hangs = false,
    isSiteSilent = false,
  ): VoteKind => {
    const seen = facts(kinds, part);
    return mergedBy(seen, seen.state, hangs, isSiteSilent, TUNING)(kind);
  };

  it.each<[string, VoteKind, VoteKind]>([
    ["silence for a hang where it hangs", taken("silent", ["hung", "silent"], {}, true), "hung"],
    [
      "silence for silence where the whole site is silent",
      taken("silent", ["hung", "silent"], {}, true, true),
      "silent",
    ],
    [
      "silence for silence where its witness is silent too",
      taken("silent", ["hung", "silent"], { witnessSilent: true }, true),
      "silent",
    ],
    [
      "silence for a hang where it hung",
      taken("silent", ["silent"], { state: stood("process_hung") }),
      "hung",
    ],
    ["silence for itself else", taken("silent", ["silent"], { state: targetState() }), "silent"],
    [
      "silence for the same crash",
      taken("silent", ["refused", "silent"], { state: stood("process_crashed") }),
      "refused",
    ],
    ["a fast refusal for the host's, where most are", taken("rejected", ["refused", "rejected"]), "refused"],
    [
      "a fast refusal for itself, where few are",
      taken("rejected", ["refused", "rejected", "rejected"]),
      "rejected",
    ],
    [
      "fast refusals alone for the same crash",
      taken("rejected", ["rejected"], { state: stood("process_crashed") }),
      "refused",
    ],
  ])("is %s", (_name, kind, expected) => {
    expect(kind).toBe(expected);
  });
});
