import { describe, expect, it } from "vitest";
import { type Belief, CALM_BELIEF } from "../../../src/verdict/belief/beliefs.ts";
import type { Seen } from "../../../src/verdict/facts/facts.ts";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { noted } from "../../../src/verdict/standing/settling.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { notice, NOW, seenOfVotes, standingAs, vantage, vote, votes } from "../made.ts";

describe("what the votes show by themselves", () => {
  const after = (
    counted: Vote[],
    before: TargetState,
    part: Partial<Seen> = {},
    belief: Partial<Belief> = {},
  ): TargetState =>
    noted(
      seenOfVotes(counted, { target: before.target, ...part }),
      before,
      { ...CALM_BELIEF, ...belief },
      TUNING,
    );
  const SITE_MISSED = { siteMissedBy: 5, siteUnreached: 0.99 };
  const MISSED_LONG = { onset: NOW - 5_000 };
  const ALIVE = standingAs("alive");

  it.each<[string, TargetState, Vote[], number | null]>([
    [
      "begins with the first that failed",
      ALIVE,
      [vote("a", "silent", NOW - 900), vote("b", "silent", NOW - 800)],
      NOW - 900,
    ],
    [
      "goes on from where it began",
      standingAs("alive", { episodeAt: NOW - 5_000 }),
      votes(1, "silent"),
      NOW - 5_000,
    ],
    [
      "ends with the last, where it stands as alive",
      standingAs("alive", { episodeAt: NOW - 5_000 }),
      votes(1, "ok"),
      null,
    ],
    [
      "goes on without any, until that is settled",
      standingAs("gray", { episodeAt: NOW - 5_000 }),
      votes(1, "ok"),
      NOW - 5_000,
    ],
  ])("of a trouble: it %s", (_name, before, counted, episodeAt) => {
    expect(after(counted, before).episodeAt).toBe(episodeAt);
  });

  it.each<[string, TargetState, number, [number | null, number | null]]>([
    ["none of what is alive", standingAs("alive", { downSince: 5 }), NOW - 50, [null, null]],
    [
      "from its newest ok, where it stands as down",
      standingAs("node_dead", { standing: { confirmed: false } }),
      NOW - 50,
      [NOW - 50, null],
    ],
    ["from there, where a quorum found it gray", standingAs("gray"), NOW - 50, [NOW - 50, null]],
    [
      "none, where no quorum did",
      standingAs("gray", { standing: { confirmed: false } }),
      NOW - 50,
      [null, null],
    ],
    [
      "from there, where it is avoided all the same",
      standingAs("gray", { standing: { confirmed: false, routing: "avoid" } }),
      NOW - 50,
      [NOW - 50, null],
    ],
    [
      "from there, where all find it silent",
      standingAs("alive", { silentAt: NOW - 9 }),
      NOW - 50,
      [NOW - 50, null],
    ],
    [
      "no longer with an answer since, which is a recovery",
      standingAs("node_dead", { downSince: NOW - 60 }),
      NOW - 50,
      [NOW - 60, NOW - 50],
    ],
    [
      "on with an answer of that instant",
      standingAs("node_dead", { downSince: NOW - 50 }),
      NOW - 50,
      [NOW - 50, null],
    ],
  ])("of a fall: %s", (_name, before, onset, expected) => {
    const { downSince, recoveredAt } = after(votes(1, "ok"), before, { onset });
    expect([downSince, recoveredAt]).toEqual(expected);
  });

  it.each<[string, Vote[], Partial<Seen>, number | null, number | null, Partial<Belief>?]>([
    ["begins once a quorum's worth finds it silent", votes(5, "silent"), {}, null, NOW],
    ["takes all of it", votes(4, "silent"), {}, null, null],
    ["is that of those there are", votes(2, "silent"), { soundCount: 2 }, null, NOW],
    ["goes on", votes(5, "silent"), {}, NOW - 9, NOW - 9],
    ["ends with another failure", votes(5, "refused"), {}, NOW - 9, null],
    ["waits for whoever reached it last", votes(5, "silent"), { lastReacherOwes: true }, null, null],
    ["goes on while nobody counts", [], {}, NOW - 9, NOW - 9],
    [
      "begins with two, where all of the site is missed",
      votes(2, "silent"),
      MISSED_LONG,
      null,
      NOW,
      SITE_MISSED,
    ],
    ["does not with two, where some of the site may be reached", votes(2, "silent"), MISSED_LONG, null, null],
  ])("of a silence: it %s", (_name, counted, part, silentAt, expected, belief = {}) => {
    expect(after(counted, standingAs("alive", { silentAt }), part, belief).silentAt).toBe(expected);
  });

  it.each<[string, Parameters<typeof notice>[1], Partial<Seen>, number | null]>([
    ["by an ok begun after it was heard", { heardAt: NOW - 1_001 }, {}, NOW],
    ["not by one begun with it", { heardAt: NOW - 1_000 }, {}, null],
    [
      "by one from inside",
      { heardAt: NOW - 1_001 },
      { counted: [], inside: [vote(vantage("i", { site: "fra" }), "ok")] },
      NOW,
    ],
    ["by a wrong answer not", { heardAt: NOW - 1_001 }, { counted: votes(1, "wrong") }, null],
    ["once", { heardAt: NOW - 1_001, contradictedAt: NOW - 7 }, {}, NOW - 7],
  ])("of a notice: it is contradicted %s", (_name, part, seen, contradictedAt) => {
    const before = standingAs("alive", { notice: notice("crash", part) });
    expect(after(votes(1, "ok"), before, seen).notice?.contradictedAt).toBe(contradictedAt);
  });

  it.each<[string, Vote[], number | null, number | null]>([
    [
      "is as old as the newest that counts",
      [vote("a", "ok", NOW - 9), vote("b", "silent", NOW - 5)],
      null,
      NOW - 5,
    ],
    ["is never older than before", [vote("a", "ok", NOW - 9)], NOW - 5, NOW - 5],
    ["is as old as before where none counts", [], NOW - 5, NOW - 5],
  ])("%s", (_name, counted, asOf, expected) => {
    expect(after(counted, standingAs("alive", { asOf })).asOf).toBe(expected);
  });
});
