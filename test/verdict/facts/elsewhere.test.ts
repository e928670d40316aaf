import { describe, expect, it } from "vitest";
import {
  haveSiblingsGoneOn,
  isHeardElsewhere,
  refusedAlone,
  refusedSiblings,
  withFailOpen,
} from "../../../src/verdict/facts/elsewhere.ts";
import type { ShardState, ObservationRecord, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  control,
  edge,
  factsOfVotes,
  NOW,
  type Observed,
  proofAt,
  shardOf,
  observed,
  standingAs,
  targetState,
  vantage,
  vote,
} from "../made.ts";

const ago = (ms: number, outcome: ObservationRecord["outcome"] = "ok"): ObservationRecord =>
  observed(NOW - ms, outcome);

/** Three vantages are refused: first ten seconds ago, a second after the target's last answer, and last a second ago. */
const refused = (state: TargetState = standingAs("alive"), part: Partial<Observed> = {}): Observed =>
  factsOfVotes(
    ["a", "b", "c"].map((id) => vote(id, "refused", NOW - 1_000)),
    {
      state,
      onset: NOW - 11_000,
      failingSince: NOW - 10_000,
      ...part,
    },
  );
const sibling = (
  looks: Record<string, ObservationRecord[]>,
  part: Parameters<typeof targetState>[0] = {},
): TargetState =>
  targetState(
    { ...part, edges: new Map(Object.entries(looks).map(([id, all]) => [id, edge(all)])) },
    "fra/db-2",
  );

describe("whether a target is refused alone", () => {
  const alone = (siblings: TargetState[], facts = refused()): boolean | null =>
    refusedAlone(shardOf({ targets: [facts.state, ...siblings] }), facts, facts.state, TUNING);
  const answeredAt = (ms: number): TargetState => sibling({ a: [ago(ms)] });
  const togetherAt = (ms: number): TargetState => sibling({ a: [ago(ms), ago(900, "refused")] });

  it.each<[string, TargetState[], boolean | null]>([
    ["is so without a sibling", [], true],
    ["is so where one answered before it was refused again", [answeredAt(2_000)], true],
    ["is so where that was in the same tick", [answeredAt(751)], true],
    ["is open where it was later: the site may just have come back", [answeredAt(750)], null],
    ["is not where one was refused, for long enough", [togetherAt(60_000)], false],
    ["is so where none was looked at, for long enough", [sibling({})], true],
    [
      "is so where an answer outweighs one refused with it",
      [togetherAt(11_000), answeredAt(2_000)].map((one, index) =>
        index === 0 ? { ...one, target: { ...one.target, target: "db-3" } } : one,
      ),
      true,
    ],
  ])("%s", (_name, siblings, expected) => {
    expect(alone(siblings)).toBe(expected);
  });

  it.each<[string, ObservationRecord[], boolean | null]>([
    ["at any time between two refusals, whatever came after it", [ago(2_000), ago(300, "refused")], true],
    ["at the first of them", [ago(10_000), ago(300, "refused")], true],
    ["only before them", [ago(10_001), ago(300, "refused")], false],
    ["only after them", [ago(10_001), ago(300)], null],
  ])("is told by a sibling that answered %s", (_name, looks, expected) => {
    expect(alone([sibling({ a: looks })])).toBe(expected);
  });

  it("is told by none who was not refused by the target", () => {
    expect(alone([sibling({ a: [ago(900, "refused")], z: [ago(2_000)] })])).toBe(false);
  });

  it.each<[string, TargetState, number, boolean | null]>([
    ["open for three seconds, where none was looked at", sibling({}), 2_999, null],
    ["so after them", sibling({}), 3_000, true],
    ["open as long where one was last answered long before it", togetherAt(14_001), 2_999, null],
    ["open as long where one was long after it", togetherAt(7_999), 2_999, null],
    ["not so after them", togetherAt(14_001), 3_000, false],
    ["not so at once where one was last answered three seconds before it", togetherAt(14_000), 1_000, false],
    ["not so at once where one was three seconds after it", togetherAt(8_000), 1_000, false],
  ])("is %s", (_name, one, sinceMs, expected) => {
    expect(alone([one], refused(undefined, { failingSince: NOW - sinceMs }))).toBe(expected);
  });

  it.each([
    ["more than an answer of the same tick", 1_000, null],
    ["one from before it was refused again", 1_001, true],
  ])("takes, of what stands as unreachable, %s", (_name, agoMs, expected) => {
    expect(alone([answeredAt(agoMs)], refused(standingAs("unreachable")))).toBe(expected);
  });

  it.each<[string, TargetState, boolean]>([
    [
      "called so before",
      sibling(
        { a: [ago(900, "refused")] },
        { standing: { verdict: "process_crashed", since: NOW - 11_001 } },
      ),
      true,
    ],
    [
      "called so only since",
      sibling(
        { a: [ago(900, "refused")] },
        { standing: { verdict: "process_crashed", since: NOW - 11_000 } },
      ),
      false,
    ],
    [
      "refused from two places before",
      sibling({ a: [ago(12_000, "refused"), ago(900, "refused")], b: [ago(12_000, "refused")] }),
      true,
    ],
    ["refused from one before", sibling({ a: [ago(12_000, "refused"), ago(900, "refused")] }), false],
  ])("says so beside a sibling that had crashed: %s", (_name, one, expected) => {
    expect(alone([one])).toBe(expected);
  });
});

describe("the siblings that refuse as well", () => {
  const count = (looks: ObservationRecord[]): number => {
    const facts = refused();
    return refusedSiblings(shardOf({ targets: [facts.state, sibling({ a: looks })] }), facts, facts.state);
  };

  it.each<[string, ObservationRecord[], number]>([
    ["those whose newest look was refused", [ago(9_000, "refused")], 1],
    ["those that were silent since", [ago(9_000, "refused"), ago(100, "connect_timeout")], 1],
    ["none that was answered since", [ago(9_000, "refused"), ago(100)], 0],
    ["none that refused only before", [ago(10_001, "refused")], 0],
    ["none that nobody looked at", [], 0],
  ])("are %s", (_name, looks, expected) => {
    expect(count(looks)).toBe(expected);
  });

  it("are counted each", () => {
    const looks = { a: [ago(900, "refused")] };
    const others = [
      sibling(looks),
      targetState({ edges: sibling(looks).edges }, "fra/db-3"),
      targetState({}, "fra/db-4"),
    ];
    const facts = refused();
    expect(refusedSiblings(shardOf({ targets: [facts.state, ...others] }), facts, facts.state)).toBe(2);
  });
});

describe("whether siblings went on answering", () => {
  /** Three vantages have missed the target for ten seconds, with an interval of five. */
  const MISSED = factsOfVotes(
    ["a", "b", "c"].map((id) => vote(id, "silent", NOW - 1_000)),
    { onset: NOW - 11_000, failingSince: NOW - 10_000 },
  );
  const wentOn = (
    siblings: TargetState[],
    state: TargetState = standingAs("alive"),
    facts: Observed = MISSED,
  ): boolean => haveSiblingsGoneOn(shardOf({ targets: [state, ...siblings] }), facts, state, TUNING);

  it.each<[string, Record<string, ObservationRecord[]>, boolean]>([
    ["by two answers an interval apart", { a: [ago(6_000), ago(1_000)] }, true],
    ["not by two that are closer", { a: [ago(5_999), ago(1_000)] }, false],
    ["by those of two vantages", { a: [ago(6_000)], b: [ago(1_000)] }, true],
    ["not by one", { a: [ago(1_000)] }, false],
    ["by one of the first instant it was missed", { a: [ago(10_000), ago(1_000)] }, true],
    ["not by one from before", { a: [ago(10_001), ago(1_000)] }, false],
    ["not by those of who does not miss it", { z: [ago(6_000), ago(1_000)] }, false],
    ["by wrong answers not", { a: [ago(6_000, "app_error"), ago(1_000, "app_error")] }, false],
    [
      "with one of five lost in between",
      { a: [ago(6_000), ago(5_000, "connect_timeout"), ago(4_000), ago(3_000), ago(1_000)] },
      true,
    ],
    [
      "not with one of four",
      { a: [ago(6_000), ago(5_000, "connect_timeout"), ago(3_000), ago(1_000)] },
      false,
    ],
    ["not by two sides of a silence", { a: [ago(6_000), ago(3_000, "connect_timeout"), ago(1_000)] }, false],
  ])("%s", (_name, looks, expected) => {
    expect(wentOn([sibling(looks)])).toBe(expected);
  });

  it("is told by one of them, and by no two together", () => {
    const [early, late] = [
      sibling({ a: [ago(6_000)] }),
      targetState({ edges: new Map([["a", edge([ago(1_000)])]]) }, "fra/db-3"),
    ];
    expect(wentOn([early, late])).toBe(false);
    expect(wentOn([early, sibling({ a: [ago(6_000), ago(1_000)] })])).toBe(true);
  });

  it.each<[string, TargetState["standing"]["verdict"], number, boolean]>([
    ["an interval after it was called dead", "node_dead", 6_000, true],
    ["not at once", "node_dead", 5_999, false],
    ["not after it was called anything else", "unreachable", 6_000, false],
  ])("until they fell silent themselves, where that was %s", (_name, verdict, agoMs, expected) => {
    const state = standingAs(verdict, { standing: { since: NOW - agoMs } });
    expect(wentOn([sibling({}, { silentAt: NOW - 999 })], state)).toBe(expected);
  });

  it("is not told where there is none", () => {
    expect(wentOn([])).toBe(false);
  });
});

describe("whether those who miss a target hear anything else", () => {
  /** `count` vantages missed the target ten seconds ago. Some have been answered since, this long after that. */
  const missedBy = (count: number, answered: number[], shard: ShardState = shardOf()): boolean => {
    const votes = ["a", "b", "c"].slice(0, count).map((id, index) => {
      const at = answered[index];
      const record = vantage(id, at === undefined ? {} : { proof: proofAt(NOW - 10_000 + at) });
      return vote(record, "silent", NOW - 10_000);
    });
    const facts = factsOfVotes(votes, { onset: NOW - 11_000, failingSince: NOW - 10_000 });
    return isHeardElsewhere(shard, facts, TUNING);
  };
  /** Another site of `many` targets. Its last answer came `beforeMs` before the last probes in flight had arrived. */
  const fellSilent = (many: number, beforeMs = 1, controls = 0): ShardState =>
    shardOf({
      vantages: [
        vantage("z", {
          controls: new Map(
            Array.from({ length: controls }, (_, index) => [`tcp://c:${index}`, control(NOW - 9_001)]),
          ),
        }),
      ],
      targets: Array.from({ length: many }, (_, index) => targetState({}, `ams/web-${index}`)),
      sites: { ams: { proof: proofAt(NOW - 9_000 - beforeMs) } },
    });
  const SILENT = fellSilent(4);

  it.each<[string, number, number[], ShardState, boolean]>([
    ["is settled by two who were answered", 3, [1_000, 1_000], SILENT, true],
    ["is not by what may have been in flight", 3, [999, 999], SILENT, false],
    ["is not by one of three", 3, [1_000], SILENT, false],
    ["is by the only one that misses it", 1, [1_000], SILENT, true],
    ["needs nobody where nothing else is known", 3, [], shardOf(), true],
    ["needs nobody where three others fell silent", 3, [], fellSilent(3), true],
    ["is not where a control fell silent with them", 3, [], fellSilent(3, 1, 1), false],
    ["needs nobody where the others have answered since", 3, [], fellSilent(4, 0), true],
    ["counts what had answered within a minute", 3, [], fellSilent(4, 60_000), false],
    ["counts nothing that was silent before", 3, [], fellSilent(4, 60_001), true],
  ])("%s", (_name, count, answered, shard, heard) => {
    expect(missedBy(count, answered, shard)).toBe(heard);
  });

  it("is not told by its own site, whose trouble it may be", () => {
    const targets = Array.from({ length: 4 }, (_, index) => targetState({}, `fra/web-${index}`));
    expect(missedBy(3, [], shardOf({ targets, sites: { fra: { proof: proofAt(NOW - 9_001) } } }))).toBe(true);
  });
});

describe("suspecting ourselves", () => {
  /** Targets by site: how long each has been silent, or null for those that answer. */
  const world = (
    silent: Record<string, (number | null)[]>,
    part: Parameters<typeof targetState>[0] = {},
  ): ShardState =>
    shardOf({
      targets: Object.entries(silent).flatMap(([site, all]) =>
        all.map((agoMs, index) =>
          standingAs(
            "alive",
            { silentAt: agoMs === null ? null : NOW - agoMs, ...part },
            `${site}/t-${index}`,
          ),
        ),
      ),
    });
  const frozenIn = (shard: ShardState): boolean =>
    withFailOpen(shard, NOW, TUNING).shard.frozenSince !== null;

  it.each<[string, ShardState, boolean]>([
    ["is due where more than half fell silent in two sites", world({ fra: [0, 0], ams: [0, null] }), true],
    ["is not by half of them", world({ fra: [0, null], ams: [0, null] }), false],
    ["is by three of five", world({ fra: [0, 0, null], ams: [0, null] }), true],
    ["is not by fewer than four in all", world({ fra: [0, 0], ams: [0] }), false],
    ["is not where they stand in one site", world({ fra: [0, 0, 0], ams: [null] }), false],
    ["is not where there is but one", world({ fra: [0, 0, 0, 0] }), false],
    ["is by those of a minute", world({ fra: [0, 0], ams: [60_000, null] }), true],
    ["is not by one that has been silent for longer", world({ fra: [0, 0], ams: [60_001, null] }), false],
    ["is not by what never lived", world({ fra: [0, 0], ams: [0, null] }, { onceAlive: false }), false],
    [
      "is not by what nobody looks at",
      world({ fra: [0, 0], ams: [0, null] }, { target: { paused: true } }),
      false,
    ],
  ])("%s", (_name, shard, frozen) => {
    expect(frozenIn(shard)).toBe(frozen);
  });

  it("says what share it was", () => {
    expect(withFailOpen(world({ fra: [0, 0], ams: [0, null] }), NOW, TUNING).share).toBe(
      "3 of 4 targets in 2 sites",
    );
  });

  it("lasts from when it began to when it is over", () => {
    const silent = { ...world({ fra: [0, 0], ams: [0, null] }), frozenSince: NOW - 9_000 };
    expect(withFailOpen(silent, NOW, TUNING).shard).toBe(silent);
    const back = { ...world({ fra: [null, null], ams: [null, null] }), frozenSince: NOW - 9_000 };
    expect(withFailOpen(back, NOW, TUNING).shard.frozenSince).toBeNull();
  });
});
