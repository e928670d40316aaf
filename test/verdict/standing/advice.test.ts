import { describe, expect, it } from "vitest";
import type { Policy } from "../../../src/domain/target.ts";
import type { TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { failoverAt, wordOf } from "../../../src/verdict/standing/advice.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { edge, notice, NOW, shardOf, standingAs, targetState, vantage } from "../made.ts";

type Part = Parameters<typeof targetState>[0];
const HELD = NOW - 60_000;
const stood = (
  verdict: TargetState["standing"]["verdict"],
  { standing, ...part }: NonNullable<Part> = {},
  policy: Policy = {},
): TargetState =>
  standingAs(verdict, {
    ...part,
    target: { policy },
    standing: { heldSince: HELD, quorumUntil: NOW + 7_000, routing: "avoid", ...standing },
  });
const word = (state: TargetState, now = NOW) => wordOf(shardOf({ targets: [state] }), state, now, TUNING);

describe("when failover is advised", () => {
  const RESTARTING = { notice: notice("crash", { restarting: true }) };
  const LEFT = { notice: notice("crash") };
  const FALSE = { notice: notice("crash", { contradictedAt: NOW - 1 }) };

  it.each<[string, TargetState, number | null]>([
    ["of a confirmed crash after ten seconds", stood("process_crashed"), 10_000],
    ["of a crash that nobody will restart at once", stood("process_crashed", LEFT), 0],
    ["of a crash whose notice was contradicted after ten seconds", stood("process_crashed", FALSE), 10_000],
    [
      "of a crash whose process has been started since after ten seconds, started again and again or not",
      stood("process_crashed", { notice: notice("start", { heardAt: HELD + 50_000 }) }),
      10_000,
    ],
    [
      "of what was started since an ordered stop ten seconds after that",
      stood("process_crashed", { notice: notice("start", { heardAt: HELD + 50_000, follows: "stop" }) }),
      60_000,
    ],
    [
      "of that no sooner, however short a restart may be",
      stood(
        "process_crashed",
        { notice: notice("start", { heardAt: HELD + 50_000, follows: "stop" }) },
        { restartGraceMs: 0 },
      ),
      60_000,
    ],
    [
      "of a crash that a supervisor meant to mend no sooner since it says that it has",
      stood(
        "process_crashed",
        { notice: notice("start", { heardAt: HELD + 3_000, follows: "restart" }) },
        { restartGraceMs: 0 },
      ),
      10_000,
    ],
    ["of a confirmed death at once", stood("node_dead"), 0],
    ["of a hang never", stood("process_hung"), null],
    ["of what is not confirmed never", stood("node_dead", { standing: { confirmed: false } }), null],
    ["of what was never alive never", stood("node_dead", { onceAlive: false }), null],
    ["of a rehearsal never", stood("node_dead", { standing: { drill: { id: "d", live: false } } }), null],
    ["of a live drill at once", stood("node_dead", { standing: { drill: { id: "d", live: true } } }), 0],
    ["of what was stopped in order never", stood("process_crashed", { notice: notice("stop") }), null],
    [
      "of a host that died after its process was stopped at once",
      stood("node_dead", { notice: notice("stop") }),
      0,
    ],
    ["of what is started again after ten seconds", stood("process_crashed", RESTARTING), 10_000],
  ])("%s", (_name, state, afterMs) => {
    expect(failoverAt(state, TUNING)).toBe(afterMs === null ? null : HELD + afterMs);
  });

  it.each<[string, number, boolean]>([
    ["withheld where anybody was answered since it was called so", NOW - 13_000, false],
    ["withheld no longer than an interval and a report after that", NOW - 13_001, true],
    ["given where the last answer came before", HELD, true],
  ])("is %s", (_name, lastOk, failover) => {
    const edges = new Map([["z", { ...edge([]), lastOk }]]);
    expect(word(stood("node_dead", { edges })).advice.failover).toBe(failover);
  });

  it.each([
    ["what was advised before, where it has not been answered since", true, HELD, true],
    ["nothing that was answered since it was said", true, HELD + 1, false],
    ["nothing that was not advised before", false, HELD, false],
  ])("of %s, while vantages catch up with us after an absence", (_name, wasAdvised, okAt, failover) => {
    const advice = { routing: "avoid", regions: {}, failover: wasAdvised, reason: "" } as const;
    const state = stood("node_dead", { okAt, published: { advice } });
    const returned = { since: NOW - 1_000, awaited: [{ vantage: "a", dueAt: NOW }] };
    const of = (part: object): boolean =>
      wordOf(shardOf({ targets: [state], ...part }), state, NOW, TUNING).advice.failover;
    expect([of({ returned }), of({ returned: null })]).toEqual([failover, true]);
  });

  it.each<[string, TargetState["standing"]["verdict"], Policy, Part, number | null]>([
    ["a crash after the grace for a restart", "process_crashed", { restartGraceMs: 30_000 }, {}, 30_000],
    [
      "a crash after the longer of grace and what was said",
      "process_crashed",
      { restartGraceMs: 30_000 },
      RESTARTING,
      30_000,
    ],
    [
      "a crash after what was said, where that is longer",
      "process_crashed",
      { restartGraceMs: 9_000 },
      RESTARTING,
      10_000,
    ],
    ["a crash at once, where no grace is wanted", "process_crashed", { restartGraceMs: 0 }, {}, 0],
    ["a crash at once, where nobody will restart it", "process_crashed", { restartGraceMs: 30_000 }, LEFT, 0],
    ["a death without any grace", "node_dead", { restartGraceMs: 30_000 }, RESTARTING, 0],
    ["a hang, where that is asked for", "process_hung", { failoverOn: ["process_hung"] }, {}, 0],
    [
      "a hang that has held so long",
      "process_hung",
      { failoverOn: [{ verdict: "process_hung", afterMs: 20_000 }] },
      {},
      20_000,
    ],
    ["no death, where only a hang is named", "node_dead", { failoverOn: ["process_hung"] }, {}, null],
    ["nothing, where nothing is named", "process_crashed", { failoverOn: [] }, {}, null],
    [
      "a crash after the longer of time and grace",
      "process_crashed",
      { failoverOn: [{ verdict: "process_crashed", afterMs: 5_000 }], restartGraceMs: 8_000 },
      {},
      8_000,
    ],
    [
      "a crash after the time, where that is longer",
      "process_crashed",
      { failoverOn: [{ verdict: "process_crashed", afterMs: 9_000 }], restartGraceMs: 8_000 },
      {},
      9_000,
    ],
  ])("by policy: %s", (_name, verdict, policy, part, afterMs) => {
    expect(failoverAt(stood(verdict, part ?? {}, policy), TUNING)).toBe(
      afterMs === null ? null : HELD + afterMs,
    );
  });

  it.each([
    ["not before it is due", 0, 5_000, -1, false],
    ["from then on", 0, 5_000, 0, true],
    ["as long as the quorum's probes are recent", 0, 5_000, 5_000, true],
    ["no longer", 0, 5_000, 5_001, false],
  ])("holds %s", (_name, heldMs, quorumMs, atMs, failover) => {
    const state = stood("node_dead", { standing: { heldSince: NOW + heldMs, quorumUntil: NOW + quorumMs } });
    expect(word(state, NOW + atMs).advice.failover).toBe(failover);
  });
});

describe("the regions of an advice", () => {
  const both = [
    vantage("a", { region: "eu" }),
    vantage("b", { region: "eu" }),
    vantage("c", { region: "us" }),
  ];
  const regions = (cut: string[], routing: "serve" | "avoid", vantages = ["a", "b", "c"]) => {
    const state = standingAs("partitioned", { target: { vantages }, standing: { cut, routing } });
    return wordOf(shardOf({ vantages: both, targets: [state] }), state, NOW, TUNING).advice.regions;
  };

  it.each<[string, string[], "serve" | "avoid", Record<string, string>]>([
    ["are all served where nobody is cut off", [], "serve", { eu: "serve", us: "serve" }],
    ["are avoided where all of one are", ["c"], "serve", { eu: "serve", us: "avoid" }],
    ["are served where one of two still gets through", ["a"], "serve", { eu: "serve", us: "serve" }],
    ["are avoided where both are cut off", ["a", "b"], "serve", { eu: "avoid", us: "serve" }],
    ["are all avoided where all of it is", [], "avoid", { eu: "avoid", us: "avoid" }],
  ])("%s", (_name, cut, routing, expected) => {
    expect(regions(cut, routing)).toEqual(expected);
  });

  it("are those that look", () => {
    expect(regions([], "serve", ["c", "gone"])).toEqual({ us: "serve" });
  });
});

describe("the reason of an advice", () => {
  const contradicted = (agoMs: number): TargetState =>
    stood("alive", {
      notice: notice("crash", { contradictedAt: NOW - agoMs }),
      standing: { routing: "serve" },
    });

  it.each<[string, TargetState, string]>([
    ["is what stands", stood("node_dead"), "confirmed node_dead"],
    [
      "is no more, where it is not confirmed",
      stood("node_dead", { standing: { confirmed: false } }),
      "unconfirmed node_dead",
    ],
    [
      "has that a notice was contradicted, for ten minutes",
      contradicted(599_999),
      "confirmed alive; a crash notice was contradicted",
    ],
    ["has that no longer", contradicted(600_000), "confirmed alive"],
    [
      "has that it was stopped",
      stood("process_crashed", { notice: notice("stop") }),
      "confirmed process_crashed; failover withheld: it was stopped in order",
    ],
    [
      "has that it is a drill",
      stood("node_dead", { standing: { drill: { id: "d", live: false } } }),
      "confirmed node_dead; failover withheld: a drill that is not live",
    ],
    [
      "has that it never lived",
      stood("node_dead", { onceAlive: false }),
      "confirmed node_dead; failover withheld: it has never been alive",
    ],
    [
      "has that it has to hold",
      stood("process_crashed", { standing: { heldSince: NOW } }, { restartGraceMs: 1 }),
      "confirmed process_crashed; failover withheld until it has held long enough on fresh probes",
    ],
    ["has nothing of what never fails over", stood("process_hung"), "confirmed process_hung"],
  ])("%s", (_name, state, reason) => {
    expect(word(state).advice.reason).toBe(reason);
  });
});

describe("an operator's word", () => {
  const under = (
    override: Partial<NonNullable<TargetState["override"]>>,
    state: TargetState = standingAs("alive"),
  ) => word({ ...state, override: { reason: "fenced", until: NOW + 1, ...override } });

  it.each<[string, Parameters<typeof under>[0], object]>([
    [
      "death is confirmed, to be avoided and failed over",
      { verdict: "node_dead" },
      { verdict: "node_dead", confirmed: true, advice: { routing: "avoid", failover: true } },
    ],
    [
      "health serves",
      { verdict: "alive" },
      { verdict: "alive", confirmed: true, advice: { routing: "serve", failover: false } },
    ],
    [
      "gray serves",
      { verdict: "gray" },
      { verdict: "gray", confirmed: true, advice: { routing: "serve", failover: false } },
    ],
    [
      "a hang does not fail over",
      { verdict: "process_hung" },
      { advice: { routing: "avoid", failover: false } },
    ],
    [
      "not knowing confirms nothing",
      { verdict: "unknown" },
      { verdict: "unknown", confirmed: false, advice: { routing: "serve" } },
    ],
    [
      "to avoid leaves the verdict",
      { advice: { routing: "avoid" } },
      { verdict: "alive", advice: { routing: "avoid", failover: false } },
    ],
    [
      "to fail over confirms by hand",
      { advice: { failover: true } },
      { verdict: "alive", confirmed: true, advice: { routing: "serve", failover: true } },
    ],
    ["that has run out is none", { verdict: "node_dead", until: NOW }, { verdict: "alive", rule: "new" }],
  ])("of %s", (_name, override, expected) => {
    expect(under(override)).toMatchObject(expected);
  });

  it("is named as the rule, and given as the reason", () => {
    const because = "an operator's word: fenced";
    expect(under({ verdict: "gray" })).toMatchObject({
      rule: "override",
      because,
      advice: { reason: because },
    });
  });

  it("of routing holds for every region, whoever is cut off", () => {
    const state = standingAs("partitioned", { standing: { cut: ["a"] } });
    expect(under({ advice: { failover: false } }, state).advice.regions["a"]).toBe("avoid");
    expect(under({ advice: { routing: "serve" } }, state).advice.regions["a"]).toBe("serve");
  });
});
