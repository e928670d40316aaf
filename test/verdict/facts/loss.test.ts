import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  learntLoss,
  lossyNats,
  pathLossOf,
  recentLoss,
  type Settled,
} from "../../../src/verdict/facts/loss.ts";
import { UNSEEN_SITE } from "../../../src/verdict/memory/target.ts";
import type { Edge, Sighting } from "../../../src/verdict/memory/state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, NOW, proofAt, shardOf, sighting, targetState, vantage } from "../made.ts";

const ago = (ms: number, outcome: Sighting["outcome"] = "ok", part: Partial<Sighting> = {}): Sighting =>
  sighting(NOW - ms, outcome, part);
const settled = (agoMs: number, lost = 1): Settled => ({ begin: NOW - agoMs, lost });
const edgesOf = (looks: Record<string, Sighting[]>): Map<string, Edge> =>
  new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));

describe("a look whose fate is settled", () => {
  /** What `a` saw, where `b` was answered and the path of `a` proven open so long ago. */
  const of = (look: Sighting, { answeredMs = 1_000, openMs = 1_000 } = {}): number[] => {
    const state = targetState({ edges: edgesOf({ a: [look], b: [ago(answeredMs)] }) });
    const site = { ...UNSEEN_SITE, paths: new Map([["a", proofAt(NOW - openMs)]]) };
    const records = ["a", "b"].map((id) => vantage(id));
    return recentLoss([state], records, site, NOW, TUNING).map(({ lost }) => lost);
  };

  it.each<[string, Sighting, { answeredMs?: number; openMs?: number }, number[]]>([
    ["is lost though target and path were good later", ago(5_000, "connect_timeout"), {}, [1]],
    ["is lost as far as no fault explains it", ago(5_000, "connect_timeout", { weight: 0.4 }), {}, [0.4]],
    ["is answered by a wrong answer", ago(5_000, "app_error"), {}, [0]],
    ["is answered by a refusal", ago(5_000, "refused"), {}, [0]],
    ["is none without evidence", ago(5_000, "blocked"), {}, []],
    [
      "is none before the target has answered again",
      ago(5_000, "connect_timeout"),
      { answeredMs: 5_001 },
      [],
    ],
    ["is none before the path has", ago(5_000, "connect_timeout"), { openMs: 5_001 }, []],
    ["is settled by an answer of its own instant", ago(5_000, "connect_timeout"), { answeredMs: 5_000 }, [1]],
    ["is one of the last ten seconds", ago(10_000, "connect_timeout"), {}, [1]],
    ["is none that is older", ago(10_001, "connect_timeout"), {}, []],
  ])("%s", (_name, look, when, lost) => {
    expect(of(look, when)).toEqual(lost);
  });

  it.each([
    ["lost, two seconds before an answer", 3_000, [1]],
    ["open, where it may be a hang's first", 2_999, []],
  ])("that was accepted is %s", (_name, agoMs, lost) => {
    expect(of(ago(agoMs, "response_timeout"))).toEqual(lost);
  });

  it("is not settled by a connection that was taken and not answered", () => {
    const hung = ago(1_000, "response_timeout");
    const edges = edgesOf({ a: [ago(5_000, "connect_timeout"), hung] });
    const site = { ...UNSEEN_SITE, paths: new Map([["a", proofAt(NOW)]]) };
    expect(recentLoss([targetState({ edges })], [vantage("a")], site, NOW, TUNING)).toEqual([]);
  });
});

describe("the loss that is learnt", () => {
  it.each<[string, Settled[], number]>([
    ["is the usual one before anything is known", [], 0.016],
    ["is little by one lost probe", [settled(1_000)], 1.24 / 16],
    ["is half by fifteen", Array.from({ length: 15 }, () => settled(1_000)), 15.24 / 30],
    ["is less by what was answered", [settled(1_000), settled(900, 0)], 1.24 / 17],
    ["is that of eight seconds", [settled(8_000)], 1.24 / 16],
    ["is none of before", [settled(8_001)], 0.016],
    ["is what no fault explains", [settled(1_000, 0.5)], 0.74 / 16],
  ])("%s", (_name, recent, share) => {
    expect(learntLoss(recent, NOW, TUNING)).toBeCloseTo(share, 12);
  });

  it("rises with each lost probe, and falls with each answer", () => {
    const some = fc.array(
      fc.record({ begin: fc.integer({ min: NOW - 8_000, max: NOW }), lost: fc.constantFrom(0, 1) }),
      {
        maxLength: 30,
      },
    );
    fc.assert(
      fc.property(some, (recent) => {
        const share = learntLoss(recent, NOW, TUNING);
        expect(learntLoss([...recent, settled(0)], NOW, TUNING)).toBeGreaterThan(share);
        expect(learntLoss([...recent, settled(0, 0)], NOW, TUNING)).toBeLessThan(share);
      }),
    );
  });
});

describe("a lossy site", () => {
  // A lost probe is 37.5 times as likely there: 0.6 to 0.016. An answer is 0.4 to 0.983.
  const ANSWERED = 0.4 / 0.983;

  it.each<[string, Settled[], number]>([
    ["explains nothing as well as any other", [], 1],
    ["explains a lost probe, whenever it became one", [settled(2_500)], 37.5],
    ["explains an older one if it was one by then", [settled(2_501)], (1 + 37.5 + 37.5) / 3],
    ["explains one of ten seconds ago by one guess of three", [settled(10_000)], (1 + 1 + 37.5) / 3],
    ["explains nothing of before", [settled(10_001)], 1],
    ["explains two together", [settled(1_000), settled(2_000)], 37.5 ** 2],
    ["explains half of one that a fault half explains", [settled(1_000, 0.5)], Math.sqrt(37.5)],
    ["is spoken against by an answer", [settled(1_000, 0)], ANSWERED],
    [
      "is spoken against by the answers since",
      [settled(4_000), settled(1_000, 0)],
      (ANSWERED + 2 * 37.5 * ANSWERED) / 3,
    ],
  ])("%s", (_name, recent, ratio) => {
    expect(lossyNats(recent, NOW, TUNING)).toBeCloseTo(Math.log(ratio), 9);
  });
});

describe("the loss on open paths", () => {
  const shardSeeing = (looks: Record<string, Sighting[]>, openMs = 0) =>
    shardOf({
      targets: [targetState({ edges: edgesOf(looks) })],
      sites: { fra: { paths: new Map(["a", "b"].map((id) => [id, proofAt(NOW - openMs)])) } },
    });
  const lost = ago(5_000, "connect_timeout");

  it.each<[string, Record<string, Sighting[]>, number, number, number]>([
    ["is none before anybody has looked", {}, 0, 0, 0],
    ["is one of eleven, as if ten had been answered", { a: [lost] }, 0, 1 / 11, 1 / 11],
    ["is of the site what all have met", { a: [lost], b: [ago(5_000)] }, 0, 1 / 11, 1 / 12],
    ["is what no fault explains", { a: [{ ...lost, weight: 0.5 }] }, 0, 0.5 / 11, 0.5 / 11],
    ["counts a lost answer", { a: [ago(5_000, "response_timeout")] }, 0, 1 / 11, 1 / 11],
    ["counts no refusal", { a: [lost, ago(4_000, "refused")] }, 0, 1 / 12, 1 / 12],
    ["is that of half a minute", { a: [{ ...lost, begin: NOW - 30_000 }] }, 0, 1 / 11, 1 / 11],
    ["is none of before", { a: [{ ...lost, begin: NOW - 30_001 }] }, 0, 0, 0],
    ["counts up to when the path was last proven open", { a: [lost] }, 5_000, 1 / 11, 1 / 11],
    ["counts nothing after it, which may be a cut", { a: [lost] }, 5_001, 0, 0],
  ])("%s", (_name, looks, openMs, ofVantage, ofSite) => {
    const loss = pathLossOf(shardSeeing(looks, openMs), NOW, TUNING);
    expect([loss.ofVantage("a"), loss.ofSite("fra")]).toEqual([ofVantage, ofSite]);
  });

  it("is none of who is not known", () => {
    const loss = pathLossOf(shardSeeing({ a: [lost] }), NOW, TUNING);
    expect([loss.ofVantage("z"), loss.ofSite("sto")]).toEqual([0, 0]);
  });
});
