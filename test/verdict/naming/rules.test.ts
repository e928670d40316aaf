import { describe, expect, it } from "vitest";
import type { Belief } from "../../../src/verdict/belief/beliefs.ts";
import type { RecentHealth } from "../../../src/verdict/facts/living.ts";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import { type Case, caseOf } from "../../../src/verdict/naming/case.ts";
import { conclude, RULES } from "../../../src/verdict/naming/rules.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  belief,
  factsOfVotes,
  judged,
  KEY,
  NOW,
  type Observed,
  shardOf,
  standingAs,
  targetState,
  votes,
  NO_LOSS,
} from "../made.ts";

const HEALTHY: RecentHealth = { looked: 40, wrong: 0, amiss: 0, amissAt: 0, silent: 0, silentFrom: 0 };

const SILENT = votes(7, "silent");
const REFUSED = votes(7, "refused");
const OK = votes(7, "ok");
const REFUSED_OR_SILENT = [...votes(3, "refused"), ...votes(3, "silent", 3)];
const MIXED = [...votes(3, "refused"), ...votes(2, "silent", 3), ...votes(2, "wrong", 5)];

/** The belief that a target does not serve, with one cause far ahead. */
const downBy = (cause: keyof Belief["beliefs"], part: Partial<Belief> = {}): Belief => {
  const none = { up: 0, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 };
  return belief({ pDown: 0.9999, beliefs: { ...none, [cause]: 0.9999 }, ...part });
};
const DEAD = downBy("dead", { alone: 0.9999, missedBeside: 7 });
const CUT = downBy("cut", { siteCut: 0.9 });
const CRASHED = downBy("crashed");

const living =
  (part: Partial<RecentHealth>, cut: string[] = []): Case["living"] =>
  () => ({ cut, health: { ...HEALTHY, ...part } });

interface World extends Partial<Omit<Case, "facts" | "belief" | "state">> {
  votes: Vote[];
  facts?: Partial<Observed>;
  belief?: Belief;
}

const caseIn = ({ votes: counted, facts: part = {}, belief: held = belief(), ...rest }: World): Case => {
  const state = part.state ?? targetState({ asOf: NOW });
  const facts = factsOfVotes(counted, { ...part, state });
  const round = { shard: shardOf(), share: "5 of 6 targets in 2 sites", loss: NO_LOSS, tuning: TUNING };
  const settled = {
    refusedAlone: () => true,
    heardElsewhere: () => true,
    mayBeOurs: () => false,
    living: living({}),
  };
  return { ...caseOf(round, facts, state, held), ...settled, ...rest };
};

const without = (name: string): string => {
  const { conclusion, waiting } = conclude(
    caseIn(WORLDS[name] as World),
    RULES.filter((rule) => rule.name !== name),
  );
  return conclusion?.rule ?? waiting?.rule ?? "none";
};

const STANDS_ALIVE = standingAs("alive", { asOf: NOW });

/** For each rule, a world in which it decides. */
const WORLDS: Record<string, World> = {
  "catching-up": { votes: SILENT, belief: DEAD, heldUntil: NOW + 1_000 },
  frozen: {
    votes: SILENT,
    belief: CUT,
    frozen: true,
    facts: { state: targetState({ asOf: NOW, silentAt: NOW }) },
  },
  paused: { votes: OK, facts: { state: targetState({ asOf: NOW, target: judged(KEY, { paused: true }) }) } },
  "nothing-fresh": { votes: OK, facts: { state: targetState({ asOf: NOW - 25_000 }) } },
  "kept-out": { votes: REFUSED, belief: CRASHED, facts: { insideServes: true, lives: true } },
  "refused-with-witness": { votes: REFUSED, belief: CRASHED, facts: { witnessRefuses: true } },
  "crash-awaits-witness": {
    votes: REFUSED,
    belief: CRASHED,
    facts: { witnessAwaited: true, failingSince: NOW - 1_000 },
  },
  "crash-awaits-siblings": { votes: REFUSED, belief: CRASHED, refusedAlone: () => null },
  crashed: { votes: REFUSED, belief: CRASHED },
  "refused-together": { votes: REFUSED, belief: CRASHED, refusedAlone: () => false },
  "hung-beside-witness": { votes: SILENT, belief: DEAD, facts: { witnessAnswers: true } },
  hung: { votes: votes(7, "hung"), belief: downBy("hung") },
  "silence-awaits-answers": {
    votes: SILENT,
    belief: { ...DEAD, mayHang: true },
    facts: { openUntil: NOW + 500 },
  },
  "silence-awaits-looks": { votes: SILENT, belief: DEAD, facts: { lives: true } },
  "sign-of-life": { votes: SILENT, belief: DEAD, missedTwice: true, facts: { lives: true } },
  "death-awaits-heartbeat": { votes: SILENT, belief: DEAD, facts: { heartbeat: "due" } },
  dead: { votes: SILENT, belief: DEAD },
  "silence-awaits-vantages": {
    votes: SILENT.slice(0, 6),
    belief: CUT,
    facts: { unheard: 1, failingSince: NOW - 1_000 },
  },
  "silence-awaits-others": { votes: SILENT, belief: CUT, heardElsewhere: () => false },
  "site-silent": { votes: SILENT, belief: CUT, facts: { siblings: 2 }, siblingsSilent: 2 },
  "silent-alone": { votes: SILENT, belief: CUT, facts: { siblings: 2 }, siblingsSilent: 1 },
  "down-unnamed": {
    votes: REFUSED,
    belief: downBy("dead", { beliefs: { ...CRASHED.beliefs, crashed: 0.9 } }),
  },
  "wrong-everywhere": { votes: votes(7, "wrong") },
  rejected: { votes: votes(7, "rejected") },
  mixed: { votes: MIXED },
  "still-down": {
    votes: SILENT,
    unserved: true,
    facts: { state: standingAs("node_dead", { asOf: NOW, standing: { since: NOW - 1_000 } }) },
  },
  unserved: { votes: REFUSED_OR_SILENT, unserved: true, facts: { unheard: 1 } },
  "sometimes-wrong": { votes: OK, living: living({ wrong: 4, amiss: 4, amissAt: NOW }) },
  partitioned: { votes: [...votes(2, "silent"), ...votes(5, "ok", 2)], living: living({}, ["a", "b"]) },
  lossy: { votes: OK, living: living({ silent: 12, silentFrom: 3 }) },
  good: { votes: OK },
  undecided: { votes: SILENT.slice(0, 2), facts: { unheard: 5, state: STANDS_ALIVE } },
  "too-few": { votes: SILENT.slice(0, 2), facts: { unheard: 5, onset: NOW - 60_000, state: STANDS_ALIVE } },
};

/**
 * The rule that would decide if this one were not there, which shows why each rule is needed. `none`: the last rule, which must be there.
 */
const INSTEAD: Record<string, string> = {
  "catching-up": "dead",
  frozen: "silent-alone",
  paused: "good",
  "nothing-fresh": "good",
  "kept-out": "crashed",
  "refused-with-witness": "crashed",
  "crash-awaits-witness": "crashed",
  "crash-awaits-siblings": "down-unnamed",
  crashed: "down-unnamed",
  "refused-together": "down-unnamed",
  "hung-beside-witness": "dead",
  hung: "down-unnamed",
  "silence-awaits-answers": "dead",
  "silence-awaits-looks": "sign-of-life",
  "sign-of-life": "dead",
  "death-awaits-heartbeat": "dead",
  dead: "silent-alone",
  "silence-awaits-vantages": "silent-alone",
  "silence-awaits-others": "silent-alone",
  "site-silent": "silent-alone",
  "silent-alone": "down-unnamed",
  "down-unnamed": "undecided",
  "wrong-everywhere": "undecided",
  rejected: "undecided",
  mixed: "undecided",
  "still-down": "unserved",
  unserved: "too-few",
  "sometimes-wrong": "good",
  partitioned: "good",
  lossy: "good",
  good: "undecided",
  undecided: "too-few",
  "too-few": "none",
};

describe("each rule", () => {
  it("has a world", () => {
    expect(Object.keys(WORLDS)).toEqual(RULES.map(({ name }) => name));
    expect(Object.keys(INSTEAD)).toEqual(RULES.map(({ name }) => name));
  });

  it.each(Object.entries(WORLDS))("decides where its time has come: %s", (name, world) => {
    const { conclusion, waiting } = conclude(caseIn(world), RULES);
    expect(conclusion?.rule ?? waiting?.rule).toBe(name);
  });

  it.each(Object.entries(INSTEAD).filter(([, other]) => other !== "none"))(
    "is there for a reason: without %s it would be %s",
    (name, other) => {
      expect(without(name)).toBe(other);
    },
  );
});
