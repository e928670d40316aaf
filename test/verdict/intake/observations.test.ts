import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Observation } from "../../../src/domain/observation.ts";
import type { Report } from "../../../src/domain/report.ts";
import { takeObservations } from "../../../src/verdict/intake/observations.ts";
import type {
  Proof,
  ShardState,
  TargetState,
  VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { UNPROVEN } from "../../../src/verdict/memory/observation-record.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
  KEY,
  NOW,
  observation,
  proofAt,
  report,
  shardOf,
  observed,
  targetState,
  vantage,
} from "../made.ts";

const SIBLING = "fra/db-2";
const ELSEWHERE = "ams/web-1";
const A = vantage("a");

const taken = (
  shard: ShardState,
  observations: Observation[],
  { by = A, ...part }: Partial<Report> & { by?: VantageRecord } = {},
) => {
  const {
    targets,
    sites,
    vantage: proof,
  } = takeObservations(shard, by, report(by.vantage.id, observations, part), NOW, TUNING);
  return { targets, sites, proof, state: targets.get(KEY) as TargetState };
};

describe("what an observation proves", () => {
  const shard = shardOf({ targets: [targetState({ version: 1, target: { hasWitness: true } })] });
  const BEGAN = NOW - 1_000;

  it.each<[string, VantageRecord, Partial<Observation>, number, [number, number, number, number]]>([
    ["of an answer: all four it came by", vantage("a"), { connectMs: 40 }, 1, [-760, -760, -760, -760]],
    ["of a refusal: the same", vantage("a"), { outcome: "refused" }, 1, [-800, -800, -800, -800]],
    ["of silence: nothing", vantage("a"), { outcome: "connect_timeout" }, 1, [0, 0, 0, 0]],
    [
      "of a witness that answers: not the process",
      vantage("a"),
      { subject: "witness" },
      1,
      [0, -800, -800, -800],
    ],
    ["of an answer inside the site: nothing outside", vantage("a", { site: "fra" }), {}, 1, [0, 0, 0, -800]],
    ["of one that is suspect: nothing", vantage("a", { state: "suspect" }), {}, 1, [0, 0, 0, 0]],
    ["of one that is faulty: nothing", vantage("a", { state: "faulty" }), {}, 1, [0, 0, 0, 0]],
    [
      "of one that had been silent: all four",
      vantage("a", { state: "silent" }),
      {},
      1,
      [-800, -800, -800, -800],
    ],
    ["of a target's former address: nothing", vantage("a"), {}, 0, [0, 0, 0, 0]],
    ["of a target that it is no longer to look at: nothing", vantage("z"), {}, 1, [0, 0, 0, 0]],
  ])("%s", (_name, by, part, version, proofs) => {
    const { proof, sites, state } = taken(shard, [observation(KEY, BEGAN, "ok", part)], { by, version });
    const site = sites.get("fra");
    const proven = [state.proof, site?.paths.get("a") ?? UNPROVEN, site?.proof ?? UNPROVEN, proof];
    expect(proven.map(({ at }) => at)).toEqual(proofs.map((ago) => (ago === 0 ? 0 : NOW + ago)));
  });

  it("is kept as seen, even of one whose word does not count", () => {
    const { state } = taken(shard, [observation(KEY, BEGAN)], { by: vantage("a", { state: "faulty" }) });
    expect(state.edges.get("a")?.recent).toEqual([observed(BEGAN)]);
  });

  it.each<[string, boolean, number | undefined, number, number]>([
    ["is seen where the target has one", true, undefined, 1, 1],
    ["is not where it has none any more", false, undefined, 1, 0],
    ["is not where the look was at its former address", true, 3, 2, 0],
    ["is from the first assignment on that has this address", true, 3, 3, 1],
  ])("of a witness %s", (_name, hasWitness, since, version, kept) => {
    const witness = since === undefined ? {} : { witness: { url: "tcp://w:1", version: since } };
    const some = shardOf({ targets: [targetState({ version: 1, target: { hasWitness, ...witness } })] });
    const { state } = taken(some, [observation(KEY, BEGAN, "ok", { subject: "witness" })], { version });
    expect(state.witness.size).toBe(kept);
  });

  it("is nothing of a target that nobody knows", () => {
    const { targets, sites, proof } = taken(shard, [observation("sto/x", BEGAN)]);
    expect([targets, sites, proof]).toEqual([shard.targets, shard.sites, UNPROVEN]);
  });

  it.each<[string, Report["controls"][number]["outcome"], VantageRecord["state"], number, number]>([
    ["an answer proves who asked", "ok", "sound", NOW - 100, NOW - 100],
    ["a wrong one does too", "app_error", "sound", NOW - 100, NOW - 100],
    ["a refusal does not", "refused", "sound", NOW - 100, 0],
    ["silence does not", "connect_timeout", "sound", NOW - 100, 0],
    ["a clock that runs ahead proves no more than now", "ok", "sound", NOW + 5_000, NOW],
    ["who is suspect proves nothing", "ok", "suspect", NOW - 100, 0],
  ])("of a control: %s", (_name, outcome, state, begin, at) => {
    const controls = [{ url: "tcp://c:1", begin, outcome, stage: "done" as const, totalMs: 1 }];
    const { proof } = taken(shard, [], { by: vantage("a", { state }), controls });
    expect(proof.at).toBe(at);
  });
});

/** A target that `a` and `b` each missed once, ten seconds ago. */
const missed = (key: string, proof: Proof = UNPROVEN): TargetState => {
  const edges = ["a", "b"].map((id) => [id, edge([observed(NOW - 10_000, "connect_timeout")])] as const);
  return targetState({ version: 1, edges: new Map(edges), proof }, key);
};

describe("a fault that ends with an answer", () => {
  const SUSPECTED = proofAt(NOW - 20_000, 0.9999);
  const explainedIn = ({ targets }: { targets: ReadonlyMap<string, TargetState> }): string[] =>
    [KEY, SIBLING, ELSEWHERE].flatMap((key) =>
      ["a", "b"]
        .filter((id) => targets.get(key)?.edges.get(id)?.recent[0]?.weight === 0)
        .map((id) => `${key} ${id}`),
    );
  const world = ({ of, path, site }: { of?: Proof; path?: Proof; site?: Proof }): ShardState =>
    shardOf({
      targets: [missed(KEY, of), missed(SIBLING), missed(ELSEWHERE)],
      sites: { fra: { proof: site ?? UNPROVEN, paths: new Map([["a", path ?? UNPROVEN]]) } },
    });

  it.each<[string, ShardState, VantageRecord, string[]]>([
    ["nothing, where nothing was suspected", world({}), A, []],
    ["all that missed the target, where that was", world({ of: SUSPECTED }), A, [`${KEY} a`, `${KEY} b`]],
    ["what came by the path, where that was", world({ path: SUSPECTED }), A, [`${KEY} a`, `${SIBLING} a`]],
    [
      "all that missed the site, where that was",
      world({ site: SUSPECTED }),
      A,
      [`${KEY} a`, `${KEY} b`, `${SIBLING} a`, `${SIBLING} b`],
    ],
    [
      "all that its vantage missed anywhere, where that was",
      world({}),
      vantage("a", { proof: SUSPECTED }),
      [`${KEY} a`, `${SIBLING} a`, `${ELSEWHERE} a`],
    ],
  ])("explains %s", (_name, shard, by, explained) => {
    expect(explainedIn(taken(shard, [observation(KEY, NOW - 1_000)], { by }))).toEqual(explained);
  });

  const GAP: Proof = {
    at: NOW - 2_000,
    badness: 0,
    gap: { from: NOW - 9_000, to: NOW - 2_000, factor: 0.5 },
  };
  const whole = (proof: Proof): ShardState =>
    shardOf({
      targets: [targetState({ version: 1, proof })],
      sites: { fra: { proof, paths: new Map([["a", proof]]) } },
    });

  it.each<[string, ShardState, Observation, number | undefined]>([
    [
      "leaves all of a silence where none has ended",
      whole(UNPROVEN),
      observation(KEY, NOW - 5_000, "pending"),
      undefined,
    ],
    ["leaves what four of them do", whole(GAP), observation(KEY, NOW - 5_000, "pending"), 0.0625],
    ["leaves all of one begun before", whole(GAP), observation(KEY, NOW - 9_000, "pending"), undefined],
    ["leaves all of one begun after", whole(GAP), observation(KEY, NOW - 1_999, "pending"), undefined],
    ["leaves an answer what it is", whole(GAP), observation(KEY, NOW - 5_000), undefined],
  ])("%s that is told of late", (_name, shard, told, weight) => {
    const by = vantage("a", { proof: shard.targets.get(KEY)?.proof ?? UNPROVEN });
    expect(taken(shard, [told], { by }).state.edges.get("a")?.recent[0]?.weight).toBe(weight);
  });
});

describe("a target", () => {
  const told = (...outcomes: Observation["outcome"][]): boolean => {
    const shard = shardOf({ targets: [targetState({ version: 1 })] });
    const looks = outcomes.map((outcome, index) => observation(KEY, NOW - 1_000 + index, outcome));
    return taken(shard, looks).state.troubled;
  };

  it("is troubled by any look that is no ok, until it has been judged", () => {
    expect([told("ok"), told("ok", "pending"), told("refused", "ok"), told("blocked")]).toEqual([
      false,
      true,
      true,
      true,
    ]);
  });

  it("is not troubled by what one inside meets", () => {
    const by = vantage("i", { site: "fra" });
    const some = shardOf({
      vantages: [by],
      targets: [targetState({ version: 1, target: { vantages: ["i"] } })],
    });
    expect(taken(some, [observation(KEY, NOW, "refused")], { by }).state.troubled).toBe(false);
  });

  it("is not troubled by its witness", () => {
    const shard = shardOf({ targets: [targetState({ version: 1, target: { hasWitness: true } })] });
    const { state } = taken(shard, [observation(KEY, NOW, "refused", { subject: "witness" })]);
    expect(state.troubled).toBe(false);
    expect([state.edges.size, state.witness.get("a")?.recent.length]).toEqual([0, 1]);
  });

  it("comes to the same in whatever order the same looks arrive", () => {
    const looks = fc.uniqueArray(fc.record({ ago: fc.integer({ min: 1, max: 60_000 }), ok: fc.boolean() }), {
      selector: ({ ago }) => ago,
      minLength: 1,
      maxLength: 8,
    });
    const play = (all: { ago: number; ok: boolean }[]): unknown => {
      const start = shardOf({ targets: [targetState({ version: 1 })] });
      const end = all.reduce<{ shard: ShardState; by: VantageRecord }>(
        ({ shard, by }, { ago, ok }) => {
          const { proof, sites, targets } = taken(
            shard,
            [observation(KEY, NOW - ago, ok ? "ok" : "pending")],
            { by },
          );
          return { shard: { ...shard, sites, targets }, by: { ...by, proof } };
        },
        { shard: start, by: A },
      );
      return [end.shard.targets.get(KEY), end.shard.sites.get("fra"), end.by.proof];
    };
    fc.assert(
      fc.property(looks, fc.infiniteStream(fc.nat()), (all, keys) => {
        const shuffled = all
          .map((one) => ({ one, key: keys.next().value }))
          .toSorted((a, b) => a.key - b.key);
        expect(play(shuffled.map(({ one }) => one))).toEqual(play(all));
      }),
    );
  });
});
