/**
 * The parts of this rule: which vantage alone is answered, what speaks against it, what makes a quorum of the others, and when its claim is
 * overruled.
 */
import { describe, expect, it } from "vitest";
import { contradictionOf } from "../../../src/verdict/facts/elsewhere.ts";
import { isQuorumAmong } from "../../../src/verdict/facts/quorum.ts";
import { withSoundness } from "../../../src/verdict/facts/soundness.ts";
import { hasOpened, unclaimed } from "../../../src/verdict/facts/votes.ts";
import { claimOf } from "../../../src/verdict/memory/observation-record.ts";
import {
  NEVER,
  type ObservationRecord,
  type TargetState,
  type VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, judged, KEY, NOW, shardOf, observed, targetState, vantage } from "../made.ts";

const IDS = ["a", "b", "c", "lone"];
const RECORDS = [...IDS.map((id) => vantage(id)), vantage("in", { site: "fra" })];
const OK_AT = NOW - 40_000;
const ok = (begin: number): ObservationRecord => observed(begin, "ok");
const refused = (begin: number): ObservationRecord => observed(begin, "refused");

/** All vantages were answered once. Since then all are refused except `lone`. */
const stateWith = (looks: Record<string, ObservationRecord[]> = {}): TargetState =>
  targetState({
    target: { vantages: [...IDS, "in"], intervalMs: 10_000 },
    troubled: true,
    edges: new Map(
      [...IDS, "in"].map((id) => [
        id,
        edge(
          looks[id] ??
            (id === "lone"
              ? [ok(OK_AT), ok(NOW - 1_000)]
              : [ok(OK_AT - 1_000), refused(NOW - 30_000), refused(NOW - 2_000)]),
        ),
      ]),
    ),
  });

const found = (looks: Record<string, ObservationRecord[]>, vantages: VantageRecord[] = RECORDS) =>
  contradictionOf(shardOf({ vantages }), stateWith(looks), NOW, TUNING);

describe("who alone is answered", () => {
  const AT = { by: "lone", inAt: NOW - 1_000, othersInAt: OK_AT - 1_000 };

  it("is contradicted by a quorum outside and by all inside", () => {
    expect(found({})).toEqual({ ...AT, refusedFrom: NOW - 30_000, refusedAt: NOW - 2_000 });
  });

  it("goes by the last who was refused first, and the first who was refused last", () => {
    const looks = {
      a: [ok(OK_AT - 1_000), refused(NOW - 25_000), refused(NOW - 5_000)],
      in: [ok(OK_AT - 2_000), refused(NOW - 20_000), refused(NOW - 3_000)],
    };
    expect(found(looks)).toMatchObject({ refusedFrom: NOW - 20_000, refusedAt: NOW - 5_000 });
  });

  const silent = observed(NOW - 2_000, "connect_timeout");
  const UNMET = { refusedFrom: NEVER, refusedAt: 0 };
  it.each<[string, Record<string, ObservationRecord[]>, VantageRecord[]?]>([
    ["one of a quorum hears nothing", { a: [ok(OK_AT - 1_000), silent] }],
    ["whoever looks from inside hears nothing", { in: [ok(OK_AT - 1_000), silent] }],
    ["whoever looks from inside never reached it", { in: [silent] }],
    ["one of a quorum is in doubt", {}, [...RECORDS.slice(1), vantage("a", { state: "faulty" })]],
    [
      "whoever looks from inside is in doubt",
      {},
      [...RECORDS.slice(0, -1), vantage("in", { site: "fra", state: "suspect" })],
    ],
    [
      "all of the others stand in one region",
      {},
      [...IDS.map((id) => vantage(id, { region: "x" })), vantage("in", { site: "fra" })],
    ],
  ])("is not where %s", (_name, looks, vantages) => {
    expect(found(looks, vantages)).toMatchObject({ by: "lone", ...UNMET });
  });

  it.each<[string, Record<string, ObservationRecord[]>]>([
    ["is answered", { a: [refused(NOW - 30_000), ok(NOW - 2_000)] }],
    ["is let in", { a: [ok(OK_AT - 1_000), observed(NOW - 2_000, "reset")] }],
    ["is answered wrongly, inside", { in: [ok(OK_AT - 1_000), observed(NOW - 2_000, "app_error")] }],
  ])("is told from when on it was alone, where another %s", (_name, looks) => {
    expect(found(looks)).toMatchObject({ by: "lone", othersInAt: NOW - 2_000, ...UNMET });
  });

  it("is nobody where no vantage stands inside, or who is answered does, or is one of the detector's own", () => {
    const regional = { ...vantage("lone").vantage, kind: "regional" as const };
    expect(
      found(
        {},
        IDS.map((id) => vantage(id)),
      ),
    ).toBeNull();
    expect(found({ in: [ok(NOW - 500)] })).toBeNull();
    expect(
      found(
        {},
        RECORDS.map((one) => (one.vantage.id === "lone" ? { ...one, vantage: regional } : one)),
      ),
    ).toBeNull();
  });
});

describe("a quorum of the others", () => {
  const all = (count: number, part: Parameters<typeof vantage>[1] = {}): VantageRecord[] =>
    Array.from({ length: count }, (_, index) => vantage(`v${index}`, part));

  it.each<[string, VantageRecord[], VantageRecord[], object, boolean]>([
    ["three of three", all(3), all(3), {}, true],
    ["two of two", all(2), all(2), {}, false],
    ["two, though the target is content with as many", all(2), all(2), { minVantages: 2 }, false],
    ["four of five", all(4), all(5), {}, false],
    ["five of six", all(5), all(6), {}, true],
    ["five of seven", all(5), all(7), {}, false],
    ["three in one region", all(3, { region: "x" }), all(3), {}, false],
    ["three in one colo", all(3, { colo: "FRA" }), all(3), {}, false],
    ["one network of two", all(3), [...all(3), vantage("w", { provider: "other" })], {}, false],
    ["one network where two are asked for", all(3), all(3), { providers: 2 }, false],
    ["fewer than the target asks for", all(5), all(5), { minVantages: 6 }, false],
  ])("are %s", (_name, some, of, policy, is) => {
    expect(isQuorumAmong(some, of, judged(KEY, { policy }), TUNING)).toBe(is);
  });
});

describe("a claim", () => {
  const AT = {
    by: "lone",
    inAt: NOW - 1_000,
    othersInAt: 0,
    refusedFrom: NOW - 9_000,
    refusedAt: NOW - 2_000,
  };
  const SINCE = NOW - 20_000;
  const claimed = (known: Parameters<typeof claimOf>[0], part: Partial<typeof AT> = {}) =>
    claimOf(known, { ...AT, ...part }, NOW, { intervalMs: 10_000, voteLifeMs: 40_000 });
  const known = (since = SINCE, isOverruled = false) => ({ since, isOverruled });

  it("begins with an answer after all others were refused", () => {
    expect(claimed(undefined)).toEqual(known(NOW));
    expect(claimed(undefined, { inAt: AT.refusedFrom })).toBeUndefined();
    expect(claimed(undefined, { refusedFrom: NEVER, refusedAt: 0 })).toBeUndefined();
  });

  it.each<[string, Parameters<typeof claimed>, boolean]>([
    ["after two intervals, made again and refused again in the second", [known()], true],
    ["not sooner", [known(SINCE + 1)], false],
    ["not where it was not made again", [known(), { inAt: NOW - 10_001 }], false],
    ["not where others were not refused again", [known(), { refusedAt: NOW - 10_001 }], false],
    ["not where not all are refused", [known(), { refusedAt: 0, refusedFrom: NEVER }], false],
    ["for good, though not all are refused any more", [known(SINCE, true), { refusedAt: 0 }], true],
  ])("is overruled %s", (_name, [before, part], isOverruled) => {
    expect(claimed(before, part)).toEqual({ since: before?.since, isOverruled });
  });

  it.each<[string, Parameters<typeof claimed>[1], boolean]>([
    ["when anybody else is answered", { othersInAt: SINCE }, true],
    ["when it was made no more for as long as a vote counts", { inAt: NOW - 40_001 }, true],
    ["not sooner", { inAt: NOW - 40_000 }, false],
    ["not where not all are refused since", { inAt: NOW - 40_001, refusedAt: 0 }, false],
  ])("ends %s", (_name, part, ends) => {
    for (const isOverruled of [true, false])
      expect(claimed(known(SINCE, isOverruled), part) === undefined).toBe(ends);
  });

  it.each<[string, Parameters<typeof unclaimed>[2], ObservationRecord[], number | null]>([
    ["ends no good time", { isOverruled: false }, [ok(1), refused(2), ok(3), observed(4, "reset")], 3],
    [
      "is no recovery where it is overruled",
      { isOverruled: true },
      [ok(1), refused(2), ok(3), observed(4, "reset")],
      1,
    ],
    ["is forgotten where it has ended", undefined, [ok(1), refused(2)], 1],
  ])("%s", (_name, claim, recent, recoveredAt) => {
    const seen = edge([ok(1), refused(2), ok(3), observed(4, "reset")]);
    const state = targetState({ okAt: 3, recoveredAt: 3, edges: new Map([["lone", seen]]) });
    const after = unclaimed(state, { ...AT, othersInAt: 1 }, claim);
    expect(after).toMatchObject({ okAt: 1, recoveredAt });
    expect(after.edges.get("lone")).toEqual(edge(recent));
  });

  it("that is overruled makes its vantage suspect, and undoes what had recovered by it", () => {
    const [a, b, c, lone, inside] = RECORDS as [
      VantageRecord,
      VantageRecord,
      VantageRecord,
      VantageRecord,
      VantageRecord,
    ];
    const alone = new Map([[KEY, known(NOW - 30_000)]]);
    const state = { ...stateWith(), okAt: NOW - 1_000, recoveredAt: NOW - 5_000 };
    const shard = shardOf({ vantages: [a, b, c, { ...lone, alone }, inside], targets: [state] });
    const after = withSoundness(shard, NOW, TUNING);
    expect(after.vantages.get("lone")).toMatchObject({
      state: "suspect",
      reason: expect.stringContaining("a target lets it in"),
    });
    expect(after.targets.get(KEY)).toMatchObject({ okAt: OK_AT - 1_000, recoveredAt: OK_AT - 1_000 });
  });

  it("is forgotten with its target", () => {
    const alone = new Map([["fra/gone", known()]]);
    const after = withSoundness(shardOf({ vantages: [vantage("a", { alone })] }), NOW, TUNING);
    expect(after.vantages.get("a")?.alone.size).toBe(0);
  });
});

describe("a look that was let in", () => {
  it.each<[ObservationRecord["outcome"], Partial<ObservationRecord>, boolean]>([
    ["ok", {}, true],
    ["app_error", {}, true],
    ["reset", {}, true],
    ["tls_failure", {}, true],
    ["response_timeout", {}, true],
    ["pending", { stage: "response" }, true],
    ["pending", { stage: "connect" }, false],
    ["refused", {}, false],
    ["connect_timeout", {}, false],
    ["blocked", {}, false],
    ["app_error", { proxied: true }, false],
  ])("%s %j: %s", (outcome, part, is) => {
    expect(hasOpened(observed(NOW, outcome, part))).toBe(is);
  });
});
