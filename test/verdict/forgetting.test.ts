import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { EvidenceEvent, JudgedTarget } from "../../src/domain/evidence.ts";
import { CONTROLS_MAX } from "../../src/domain/capacity.ts";
import type { Report } from "../../src/domain/report.ts";
import { takeIn } from "../../src/verdict/intake/intake.ts";
import { judge } from "../../src/verdict/judge.ts";
import { withControls } from "../../src/verdict/memory/observation-record.ts";
import {
  dumpState,
  loadState,
  isTroubled,
  withoutLeavers,
  withoutUnused,
} from "../../src/verdict/memory/target-state.ts";
import { emptyState, type ShardState, type TargetState } from "../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { KEYS, play, worlds } from "./happenings.ts";
import { after, lists } from "./told.ts";
import {
  control,
  edge,
  judged,
  KEY,
  NOW,
  proofAt,
  report,
  shardOf,
  observed,
  targetState,
  vantage,
} from "./made.ts";

const take = (shard: ShardState, event: EvidenceEvent): ShardState => takeIn(shard, event, NOW, TUNING);
const edges = (...ids: string[]): TargetState["edges"] =>
  new Map(ids.map((id) => [id, edge([observed(NOW - 1_000)])]));
const roster = (...ids: string[]): EvidenceEvent => ({
  kind: "roster",
  vantages: ids.map((id) => vantage(id).vantage),
});
const put = (part: Partial<JudgedTarget>, key = KEY): EvidenceEvent => ({
  kind: "target",
  target: judged(key, part),
  url: `tcp://${key}`,
  version: 1,
});

describe("what a vantage saw that is gone", () => {
  const seen = targetState({
    edges: edges("a", "b"),
    witness: edges("a", "b"),
    target: { hasWitness: true },
  });
  const paths = new Map(["a", "b"].map((id) => [id, proofAt(NOW)]));
  const shard = shardOf({ targets: [seen], sites: { fra: { paths } } });
  const known = (after: ShardState): string[][] => {
    const state = after.targets.get(KEY);
    const all: (ReadonlyMap<string, unknown> | undefined)[] = [
      state?.edges,
      state?.witness,
      after.sites.get("fra")?.paths,
    ];
    return all.map((one) => [...(one?.keys() ?? [])]);
  };

  it.each<[string, EvidenceEvent, string[]]>([
    ["goes with it", roster("a", "c"), ["a"]],
    ["goes where the target is no longer looked at by it", put({ hasWitness: true, vantages: ["b"] }), ["b"]],
    ["stays while it looks", put({ hasWitness: true, intervalMs: 9_000 }), ["a", "b"]],
  ])("%s", (_name, event, left) => {
    expect(known(take(shard, event))).toEqual([left, left, left]);
  });

  it("keeps its path while it looks at another target of the site", () => {
    const both = shardOf({ targets: [seen, targetState({}, "fra/db-2")], sites: { fra: { paths } } });
    const after = take(both, put({ hasWitness: true, vantages: ["b"] }));
    expect(known(after)).toEqual([["b"], ["b"], ["a", "b"]]);
  });

  it("troubles the target no more", () => {
    const missed = new Map([...edges("a"), ["b", edge([observed(NOW - 1_000, "connect_timeout")])] as const]);
    expect([isTroubled(missed, new Map(), "fra"), isTroubled(edges("a"), new Map(), "fra")]).toEqual([
      true,
      false,
    ]);
    const troubled = targetState({ edges: missed, troubled: true });
    expect(take(shardOf({ targets: [troubled] }), roster("a")).targets.get(KEY)?.troubled).toBe(false);
  });

  it("leaves the state as it is where nobody is gone", () => {
    expect(withoutLeavers(seen, shard.vantages)).toBe(seen);
    expect(withoutUnused(shard).sites.get("fra")).toBe(shard.sites.get("fra"));
  });
});

describe("what was seen of a witness", () => {
  const at = (url: string, version: number) => ({ hasWitness: true, witness: { url, version } });
  it.each<[string, Partial<JudgedTarget>, Partial<JudgedTarget>, number, number | undefined]>([
    ["stays where it is the same", at("tcp://w:1", 3), at("tcp://w:1", 7), 1, 3],
    ["goes where it is another", at("tcp://w:1", 3), at("tcp://w:2", 7), 0, 7],
    ["goes with it", at("tcp://w:1", 3), { hasWitness: false }, 0, undefined],
    ["stays where an earlier version did not keep which", { hasWitness: true }, at("tcp://w:1", 7), 1, 7],
    ["stays where an earlier version does not tell which", at("tcp://w:1", 3), { hasWitness: true }, 1, 3],
  ])("%s", (_name, before, after, seen, version) => {
    const shard = shardOf({
      targets: [targetState({ witness: edges("a"), edges: edges("a"), target: before })],
    });
    const state = take(shard, put(after)).targets.get(KEY);
    expect([state?.witness.size, state?.target.witness?.version, state?.edges.size]).toEqual([
      seen,
      version,
      1,
    ]);
  });
});

describe("a control", () => {
  const told = (url: string, begin: number): Report["controls"][number] => ({
    url,
    begin,
    outcome: "ok",
    stage: "done",
    totalMs: 1,
  });
  const kept = (known: number, part: Partial<Report>): string[] => [
    ...withControls(new Map([["tcp://old:1", control(known)]]), report("a", [], part), NOW, TUNING).keys(),
  ];

  it.each<[string, number, Partial<Report>, string[]]>([
    ["stays that was looked at within two of its lives", NOW - 120_000, {}, ["tcp://old:1"]],
    ["goes that was looked at before", NOW - 120_001, {}, []],
    [
      "stays that is looked at again",
      NOW - 900_000,
      { controls: [told("tcp://old:1", NOW)] },
      ["tcp://old:1"],
    ],
    [
      "goes though others are named",
      NOW - 900_000,
      { controls: [told("tcp://new:1", NOW)] },
      ["tcp://new:1"],
    ],
    [
      "stays by the clock of a report that was long under way",
      NOW - 900_000,
      { madeAt: NOW - 800_000 },
      ["tcp://old:1"],
    ],
    ["goes by ours where theirs runs ahead", NOW - 120_001, { madeAt: NOW + 900_000 }, []],
  ])("%s", (_name, known, part, left) => {
    expect(kept(known, part)).toEqual(left);
  });

  it("is one of as many as a report may name, the newest, whoever names others each time", () => {
    const named = Array.from({ length: CONTROLS_MAX }, (_, index) => told(`tcp://c${index}:1`, NOW - index));
    expect(kept(NOW - 1, { controls: named.slice(0, 3) })).toHaveLength(4);
    expect(kept(NOW - 99, { controls: named }).toSorted()).toEqual(named.map(({ url }) => url).toSorted());
  });
});

describe("a snapshot of an earlier judge", () => {
  it("is read without what that one kept of those who are gone", () => {
    const left = shardOf({
      vantages: [vantage("a")],
      targets: [targetState({ edges: edges("a", "z") })],
      sites: { fra: { paths: new Map([["z", proofAt(NOW)]]) }, gone: {} },
    });
    const { targets, sites } = loadState(dumpState(left));
    expect([...sites].map(([site, { paths }]) => [site, paths.size])).toEqual([["fra", 0]]);
    expect([...(targets.get(KEY)?.edges.keys() ?? [])]).toEqual(["a"]);
  });
});

/**
 * Removes all targets and all vantages. The state is then as before the first of them, except for what is never given back and the time of
 * the last judgement.
 */
const emptied = (before: ShardState, now: number): ShardState => {
  const removals = [...before.targets.values()].map(({ target: { site, target } }): EvidenceEvent => ({
    kind: "removed",
    site,
    target,
  }));
  return judge(before, [...removals, { kind: "roster", vantages: [] }], now, TUNING).state;
};
const asAtTheStart = ({ judgedAt, retiredSequence, tokens, wakeAt }: ShardState): ShardState => ({
  ...emptyState(),
  retiredSequence,
  tokens,
  judgedAt,
  wakeAt,
});

describe("law: of any list of events", () => {
  it("nothing is left once all is removed", () => {
    fc.assert(
      fc.property(lists, (all) => {
        const [state, now] = after(all, () => {});
        const end = emptied(state, now + 1);
        expect(end).toEqual(asAtTheStart(end));
      }),
    );
  });

  it("no more is remembered than what stands accounts for", () => {
    const bounded = (state: ShardState): void => {
      const { targets, sites, vantages } = state;
      for (const { target, edges: seen, witness } of targets.values()) {
        for (const id of [...seen.keys(), ...witness.keys()]) {
          expect(target.vantages).toContain(id);
          expect(vantages.has(id)).toBe(true);
        }
        if (!target.hasWitness) expect(witness.size).toBe(0);
      }
      expect([...sites.keys()].toSorted()).toEqual(
        [...new Set([...targets.values()].map(({ target }) => target.site))].toSorted(),
      );
      for (const { paths, targets: keys } of sites.values()) {
        const looks = new Set(keys.flatMap((key) => targets.get(key)?.target.vantages ?? []));
        for (const id of paths.keys()) expect(looks.has(id) && vantages.has(id)).toBe(true);
      }
      expect(loadState(dumpState(state))).toEqual(state);
    };
    fc.assert(fc.property(lists, (all) => void after(all, bounded)));
  });
});

describe("law: of any world in which things happen", () => {
  it("nothing is left once all is removed", () => {
    fc.assert(
      fc.property(worlds, (script) => {
        const world = play(script, { asText: false });
        expect(world.state.targets.size).toBe(KEYS.length);
        const end = emptied(world.state, world.now);
        expect(end).toEqual(asAtTheStart(end));
      }),
      { numRuns: 20 },
    );
  });
});
