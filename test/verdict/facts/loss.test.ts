import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Look,
  lossOf,
  lossyNats,
  outsideOf,
  pathLossOf,
  settledLooks,
} from "../../../src/verdict/facts/loss.ts";
import type {
  Edge,
  ShardState,
  ObservationRecord,
  VantageRecord,
} from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, proofAt, shardOf, observed, targetState, vantage } from "../made.ts";

const ago = (
  ms: number,
  outcome: ObservationRecord["outcome"] = "ok",
  part: Partial<ObservationRecord> = {},
): ObservationRecord => observed(NOW - ms, outcome, part);
const look = (agoMs: number, lost = 1): Look => ({
  vantage: "a",
  begin: NOW - agoMs,
  lost,
  isSlow: false,
});
const edgesOf = (looks: Record<string, ObservationRecord[]>): Map<string, Edge> =>
  new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));
const openSince = (open: Record<string, number>) => ({
  paths: new Map(Object.entries(open).map(([id, ms]) => [id, proofAt(NOW - ms)])),
});

describe("a site as it is seen from outside", () => {
  const shard = shardOf({
    vantages: [
      vantage("a"),
      vantage("b", { state: "faulty" }),
      vantage("c", { state: "suspect" }),
      vantage("d", { state: "silent" }),
      vantage("i", { site: "fra" }),
      vantage("z", { site: "ams" }),
    ],
    targets: [
      targetState({ edges: edgesOf({ z: [ago(1)], b: [ago(2)], i: [ago(3)] }) }),
      targetState({ target: { paused: true }, edges: edgesOf({ a: [ago(4)] }) }, "fra/db-2"),
      targetState({ edges: edgesOf({ a: [ago(5)] }) }, "fra/db-3"),
      targetState({ edges: edgesOf({ a: [ago(6)] }) }, "ams/web-1"),
    ],
    sites: { fra: openSince({ z: 7, b: 8 }), ams: openSince({ a: 9 }) },
  });
  const { edges, openAt, records, targets } = outsideOf(shard, "fra");

  it("is seen by the sound who stand elsewhere", () => {
    expect(records.map(({ vantage: { id } }) => id)).toEqual(["a", "z"]);
  });

  it("is open to each since its path was proven so, or never was", () => {
    expect(openAt).toEqual([0, NOW - 7]);
  });

  it("has the targets that are looked at, and of each what they have seen of it", () => {
    expect(targets.map(({ target }) => target.target)).toEqual(["db-1", "db-3"]);
    expect(edges).toEqual([
      [undefined, edge([ago(1)])],
      [edge([ago(5)]), undefined],
    ]);
  });

  it("is seen by all where nothing is known of it", () => {
    expect(outsideOf(shard, "sto")).toMatchObject({ openAt: [0, 0, 0], targets: [], edges: [] });
  });
});

describe("a look whose fate is settled", () => {
  const SINCE = NOW - 10_000;
  const lostIn = (shard: ShardState): number[] =>
    settledLooks(outsideOf(shard, "fra"), SINCE, NOW, TUNING).map(({ lost }) => lost);
  interface Answered {
    answeredMs?: number;
    openMs?: number;
    by?: VantageRecord;
  }
  /** The looks of `a` that count as settled, where `b` was answered and the path of `a` proven open this long ago. */
  const of = (
    seen: ObservationRecord,
    { answeredMs = 1_000, openMs = 1_000, by = vantage("b") }: Answered = {},
  ): number[] => {
    const edges = edgesOf({ a: [seen], b: [ago(answeredMs)] });
    const sites = { fra: openSince({ a: openMs }) };
    return lostIn(shardOf({ vantages: [vantage("a"), by], targets: [targetState({ edges })], sites }));
  };
  const LOST = ago(5_000, "connect_timeout");

  it.each<[string, ObservationRecord, Answered, number[]]>([
    ["is lost though target and path were good later", LOST, {}, [1]],
    ["is lost as far as no fault explains it", { ...LOST, weight: 0.4 }, {}, [0.4]],
    ["is answered by a wrong answer", ago(5_000, "app_error"), {}, [0]],
    ["is answered by a refusal", ago(5_000, "refused"), {}, [0]],
    ["is none without evidence", ago(5_000, "blocked"), {}, []],
    ["is none before the target has answered again", LOST, { answeredMs: 5_001 }, []],
    ["is none where the target answered inside alone", LOST, { by: vantage("b", { site: "fra" }) }, []],
    ["is none where it answered who is not sound", LOST, { by: vantage("b", { state: "faulty" }) }, []],
    ["is none before the path has", LOST, { openMs: 5_001 }, []],
    ["is settled by an answer of its own instant", LOST, { answeredMs: 5_000 }, [1]],
    ["is settled by a proof of its path of that instant", LOST, { openMs: 5_000 }, [1]],
    ["is one since the time that is asked for", { ...LOST, begin: SINCE }, {}, [1]],
    ["is none from before", { ...LOST, begin: SINCE - 1 }, {}, []],
  ])("%s", (_name, seen, when, lost) => {
    expect(of(seen, when)).toEqual(lost);
  });

  it.each([
    ["lost, two seconds before an answer", 3_000, [1]],
    ["open, where it may be a hang's first", 2_999, []],
  ])("that was accepted is %s", (_name, agoMs, lost) => {
    expect(of(ago(agoMs, "response_timeout"))).toEqual(lost);
  });

  it("is not settled by a connection that was taken and not answered", () => {
    const edges = edgesOf({ a: [LOST, ago(1_000, "response_timeout")] });
    expect(
      lostIn(shardOf({ targets: [targetState({ edges })], sites: { fra: openSince({ a: 0 }) } })),
    ).toEqual([]);
  });

  it("is told with who looked and when, newest first of each", () => {
    const edges = edgesOf({ a: [LOST, ago(4_000)], b: [ago(3_000)] });
    const sites = { fra: openSince({ a: 0, b: 0 }) };
    const outside = outsideOf(shardOf({ targets: [targetState({ edges })], sites }), "fra");
    expect(settledLooks(outside, SINCE, NOW, TUNING)).toEqual([
      { vantage: "a", begin: NOW - 4_000, lost: 0, isSlow: false },
      { vantage: "a", begin: NOW - 5_000, lost: 1, isSlow: false },
      { vantage: "b", begin: NOW - 3_000, lost: 0, isSlow: false },
    ]);
  });

  it.each<[string, ObservationRecord[], number[]]>([
    ["those before an ok of the same edge", [LOST, ago(4_000)], [0, 1, 0]],
    ["none after it", [ago(5_000), ago(4_000, "connect_timeout")], [0, 0]],
    ["none where it never had one", [LOST, ago(4_000, "refused")], [0]],
  ])("is, where paths may be cut, %s", (_name, recent, lost) => {
    const edges = edgesOf({ a: recent, b: [ago(3_000)] });
    const sites = { fra: openSince({ a: 0, b: 0 }) };
    const outside = outsideOf(shardOf({ targets: [targetState({ edges })], sites }), "fra");
    expect(settledLooks(outside, SINCE, NOW, TUNING, true).map((one) => one.lost)).toEqual(lost);
  });

  it.each<[string, number, number[]]>([
    ["not while its answer may come yet", NOW + 1, [0]],
    ["once that time is over", NOW, [0, 1]],
  ])("is that of an early end %s", (_name, openUntil, lost) => {
    const edges = edgesOf({ a: [ago(5_000, "response_timeout", { openUntil })], b: [ago(1_000)] });
    const sites = { fra: openSince({ a: 0, b: 0 }) };
    expect(lostIn(shardOf({ targets: [targetState({ edges })], sites })).toReversed()).toEqual(lost);
  });
});

// Fifteen looks that are assumed to have fared as usual have lost 0.016 each: 0.24 in all.
describe("the loss that is learnt", () => {
  it.each<[string, Look[], number]>([
    ["is the usual one before anything is known", [], 0.016],
    ["is little by one lost probe", [look(1_000)], 1.24 / 16],
    ["is half by fifteen", Array.from({ length: 15 }, () => look(1_000)), 15.24 / 30],
    ["is less by what was answered", [look(1_000), look(900, 0)], 1.24 / 17],
    ["is what no fault explains", [look(1_000, 0.5)], 0.74 / 16],
  ])("%s", (_name, looks, share) => {
    expect(lossOf(looks, TUNING)).toBeCloseTo(share, 12);
  });

  it("rises with each lost probe, and falls with each answer", () => {
    const some = fc.array(fc.constantFrom(0, 1), { maxLength: 30 });
    fc.assert(
      fc.property(some, (fates) => {
        const looks = fates.map((lost) => look(1_000, lost));
        const share = lossOf(looks, TUNING);
        expect(lossOf([...looks, look(0)], TUNING)).toBeGreaterThan(share);
        expect(lossOf([...looks, look(0, 0)], TUNING)).toBeLessThan(share);
      }),
    );
  });
});

describe("a lossy site", () => {
  // A lost probe is 37.5 times as likely in a lossy site: 0.6 to 0.016. An answer is 0.4 to 0.983.
  const ANSWERED = 0.4 / 0.983;

  it.each<[string, Look[], number]>([
    ["explains nothing as well as any other", [], 1],
    ["explains a lost probe, whenever it became one", [look(2_500)], 37.5],
    ["explains an older one if it was one by then", [look(2_501)], (1 + 37.5 + 37.5) / 3],
    ["explains one of ten seconds ago by one guess of three", [look(10_000)], (1 + 1 + 37.5) / 3],
    ["explains nothing of before", [look(10_001)], 1],
    ["explains two together", [look(1_000), look(2_000)], 37.5 ** 2],
    ["explains half of one that a fault half explains", [look(1_000, 0.5)], Math.sqrt(37.5)],
    ["is spoken against by an answer", [look(1_000, 0)], ANSWERED],
    [
      "is spoken against by the answers since",
      [look(4_000), look(1_000, 0)],
      (ANSWERED + 2 * 37.5 * ANSWERED) / 3,
    ],
  ])("%s", (_name, recent, ratio) => {
    expect(lossyNats(recent, NOW, TUNING)).toBeCloseTo(Math.log(ratio), 9);
  });
});

describe("the loss of a vantage and of a site", () => {
  const USUAL = 0.016;
  const LOST = ago(5_000, "connect_timeout");
  /** The target has answered `b` since … */
  const B = [ago(1_000)];
  /** … and `a` itself, so the path was not cut. */
  const A = ago(2_000);
  const lossIn = (shard: ShardState): [number, number] => {
    const loss = pathLossOf(shard, NOW, TUNING);
    return [loss.ofVantage("a"), loss.ofSite("fra")];
  };
  const expectClose = (found: number[], expected: number[]): void => {
    expect(found).toHaveLength(expected.length);
    for (const [at, share] of expected.entries()) expect(found[at]).toBeCloseTo(share, 12);
  };
  const shardSeeing = (looks: Record<string, ObservationRecord[]>, openMs = 0): ShardState =>
    shardOf({
      targets: [targetState({ edges: edgesOf(looks) })],
      sites: { fra: openSince({ a: openMs, b: openMs }) },
    });

  it.each<[string, Record<string, ObservationRecord[]>, number, number, number]>([
    ["is the usual one before anybody has looked", {}, 0, USUAL, USUAL],
    ["is of a vantage what it lost, of a site what all did", { a: [LOST, A], b: B }, 0, 1.24 / 17, 1.24 / 18],
    ["is the usual one before the target has answered again", { a: [LOST] }, 0, USUAL, USUAL],
    [
      "is none of what others alone were answered after: it may be a cut",
      { a: [LOST], b: B },
      0,
      USUAL,
      0.24 / 16,
    ],
    ["is none of what only a refusal came after", { a: [LOST, ago(4_000, "refused")] }, 0, USUAL, USUAL],
    ["is what no fault explains", { a: [{ ...LOST, weight: 0.5 }, A], b: B }, 0, 0.74 / 17, 0.74 / 18],
    ["counts a lost answer", { a: [ago(5_000, "response_timeout"), A], b: B }, 0, 1.24 / 17, 1.24 / 18],
    ["counts a refusal as an answer", { a: [LOST, ago(4_000, "refused"), A] }, 0, 1.24 / 18, 1.24 / 18],
    ["is that of half a minute", { a: [{ ...LOST, begin: NOW - 30_000 }, A], b: B }, 0, 1.24 / 17, 1.24 / 18],
    ["is none of before", { a: [{ ...LOST, begin: NOW - 30_001 }, A], b: B }, 0, 0.24 / 16, 0.24 / 17],
    ["counts up to when the path was last proven open", { a: [LOST, A], b: B }, 5_000, 1.24 / 16, 1.24 / 16],
    ["counts nothing after it, which may be a cut", { a: [LOST, A], b: B }, 5_001, USUAL, USUAL],
  ])("%s", (_name, looks, openMs, ofVantage, ofSite) => {
    expectClose(lossIn(shardSeeing(looks, openMs)), [ofVantage, ofSite]);
  });

  it("is of a vantage what it lost in all sites", () => {
    const shard = shardOf({
      targets: ["fra/db-1", "ams/web-1"].map((key) =>
        targetState({ edges: edgesOf({ a: [LOST, A], b: B }) }, key),
      ),
      sites: { fra: openSince({ a: 0, b: 0 }), ams: openSince({ a: 0, b: 0 }) },
    });
    expectClose(lossIn(shard), [2.24 / 19, 1.24 / 18]);
  });

  it("is of what is looked at by the sound outside", () => {
    const shard = shardOf({
      vantages: [
        vantage("a"),
        vantage("b"),
        vantage("c", { state: "faulty" }),
        vantage("i", { site: "fra" }),
      ],
      targets: [
        targetState({ edges: edgesOf({ a: [LOST, A], b: B, c: [LOST, A], i: [LOST, A] }) }),
        targetState({ target: { paused: true }, edges: edgesOf({ a: [LOST, A], b: B }) }, "fra/db-2"),
      ],
      sites: { fra: openSince({ a: 0, b: 0, c: 0, i: 0 }) },
    });
    expectClose(lossIn(shard), [1.24 / 17, 1.24 / 18]);
  });

  it("is the usual one of who is not known", () => {
    const loss = pathLossOf(shardSeeing({ a: [LOST, A], b: B }), NOW, TUNING);
    expectClose([loss.ofVantage("z"), loss.ofSite("sto")], [USUAL, USUAL]);
  });

  it.each<[string, number[], boolean]>([
    ["is slow that was answered four times later than usual", [400], true],
    ["is not by three times", [300], false],
    ["is by two of twelve answers", [400, 400, ...Array<number>(10).fill(100)], true],
    [
      "is not by one of seven, which may have been lost and sent again",
      [400, ...Array<number>(6).fill(100)],
      false,
    ],
  ])("a vantage, and the site with it, %s", (_name, took, isSlow) => {
    const recent = took.map((connectMs, index) => ago(5_000 - index, "ok", { connectMs }));
    const edges = new Map([["a", edge(recent, { connectMs: 100 })]]);
    const shard = shardOf({ targets: [targetState({ edges })], sites: { fra: openSince({ a: 0 }) } });
    const loss = pathLossOf(shard, NOW, TUNING);
    expect([loss.isSlowVantage("a"), loss.isSlowSite("fra")]).toEqual([isSlow, isSlow]);
    expect([loss.isSlowVantage("b"), loss.isSlowSite("ams")]).toEqual([false, false]);
  });

  it.each([
    [249, false],
    [250, true],
  ])("a vantage next door is slow by no less than a quarter of a second (%i ms)", (connectMs, isSlow) => {
    const edges = new Map([["a", edge([ago(5_000, "ok", { connectMs })], { connectMs: 2 })]]);
    const shard = shardOf({ targets: [targetState({ edges })], sites: { fra: openSince({ a: 0 }) } });
    expect(pathLossOf(shard, NOW, TUNING).isSlowVantage("a")).toBe(isSlow);
  });

  it("is told with when the path was last proven good", () => {
    const { openAt } = pathLossOf(shardSeeing({}, 700), NOW, TUNING);
    expect([openAt("fra", "a"), openAt("fra", "z"), openAt("sto", "a")]).toEqual([NOW - 700, 0, 0]);
  });
});
