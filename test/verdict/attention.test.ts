import { describe, expect, it } from "vitest";
import { attend } from "../../src/verdict/attention.ts";
import type { Belief } from "../../src/verdict/belief/beliefs.ts";
import { NEVER, type TargetState } from "../../src/verdict/memory/judge-state.ts";
import type { Conclusion } from "../../src/verdict/naming/case.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import {
  belief,
  conclusion,
  edge,
  factsOfVotes,
  IDS,
  notice,
  NOW,
  type Observed,
  quorum,
  observed,
  standingAs,
  targetState,
  votes,
} from "./made.ts";

type Part = NonNullable<Parameters<typeof targetState>[0]>;
const SEEN = new Map([["a", edge([observed(NOW - 1_000, "connect_timeout")])]]);
const bursts = (count: number, agoMs: number, isGrave = false) => ({
  bursts: { count, lastAt: NOW - agoMs, isGrave },
});
const stood = (part: Part = {}): TargetState => standingAs("alive", { edges: SEEN, ...part });

interface Considering {
  state?: TargetState;
  facts?: Partial<Observed>;
  believed?: Partial<Belief>;
  concluded?: Partial<Conclusion> | null;
  isFrozen?: boolean;
}
const attending = ({ state = stood(), facts, believed, concluded = null, isFrozen = false }: Considering) =>
  attend(
    {
      state,
      facts: factsOfVotes(votes(1, "silent"), {
        state,
        onset: facts?.failingSince ?? NOW - 5_000,
        ...facts,
      }),
      belief: belief(believed),
      conclusion: concluded === null ? null : conclusion(concluded),
      tuning: TUNING,
    },
    isFrozen,
  );
const isAsked = (of: Considering): boolean => (attending(of).ask?.dueAt ?? Infinity) <= NOW;

it("goes along with others so long before it is due, and no longer", () => {
  const asked = (ms: number): boolean => attending({ state: stood(bursts(0, 1_250 - ms)) }).ask !== null;
  expect([asked(1_201), asked(1_200)]).toEqual([false, true]);
});

describe("the next look at what is undecided", () => {
  const [GRAVE, URGENT] = [{ pDown: 0.3 }, { pDown: 0.31 }];

  it.each<[string, number, Partial<Belief>, number]>([
    ["half a gap after the last, at first", 0, {}, 1_250],
    ["a gap later", 1, {}, 2_500],
    ["another gap later", 2, {}, 2_500],
    ["twice that from the third on", 3, {}, 5_000],
    ["and twice that", 4, {}, 10_000],
    ["half a minute later at most", 6, {}, 30_000],
    ["as late where suspicion is grave", 1, GRAVE, 2_500],
    ["a second and a half later where it is urgent", 1, URGENT, 1_500],
    ["half of that at first", 0, URGENT, 750],
    ["twice it from the third on", 3, URGENT, 3_000],
  ])("is %s", (_name, count, believed, gapMs) => {
    const isGrave = believed.pDown !== undefined;
    const after = (ms: number): boolean => isAsked({ state: stood(bursts(count, ms, isGrave)), believed });
    expect([after(gapMs - 1), after(gapMs)]).toEqual([false, true]);
  });

  it.each([
    ["starts its count anew where suspicion has become grave", 0.008, false, 1],
    ["goes on with it where it had been", 0.008, true, 5],
    ["goes on with it where it is no longer", 0.0079, true, 5],
  ])("%s", (_name, pDown, wasGrave, counted) => {
    const { state } = attending({ state: stood(bursts(5, 100, wasGrave)), believed: { pDown } });
    expect(state.bursts).toMatchObject({ count: counted === 1 ? 0 : 5, isGrave: pDown >= 0.008 });
  });
});

describe("what is still to be looked at", () => {
  const LONG_AGO = bursts(1, 60_000);
  const LIVE = { verdict: "alive", confirmed: true } as const;
  const failing = (part: Considering): Considering => ({ state: stood(LONG_AGO), ...part });

  it.each<[string, Considering, boolean]>([
    ["is what fails while nothing is concluded", failing({}), true],
    ["is what fails while all seems good", failing({ concluded: { verdict: "good" } }), true],
    ["is nothing where nothing fails", failing({ facts: { counted: votes(3, "ok") } }), false],
    [
      "is nothing that failed before it recovered",
      failing({ state: stood({ ...LONG_AGO, recoveredAt: NOW - 1_000 }) }),
      false,
    ],
    ["is nothing that a quorum has settled", failing({ concluded: {} }), false],
    [
      "is what is gravely suspected without one",
      failing({
        concluded: { verdict: "gray", quorum: quorum({ met: false }) },
        believed: { pDown: 0.008 },
      }),
      true,
    ],
    ["is what nobody reaches without one", failing({ concluded: { quorum: quorum({ met: false }) } }), true],
    [
      "is a crash whose witness is awaited",
      failing({
        concluded: { witnessAwaited: true },
        state: stood({ ...LONG_AGO, standing: { confirmed: false } }),
      }),
      true,
    ],
    [
      "is a partition that explains not all",
      failing({ concluded: { verdict: "partitioned", cut: ["z"], quorum: quorum({ met: false }) } }),
      true,
    ],
    [
      "is no partition that does",
      failing({ concluded: { verdict: "partitioned", cut: ["a"], quorum: quorum({ met: false }) } }),
      false,
    ],
  ])("%s", (_name, one, asked) => {
    expect(isAsked(one)).toBe(asked);
  });

  const calm = (part: Part = {}): Considering => ({
    state: stood(part),
    facts: { counted: votes(3, "ok") },
    concluded: { verdict: "good" },
  });
  const noticed = (agoMs: number, heardMs: number): Part => ({
    ...bursts(1, agoMs),
    notice: notice("crash", { heardAt: NOW - heardMs }),
  });
  const renewing = (agoMs: number, untilMs: number): Part => ({
    ...bursts(1, agoMs),
    published: { advice: { routing: "avoid", regions: {}, failover: true, reason: "" } },
    standing: { quorumUntil: NOW + untilMs },
  });
  const recovering = (agoMs: number, goodMs: number, falls: number): Part => ({
    ...bursts(0, agoMs),
    goodSince: NOW - goodMs,
    standing: { verdict: "gray" },
    falls: Array.from({ length: falls }, (_, at) => NOW - 60_000 + at),
  });

  it.each<[string, Considering, Considering]>([
    ["a notice that nobody has looked into: now", calm(noticed(700, 700)), calm(noticed(701, 700))],
    [
      "a notice that is not settled: three quarters of a second later",
      calm(noticed(749, 5_000)),
      calm(noticed(750, 5_000)),
    ],
    [
      "failover: two seconds before its probes run out",
      calm(renewing(9_000, 2_001)),
      calm(renewing(9_000, 2_000)),
    ],
    [
      "failover: a second and a half after the last at the earliest",
      calm(renewing(1_499, 1)),
      calm(renewing(1_500, 1)),
    ],
    [
      "a recovery: when its dwell is over",
      calm(recovering(60_000, 4_999, 1)),
      calm(recovering(60_000, 5_000, 1)),
    ],
    [
      "a recovery after two falls: half as much later",
      calm(recovering(60_000, 7_499, 2)),
      calm(recovering(60_000, 7_500, 2)),
    ],
    [
      "a recovery: half a gap after the last at the earliest",
      calm(recovering(1_249, 9_000, 1)),
      calm(recovering(1_250, 9_000, 1)),
    ],
  ])("comes for %s", (_name, early, due) => {
    expect([isAsked(early), isAsked(due)]).toEqual([false, true]);
  });

  it.each([
    ["a second and a half after the last", 1_500, 3_999, true],
    ["not sooner", 1_499, 3_999, false],
    ["not once it is four seconds old", 1_500, 4_000, false],
  ])("comes for a wrong answer %s", (_name, agoMs, amissMs, asked) => {
    const of = { ...calm(bursts(1, agoMs)), concluded: { verdict: "good", amissAt: NOW - amissMs } as const };
    expect(isAsked(of)).toBe(asked);
  });

  it.each<[string, Considering, boolean]>([
    ["now, at what nobody has ever looked at", { state: targetState(bursts(0, 0)) }, true],
    [
      "not again, where it was just asked for",
      { state: targetState(bursts(1, 0)), facts: { counted: [] } },
      false,
    ],
    ["not at what is paused", failing({ state: stood({ ...LONG_AGO, target: { paused: true } }) }), false],
    ["not at anything while we suspect ourselves", failing({ isFrozen: true }), false],
    ["not at what is alive and well", calm({ ...LONG_AGO, standing: LIVE }), false],
  ])("comes %s", (_name, one, asked) => {
    expect(isAsked(one)).toBe(asked);
  });

  it("is no longer counted once nothing is", () => {
    expect(attending(calm(bursts(4, 1))).state.bursts.count).toBe(0);
    expect(attending({ state: targetState(bursts(1, 0)), facts: { counted: [] } }).state.bursts.count).toBe(
      1,
    );
  });
});

describe("whom to ask", () => {
  const state = stood({ ...bursts(1, 60_000) });
  const asked = (part: Considering): string[] | undefined => attending({ state, ...part }).ask?.vantages;

  it.each<[string, Considering, string[]]>([
    [
      "is who misses it, and who reached it last",
      { facts: { counted: [...votes(2, "silent"), ...votes(1, "ok", 2)], lastReacher: "c" } },
      ["a", "b", "c"],
    ],
    [
      "is who misses it, where nobody ever reached it",
      { facts: { counted: votes(2, "silent") } },
      ["a", "b"],
    ],
    ["is everybody, where somebody was answered wrongly", { facts: { counted: votes(2, "wrong") } }, IDS],
    [
      "is everybody, where suspicion is grave",
      { believed: { pDown: 0.008 }, state: stood(bursts(1, 60_000, true)) },
      IDS,
    ],
    ["is not, where it is hardly less", { believed: { pDown: 0.0079 } }, ["a"]],
    ["is everybody, on a notice", { state: stood({ ...bursts(1, 60_000), notice: notice("crash") }) }, IDS],
    ["is everybody, in a recovery", { state: stood({ ...bursts(1, 60_000), goodSince: NOW - 1 }) }, IDS],
  ])("%s", (_name, part, vantages) => {
    expect(asked(part)).toEqual(vantages);
  });
});

describe("when a target is judged again", () => {
  const nextAt = (of: Considering): number => attending(of).state.nextAt;
  const quiet = (part: Part = {}): Considering => ({
    state: stood(part),
    facts: { counted: votes(3, "ok"), failing: [] },
    concluded: { verdict: "good" },
  });
  const failing = (part: Part = {}): Considering => ({
    state: stood({ ...bursts(1, 0), ...part }),
    concluded: {},
  });
  const FAILOVER = { advice: { routing: "avoid" as const, regions: {}, failover: true, reason: "" } };

  it.each<[string, Considering, number]>([
    ["never, where time changes nothing", quiet(), NEVER],
    ["just after its evidence runs out", quiet({ asOf: NOW - 1_000 }), NOW + 14_001],
    ["when an operator's word runs out", quiet({ override: { reason: "", until: NOW + 77 } }), NOW + 77],
    [
      "when failover is due",
      quiet({ standing: { verdict: "process_crashed", heldSince: NOW - 9_960 } }),
      NOW + 40,
    ],
    [
      "just after its heartbeats are late, where it fails",
      failing({ heartbeat: { at: NOW - 1_000, everyMs: 1_000, gaps: [] } }),
      NOW + 1_501,
    ],
    [
      "never for heartbeats, where nothing fails",
      quiet({ heartbeat: { at: NOW - 1_000, everyMs: 1_000, gaps: [] } }),
      NEVER,
    ],
    ["at its next look", { state: stood(bursts(1, 1_000)), concluded: { verdict: "good" } }, NOW + 1_500],
    [
      "a second and a half after a look that is due now",
      { state: stood(bursts(1, 9_000)), concluded: { verdict: "good" } },
      NOW + 1_500,
    ],
    [
      "when it has been long since it first failed: two intervals and a timeout",
      {
        state: stood(bursts(0, 0)),
        facts: { failing: votes(3, "silent"), failingSince: NOW - 11_990, counted: votes(3, "silent") },
        concluded: { verdict: "unreachable" },
      },
      NOW + 10,
    ],
    ["every two seconds while nothing is concluded", { state: stood(bursts(6, 0)) }, NOW + 2_000],
  ])("is %s", (_name, of, at) => {
    expect(nextAt(of)).toBe(at);
  });

  it("is when failover has to be withdrawn, and before that when its probes are renewed", () => {
    const until = (ms: number): Considering =>
      quiet({ ...bursts(1, 0), published: FAILOVER, standing: { quorumUntil: NOW + ms } });
    expect(nextAt(until(7_000))).toBe(NOW + 5_000);
    expect(nextAt({ ...until(7_000), isFrozen: true })).toBe(NOW + 7_001);
  });
});
