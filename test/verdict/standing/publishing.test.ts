import { describe, expect, it } from "vitest";
import type { Transition } from "../../../src/domain/verdict.ts";
import { CALM } from "../../../src/verdict/likelihood.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { publish, reachOf, republished, shownEvidence } from "../../../src/verdict/standing/publishing.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  factsOfVotes,
  notice,
  NOW,
  seenOfVotes,
  shardOf,
  standingAs,
  targetState,
  vantage,
  vote,
  votes,
} from "../made.ts";

const published = (state: TargetState) =>
  publish(
    shardOf({ targets: [state] }),
    factsOfVotes([...votes(2, "ok", 1), vote("a", "silent")], { state }),
    state,
    TUNING,
  );

/** The state after its last publication, when everything in it has been published. */
const said = (state: TargetState): TargetState => published({ ...state, announced: false }).state;
const ALIVE = said(standingAs("alive"));
const standing = (part: Partial<TargetState["standing"]>): TargetState => ({
  ...ALIVE,
  standing: { ...ALIVE.standing, ...part },
});

describe("what is published", () => {
  it.each<[string, TargetState, boolean]>([
    ["nothing, where all of it was said", ALIVE, false],
    ["another verdict", standing({ verdict: "gray" }), true],
    ["that it is not confirmed any more", standing({ confirmed: false }), true],
    ["that it reaches further", standing({ scope: "site" }), true],
    ["another routing", standing({ routing: "avoid" }), true],
    ["another region's", standing({ cut: ["a"] }), true],
    ["nothing, for a path of which nothing is counted", standing({ cut: ["z"] }), false],
    ["nothing, for one that is answered", standing({ cut: ["b"] }), false],
    ["nothing, for another sentence alone", standing({ because: "other words" }), false],
    ["its first word", { ...ALIVE, announced: false }, true],
    [
      "that a notice was contradicted now",
      { ...ALIVE, notice: notice("crash", { contradictedAt: NOW }) },
      true,
    ],
    [
      "nothing, where that was before",
      { ...ALIVE, notice: notice("crash", { contradictedAt: NOW - 1 }) },
      false,
    ],
  ])("is %s", (_name, state, isChange) => {
    const { state: after, change } = published(state);
    expect(change !== null).toBe(isChange);
    expect(after.published.sequence).toBe(ALIVE.published.sequence + (isChange ? 1 : 0));
  });

  it("keeps its sentence fresh without a transition", () => {
    expect(published(standing({ because: "other words" })).state.published.because).toBe("other words");
  });

  it.each<[string, TargetState, object]>([
    [
      "since now, and what it was before",
      standing({ verdict: "gray" }),
      { verdict: "gray", since: NOW, lastVerdict: "alive" },
    ],
    [
      "since when it was, where only the advice changes",
      { ...standing({ routing: "avoid" }), published: { ...ALIVE.published, since: 7 } },
      { since: 7, lastVerdict: null },
    ],
    [
      "nothing of not having known before",
      said(targetState({ standing: { verdict: "unknown" } })),
      { lastVerdict: null },
    ],
    [
      "with its confidence",
      { ...standing({ verdict: "gray" }), beliefs: { ...CALM, up: 0.25, gray: 0.5 } },
      { confidence: 0.75 },
    ],
  ])("says %s", (_name, state, expected) => {
    expect(published(state).state.published).toMatchObject(expected);
  });

  it("goes into the history as it is said, with its evidence", () => {
    const { change, state } = published(standing({ verdict: "gray" }));
    expect(change).toMatchObject({ site: "fra", target: "db-1" });
    expect(change?.transition).toMatchObject({
      sequence: state.published.sequence,
      at: "1970-01-01T02:46:40.000Z",
      from: "alive",
      to: "gray",
      because: state.published.because,
    });
    expect(change?.transition.evidence.map(({ vantage: id }) => id)).toEqual(["a", "b", "c"]);
  });

  it("tells in the history alone what became of a notice", () => {
    const { change, state } = published({ ...ALIVE, notice: notice("crash", { contradictedAt: NOW }) });
    expect(change?.transition.because).toContain("is contradicted");
    expect(state.published.because).not.toContain("is contradicted");
  });
});

describe("the evidence that is shown", () => {
  it("is each vantage's newest, by name, in tenths of a millisecond", () => {
    const counted = [
      vote("c", "ok", NOW, { totalMs: 12.345 }),
      vote("a", "wrong", NOW, { detail: "status 500" }),
      vote("d", "ok", NOW, {
        certificate: {
          expiresAt: NOW,
          names: ["db.example"],
          moreNames: 1,
          issuers: ["R11", "ISRG Root X1"],
        },
      }),
    ];
    const inside = [vote(vantage("b", { site: "fra" }), "silent", NOW - 1, { totalMs: 0.04 })];
    const at = "1970-01-01T02:46:40.000Z";
    expect(shownEvidence(seenOfVotes(counted, { inside }))).toEqual([
      { vantage: "a", at, outcome: "app_error", stage: "done", totalMs: 1_000, detail: "status 500" },
      {
        vantage: "b",
        at: "1970-01-01T02:46:39.999Z",
        outcome: "connect_timeout",
        stage: "connect",
        totalMs: 0,
      },
      { vantage: "c", at, outcome: "ok", stage: "done", totalMs: 12.3 },
      {
        vantage: "d",
        at,
        outcome: "ok",
        stage: "done",
        totalMs: 1_000,
        certificate: { expiresAt: at, names: ["db.example"], moreNames: 1, issuers: ["R11", "ISRG Root X1"] },
      },
    ]);
  });
});

/** `d` was answered, and `c` wrongly; `b` and `a` missed the target. All looks were a second ago. */
const COUNTED = [vote("d", "ok"), vote("c", "wrong"), vote("b", "silent"), vote("a", "refused")];

describe("from where a target is reached", () => {
  const down = (fellMs: number): TargetState => standingAs("node_dead", { downSince: NOW - fellMs });

  it.each<[string, TargetState, string[], string[]]>([
    ["is whoever was answered, and who missed it is open", standingAs("alive"), ["c", "d"], []],
    ["is not who is cut off", standingAs("partitioned", { standing: { cut: ["a"] } }), ["c", "d"], ["a"]],
    ["is nobody who missed what does not serve", down(1_001), ["c", "d"], ["a", "b"]],
    ["is nobody who was answered before it fell", down(1_000), [], ["a", "b"]],
    [
      "is nobody who missed what is to be avoided",
      standingAs("gray", { standing: { routing: "avoid" } }),
      ["c", "d"],
      ["a", "b"],
    ],
    [
      "is open where it is gray and served",
      standingAs("gray", { standing: { routing: "serve" } }),
      ["c", "d"],
      [],
    ],
    [
      "is open where nothing is known, though it was to be avoided",
      standingAs("unknown", { standing: { routing: "avoid" } }),
      ["c", "d"],
      [],
    ],
    [
      "is whoever was answered, where it is not known when it fell",
      standingAs("node_dead"),
      ["c", "d"],
      ["a", "b"],
    ],
  ])("%s", (_name, state, from, not) => {
    expect(reachOf(seenOfVotes(COUNTED), state)).toEqual({ from, not });
  });

  it("is told from inside as well", () => {
    const inside = [vote(vantage("i", { site: "fra" }), "ok")];
    expect(reachOf(seenOfVotes([], { inside }), standingAs("alive"))).toEqual({ from: ["i"], not: [] });
  });
});

describe("what a kept transition says, over what a replay made of it", () => {
  const replayed = { ...ALIVE.published, sequence: 4, since: 7 };
  const told: Transition = {
    sequence: 4,
    at: "1970-01-01T00:00:09.000Z",
    from: "alive",
    to: "gray",
    rule: "lossy",
    confirmed: false,
    confidence: 0.5,
    because: "it was said",
    advice: { ...replayed.advice, reason: "as it was said" },
    evidence: [],
  };

  it.each<[string, Partial<Transition>, object]>([
    [
      "is what was said, where that differs",
      {},
      { verdict: "gray", rule: "lossy", because: "it was said", since: 9_000 },
    ],
    ["is the replay's, where both are the same", { to: "alive" }, replayed],
    [
      "is what was said of another number",
      { to: "alive", sequence: 5 },
      { sequence: 5, verdict: "alive", because: "it was said" },
    ],
    ["has the replay's rule, where none was kept", { rule: null }, { verdict: "gray", rule: "new" }],
    [
      "begins when it did, where the verdict had not changed",
      { from: "gray" },
      { verdict: "gray", since: 7 },
    ],
  ])("%s", (_name, part, expected) => {
    expect(republished(replayed, { ...told, ...part })).toMatchObject(expected);
  });
});
