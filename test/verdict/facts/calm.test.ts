import { describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { sorted } from "../../../src/verdict/facts/living.ts";
import type { Edge, ObservationRecord, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import {
  edge,
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

type Looks = Record<string, ObservationRecord[]>;
const ok = (agoMs: number): ObservationRecord => observed(NOW - agoMs);
const edgesOf = (looks: Looks): Map<string, Edge> =>
  new Map(Object.entries(looks).map(([id, recent]) => [id, edge(recent)]));

describe("a calm target", () => {
  const calm = (part: Parameters<typeof targetState>[0] = {}, agoMs = 1_000): TargetState =>
    standingAs("alive", { edges: edgesOf({ a: [ok(agoMs)] }), asOf: NOW - 5_000, ...part });
  const of = (state: TargetState, part: Parameters<typeof shardOf>[0] = {}, events: EvidenceEvent[] = []) =>
    sorted(shardOf({ targets: [state], ...part }), [KEY], events, NOW, TUNING);
  const held = (state: TargetState): TargetState | undefined => of(state).calm[0]?.[1];

  it("stands, and is believed fifteen seconds longer", () => {
    expect(held(calm())).toMatchObject({ asOf: NOW - 1_000, nextAt: NOW + 14_001, waiting: null });
  });

  it("is the same where nothing newer was seen", () => {
    const state = calm({ asOf: NOW - 1_000 });
    expect(of(state)).toEqual({ calm: [], open: [] });
  });

  it.each<[string, TargetState, boolean]>([
    ["until its evidence has run out", calm({ asOf: null }, 15_000), true],
    ["not once it has", calm({ asOf: null }, 15_001), false],
    ["not while somebody misses it", calm({ troubled: true }), false],
    ["not while it recovers", calm({ goodSince: NOW - 1 }), false],
    ["not while a trouble is open", calm({ episodeAt: NOW - 1 }), false],
    [
      "not while anybody is asked for looks",
      calm({ bursts: { count: 1, lastAt: 0, isGrave: false } }),
      false,
    ],
    ["not while it is said to be gone", calm({ notice: notice("crash") }), false],
    ["not under an operator's word", calm({ override: { reason: "x", until: NOW + 1 } }), false],
    ["not before it was published", calm({ announced: false }), false],
    ["not where something else stands", calm({ standing: { verdict: "gray" } }), false],
  ])("is one %s", (_name, state, isCalm) => {
    expect(of(state).open).toEqual(isCalm ? [] : [[KEY, state]]);
  });

  it("waits for nothing any more, and keeps what time it has", () => {
    const waiting = { rule: "x", what: "y", until: NOW + 1 };
    expect(held(calm({ asOf: NOW - 1_000, waiting, nextAt: NOW + 5 }))).toMatchObject({
      waiting: null,
      nextAt: NOW + 5,
    });
  });

  it.each<[string, Parameters<typeof shardOf>[0], EvidenceEvent[], number]>([
    ["is none while we suspect ourselves", { frozenSince: NOW - 1 }, [], 1],
    [
      "is none by the looks of those inside its site alone",
      { vantages: [vantage("a", { site: "fra" })] },
      [],
      1,
    ],
    ["is none by the looks of who is not sound", { vantages: [vantage("a", { state: "suspect" })] }, [], 1],
    ["is none of which its supervisor has just spoken", {}, [{ kind: "notice", notice: notice("start") }], 1],
    [
      "is one though a report has just spoken of it",
      {},
      [{ kind: "report", report: report("a", [observation(KEY, NOW)]) }],
      0,
    ],
  ])("%s", (_name, part, events, open) => {
    expect(of(calm(), part, events).open).toHaveLength(open);
  });

  it("is left out where it is not remembered", () => {
    expect(sorted(shardOf(), [KEY], [], NOW, TUNING)).toEqual({ calm: [], open: [] });
  });
});
