import { describe, expect, it } from "vitest";
import type { EvidenceEvent, Notice } from "../../../src/domain/evidence.ts";
import { takeIn, touched } from "../../../src/verdict/intake/intake.ts";
import { type ShardState, type TargetState, NEVER } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
  judged,
  KEY,
  notice,
  NOW,
  observation,
  report,
  shardOf,
  observed,
  standingAs,
  targetState,
  vantage,
} from "../made.ts";

const [site, target] = ["fra", "db-1"];
const take = (shard: ShardState, event: EvidenceEvent): ShardState => takeIn(shard, event, NOW, TUNING);
const stateIn = (shard: ShardState): TargetState => shard.targets.get(KEY) as TargetState;

describe("a roster", () => {
  const roster: EvidenceEvent = { kind: "roster", vantages: ["a", "c"].map((id) => vantage(id).vantage) };
  const after = take(shardOf({ vantages: [vantage("a", { lastSequence: 7 }), vantage("b")] }), roster);

  it("leaves who stays, and forgets who does not", () => {
    expect([...after.vantages.keys()]).toEqual(["a", "c"]);
    expect(after.vantages.get("a")?.lastSequence).toBe(7);
  });

  it("believes nobody who has not reported", () => {
    expect(after.vantages.get("c")).toMatchObject({
      state: "silent",
      reason: "silent: has not reported yet",
    });
  });
});

describe("a target", () => {
  const put = (url: string, version = 2, part = {}): EvidenceEvent => ({
    kind: "target",
    target: judged(KEY, part),
    url,
    version,
  });
  const seen = standingAs("alive", {
    edges: new Map([["a", edge([observed(NOW - 1_000)])]]),
    published: { sequence: 5 },
  });

  it("that is new goes on from the names that were removed, and stands in its site once", () => {
    const after = take(shardOf({ retiredSequence: 12 }), put("tcp://x:1"));
    expect(stateIn(after)).toMatchObject({ version: 2, published: { sequence: 12 } });
    expect(take(after, put("tcp://x:1")).sites.get("fra")?.targets).toEqual([KEY]);
  });

  it.each([
    [
      "another interval keeps what was seen, and its version",
      "tcp://fra/db-1",
      { edges: 1, version: 1, interval: 9_000, onceAlive: true },
    ],
    [
      "another address forgets it: that is another node",
      "tcp://other:1",
      { edges: 0, version: 2, interval: 9_000, onceAlive: false },
    ],
  ])("of %s", (_name, url, { edges, version, interval, onceAlive }) => {
    const after = stateIn(take(shardOf({ targets: [seen] }), put(url, 2, { intervalMs: 9_000 })));
    expect([after.edges.size, after.version, after.target.intervalMs, after.onceAlive]).toEqual([
      edges,
      version,
      interval,
      onceAlive,
    ]);
    expect(after.published.sequence).toBe(5);
  });

  it("of another address leaves nothing of what was seen, and all that was said", () => {
    const old = targetState({
      ...seen,
      silentAt: NOW - 1,
      asOf: NOW - 1,
      falls: [NOW - 2],
      downSince: NOW - 3,
      bursts: { count: 3, lastAt: NOW - 1, isGrave: true },
      waiting: { rule: "x", what: "y", until: NOW },
      override: { reason: "z", until: NOW + 1 },
    });
    const { standing, published, override, announced, createdAt, settledRouting, ...after } = stateIn(
      take(shardOf({ targets: [old] }), put("tcp://other:1", 2)),
    );
    expect({ standing, published, override, announced, createdAt, settledRouting }).toEqual({
      standing: old.standing,
      published: old.published,
      override: old.override,
      announced: old.announced,
      createdAt: old.createdAt,
      settledRouting: old.settledRouting,
    });
    expect(after).toMatchObject({
      silentAt: null,
      asOf: null,
      falls: [],
      downSince: null,
      waiting: null,
      bursts: { count: 0 },
    });
  });

  it("that is removed leaves its sequence to whoever is named so next", () => {
    const after = take(shardOf({ targets: [seen], retiredSequence: 3 }), { kind: "removed", site, target });
    expect([after.targets.size, after.sites.size, after.retiredSequence]).toEqual([0, 0, 5]);
    expect(take(after, { kind: "removed", site, target })).toBe(after);
  });
});

describe("a node's own word", () => {
  const said = (kind: Notice["kind"], bootId: string): EvidenceEvent => ({
    kind: "notice",
    notice: { site, target, kind, bootId, restarting: false, at: NOW - 50 },
  });
  const beat = (bootId: string): EvidenceEvent => ({
    kind: "heartbeat",
    heartbeat: { site, target, bootId, at: NOW },
  });
  const crashed = shardOf({ targets: [targetState({ bootId: "boot-1", notice: notice("crash") })] });
  const second = shardOf({
    targets: [
      targetState({ bootId: "boot-2", pastBoots: ["boot-1"], notice: notice("start", { bootId: "boot-2" }) }),
    ],
  });

  it.each<[string, ShardState, EvidenceEvent, [string, string]]>([
    ["of a crash is heard", second, said("crash", "boot-2"), ["crash", "boot-2"]],
    ["of a boot that is over is not", second, said("crash", "boot-1"), ["start", "boot-2"]],
    ["of a start that its end has overtaken is not", crashed, said("start", "boot-1"), ["crash", "boot-1"]],
    ["of the next start is", crashed, said("start", "boot-2"), ["start", "boot-2"]],
    ["of a stop after a crash of the same boot is", crashed, said("stop", "boot-1"), ["stop", "boot-1"]],
  ])("%s", (_name, shard, event, [kind, bootId]) => {
    expect(stateIn(take(shard, event)).notice).toMatchObject({ kind, bootId });
  });

  it("is dated by when it was heard, and contradicted by nothing yet", () => {
    expect(stateIn(take(second, said("stop", "boot-2"))).notice).toMatchObject({
      heardAt: NOW,
      at: NOW - 50,
      contradictedAt: null,
    });
  });

  it("of a heartbeat is heard, but for one of a boot that is over", () => {
    expect(stateIn(take(second, beat("boot-2"))).heartbeat).toEqual({ at: NOW, everyMs: null, gaps: [] });
    expect(stateIn(take(second, beat("boot-1"))).heartbeat).toBeNull();
    expect(stateIn(take(second, beat("boot-3"))).pastBoots).toEqual(["boot-1", "boot-2"]);
  });

  it("changes nothing where nobody knows the target", () => {
    const empty = shardOf();
    expect([take(empty, beat("boot-1")), take(empty, said("crash", "boot-1"))]).toEqual([empty, empty]);
  });
});

describe("an operator's word", () => {
  it("is kept until it is taken back", () => {
    const override = { verdict: "alive" as const, reason: "known", until: NOW + 1 };
    const told = take(shardOf({ targets: [targetState()] }), { kind: "override", site, target, override });
    expect(stateIn(told).override).toEqual(override);
    expect(stateIn(take(told, { kind: "override", site, target, override: null })).override).toBeNull();
  });
});

describe("what is judged anew", () => {
  const [quiet, troubled, due] = [
    targetState({ nextAt: NEVER }),
    targetState({ nextAt: NEVER, episodeAt: NOW - 1 }, "fra/db-2"),
    targetState({ nextAt: NOW }, "ams/web-1"),
  ];
  const later = targetState({ nextAt: NOW + 1 }, "ams/web-2");
  const before = shardOf({ targets: [quiet, troubled, due, later] });
  const all = [...before.targets.keys()];
  const told: EvidenceEvent = { kind: "report", report: report("a", [observation(KEY, NOW)]) };
  const turned = (part: Parameters<typeof vantage>[1]): ShardState => ({
    ...before,
    vantages: new Map(before.vantages).set("a", vantage("a", part)),
  });

  it.each<[string, ShardState, EvidenceEvent[], string[]]>([
    ["what is due by now, where nothing came", before, [], ["ams/web-1"]],
    ["what was looked at, with its siblings in trouble", before, [told], [KEY, "fra/db-2", "ams/web-1"]],
    ["all, with a roster", before, [{ kind: "roster", vantages: [] }], all],
    ["all, where somebody is no longer believed", turned({ state: "suspect" }), [], all],
    ["all, where somebody stands elsewhere", turned({ colo: "FRA" }), [], all],
    ["no more, where somebody has only reported", turned({ reports: 9 }), [], ["ams/web-1"]],
    ["all, while we suspect ourselves", { ...before, frozenSince: NOW - 5 }, [], all],
  ])("is %s", (_name, after, events, keys) => {
    expect([...touched(before, after, events, NOW)].toSorted()).toEqual(keys.toSorted());
  });
});
