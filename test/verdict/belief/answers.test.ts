import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answeredBase, type CauseWeights } from "../../../src/verdict/belief/answers.ts";
import type { Facts } from "../../../src/verdict/facts/facts.ts";
import type { Heartbeats, InsideWord } from "../../../src/verdict/facts/surroundings.ts";
import type { Cause } from "../../../src/verdict/likelihood.ts";
import type { ObservationRecord, TargetState } from "../../../src/verdict/memory/judge-state.ts";
import { IDS, notice, NOW, proofAt } from "../made.ts";
import { ago, asked as question, type Looks, of, type Part } from "./asked.ts";

const asked = (looks: Looks, part?: Part): CauseWeights => answeredBase(question(looks, part));

/** The decimal logarithm of the odds of a cause against health. */
const tensToOne = ({ open }: CauseWeights, cause: Cause): number =>
  Math.log10(of(open, cause) / of(open, "up"));

describe("what a target's answers make of it", () => {
  const OK = ago(11_000, "ok", { totalMs: 20 });
  /** A look whose target's own timeout has not passed yet. */
  const OPEN: Partial<ObservationRecord> = { stage: "response", openUntil: NOW + 1 };

  it.each<[string, Looks, Cause, number]>([
    // A twentieth of one in a thousand.
    ["a crash is twenty thousand times less likely than health before any look", {}, "crashed", -4.3],
    ["it is as unlikely at an ok", { a: [OK] }, "crashed", -4.3],
    // 0.98 to one in a million, times one in a thousand.
    ["it is a thousand times likelier after a refusal", { a: [OK, ago(1_000, "refused")] }, "crashed", 2.99],
    // Half of what is left of health is a hazard's: 0.972 to 2.01e-9.
    [
      "it is certain after two",
      { a: [OK, ago(2_000, "refused")], b: [ago(1_000, "refused")] },
      "crashed",
      8.68,
    ],
    // 0.98 to 6e-4, times one in a thousand.
    [
      "a hang is as likely as not after one lost answer",
      { a: [OK, ago(1_000, "response_timeout")] },
      "hung",
      0.21,
    ],
    // The look has waited for its whole timeout, so it counts like one that ended in that way.
    [
      "it is as much so though that ends later",
      { a: [OK, ago(1_000, "pending", { stage: "response" })] },
      "hung",
      0.21,
    ],
    // 0.98 to 4e-3.
    ["it is less so while that may come yet", { a: [OK, ago(1_000, "pending", OPEN)] }, "hung", -0.6],
    // As if the look had not begun, except for the ten seconds in which any fault may have begun.
    [
      "it tells nothing while it has waited no longer than answers take there",
      { a: [ago(12_000, "ok", { totalMs: 900 }), OK, ago(1_000, "pending", { ...OPEN, totalMs: 900 })] },
      "hung",
      -3,
    ],
    [
      "it does once it has waited longer than any of them took",
      { a: [ago(12_000, "ok", { totalMs: 899 }), OK, ago(1_000, "pending", { ...OPEN, totalMs: 900 })] },
      "hung",
      -0.6,
    ],
    // 0.3 to 2e-4, times a half for the ok and one in a thousand.
    ["gray is nearly as likely after one wrong answer", { a: [OK, ago(1_000, "app_error")] }, "gray", -0.12],
    // A failed name lookup speaks for gray, 0.1 to 5e-4, and for nothing else.
    ["a name that failed tells of no crash", { a: [OK, ago(1_000, "dns_failure")] }, "crashed", -2.98],
    ["silence is no answer", { a: [OK, ago(1_000, "connect_timeout")] }, "crashed", -3],
    [
      "nor is a refusal nearer than the host",
      { a: [OK, ago(1_000, "refused", { proxied: true })] },
      "crashed",
      -3,
    ],
  ])("%s", (_name, looks, cause, tens) => {
    expect(tensToOne(asked(looks), cause)).toBeCloseTo(tens, 1);
  });

  const looks = (count: number, outcome: ObservationRecord["outcome"]): ObservationRecord[] =>
    Array.from({ length: count }, (_, index) => ago(9_000 - 1_000 * index, outcome));

  it.each<[string, ObservationRecord[], number]>([
    // One in a thousand, and for each ok 0.5 to 0.983.
    ["is a little less likely for each answer as expected", looks(2, "ok"), -3.59],
    ["is no less likely for more than seven", looks(8, "ok"), -5.17],
    // For each wrong answer 0.3 to 2e-4. The ok after them ends the time in which a fault may have begun.
    ["is as likely as health by one wrong answer before an ok", [ago(9_000, "app_error"), ago(2_000)], -0.12],
    ["is a thousand times likelier by two", [...looks(2, "app_error"), ago(2_000)], 3.06],
    ["is a million times likelier at most", [...looks(6, "app_error"), ago(2_000)], 6],
  ])("finds that gray %s", (_name, recent, tens) => {
    expect(tensToOne(asked({ a: recent }), "gray")).toBeCloseTo(tens, 2);
  });

  it("takes an accepted connection for a lost answer where half is lost", () => {
    const looks = { a: [OK, ago(1_000, "response_timeout")] };
    // 0.98 to 0.48, times one in a thousand.
    expect(tensToOne(asked(looks, { lost: 0.5 }), "hung")).toBeCloseTo(-2.68, 1);
    const refused = { a: [OK, ago(1_000, "refused")] };
    expect(asked(refused, { lost: 0.5 }).open).toEqual(asked(refused).open);
  });

  it("is taken from the answers of fifteen seconds", () => {
    const since = (ms: number): number => tensToOne(asked({ a: [ago(ms, "refused")] }), "crashed");
    expect(since(15_000)).toBeGreaterThan(2.9);
    expect(since(15_001)).toBeLessThan(-2.9);
  });

  it("is the same whoever saw which of them", () => {
    const signs = fc.array(
      fc.tuple(fc.constantFrom("refused", "app_error", "reset"), fc.constantFrom(...IDS)),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    const looksOf = (all: [string, string][]): Looks =>
      Object.fromEntries(
        IDS.map((id) => [
          id,
          all.flatMap(([outcome, by], index) =>
            by === id ? [ago(9_000 - 1_000 * index, outcome as ObservationRecord["outcome"])] : [],
          ),
        ]),
      );
    fc.assert(
      fc.property(signs, fc.constantFrom(...IDS), (all, by) => {
        const moved = all.map(([outcome]): [string, string] => [outcome, by]);
        const [open, alone] = [asked(looksOf(all)).open, asked(looksOf(moved)).open];
        for (const [at, weight] of open.entries()) expect(weight / (alone[at] ?? NaN)).toBeCloseTo(1, 9);
      }),
    );
  });

  it("leaves every cause a chance, and tells a cut site from an open one by heartbeats alone", () => {
    const outcomes = fc.array(
      fc.constantFrom<ObservationRecord["outcome"]>("ok", "refused", "response_timeout", "tls_failure"),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(outcomes, (all) => {
        const { open, cut } = asked({ a: all.map((outcome, index) => ago(9_000 - 1_000 * index, outcome)) });
        for (const weight of open) expect(weight).toBeGreaterThan(0);
        expect(cut).toEqual(open);
      }),
    );
  });
});

describe("what else is known of a target that was missed five seconds ago", () => {
  const LOOKS: Looks = { a: [ago(11_000), ago(5_000, "connect_timeout")] };
  /** By how much the part changes the weight of each cause, in the order of CAUSES, for an open site and for a cut one. */
  const changed = (part: Part): { open: number[]; cut: number[] } => {
    const [before, after] = [asked(LOOKS), asked(LOOKS, part)];
    const ratios = (a: number[], b: number[]): number[] => a.map((weight, at) => weight / (b[at] ?? NaN));
    return { open: ratios(after.open, before.open), cut: ratios(after.cut, before.cut) };
  };
  const expectClose = (ratios: number[], expected: number[]): void => {
    for (const [at, ratio] of ratios.entries())
      expect(Math.log10(ratio)).toBeCloseTo(Math.log10(expected[at] ?? NaN), 6);
  };
  const NOTHING = [1, 1, 1, 1, 1, 1];
  const HOST_LIVES = [1, 1, 1e-6, 1, 1, 1e-6];
  const HOST_GONE = [1e-3, 1e-3, 1, 1e-3, 1e-3, 1];

  it.each<[string, Partial<Facts>, number[], boolean]>([
    ["a witness that answers leaves the process", { witnessAnswers: true }, HOST_LIVES, true],
    ["one that is silent leaves the host", { witnessSilent: true }, HOST_GONE, false],
    ["one that refuses with it tells neither", { witnessRefuses: true }, NOTHING, false],
    ["one that is awaited tells nothing yet", { witnessAwaited: true }, NOTHING, false],
  ])("%s", (_name, facts, factors, hangs) => {
    expectClose(changed({ facts }).open, factors);
    expectClose(changed({ facts }).cut, factors);
    expect(asked(LOOKS, { facts }).hangs).toBe(hangs);
  });

  // The target was last answered six seconds before it was missed: six tenths of the prior, one in a thousand, have built up.
  const NINE_TO_ONE = [1, 9 / 6e-4, 1, 1, 1, 1];
  it.each<[string, Partial<TargetState>, number[]]>([
    ["a crash that is told is believed nine to one", { notice: notice("crash") }, NINE_TO_ONE],
    ["a stop as well", { notice: notice("stop") }, NINE_TO_ONE],
    ["a start tells nothing of its end", { notice: notice("start") }, NOTHING],
    ["nor does what was contradicted", { notice: notice("crash", { contradictedAt: NOW }) }, NOTHING],
    ["nor what an answer came after", { notice: notice("crash", { heardAt: NOW - 11_001 }) }, NOTHING],
    [
      "an answer of its own instant does not contradict it",
      { notice: notice("crash", { heardAt: NOW - 11_000 }) },
      NINE_TO_ONE,
    ],
  ])("%s", (_name, part, factors) => {
    expectClose(changed({ of: part }).open, factors);
  });

  it.each<[string, InsideWord[], number[]]>([
    [
      "who is served inside shows it to be neither dead, crashed nor hung",
      ["served"],
      [1, 1e-40, 1e-40, 1e-40, 1, 1],
    ],
    // A host that is cut off from outside answers inside as a host that is up.
    ["who is refused there, as everybody is by a crash", ["refused"], [1e-6, 0.98, 1e-4, 1e-5, 0.01, 1e-6]],
    ["who waits there for an answer, as on a hang", ["hung"], [6e-4, 1e-5, 1e-5, 0.98, 0.2, 6e-4]],
    ["who misses it there, as one misses the dead", ["missed"], [0.016, 0.02, 0.9998, 0.02, 0.14, 0.016]],
    [
      "two inside say it twice",
      ["missed", "missed"],
      [0.016 ** 2, 0.02 ** 2, 0.9998 ** 2, 0.02 ** 2, 0.14 ** 2, 0.016 ** 2],
    ],
    ["who has no word there tells nothing", [], NOTHING],
  ])("%s", (_name, insideWords, factors) => {
    const { open, cut } = changed({ facts: { insideWords } });
    expectClose(open, factors);
    expectClose(cut, factors);
  });

  /** The newest heartbeat, of one a second, came 2.5 seconds ago. The proof that the target was good is `proofMs` old. */
  const beatenAndProven = (proofMs: number): Partial<TargetState> => ({
    heartbeat: { at: NOW - 2_500, everyMs: 1_000, gaps: [] },
    proof: proofAt(NOW - proofMs),
  });
  const HOST_RUNS = [1, 1, 1e-6, 1, 1, 1];
  const UNWELL = [1e-3, 1, 1, 1, 1e-3, 1];
  it.each<[string, Heartbeats, number, number[], number[]]>([
    ["one since shows that the host runs", "alive", 20_000, HOST_RUNS, HOST_RUNS],
    ["one that is late speaks for an end, unless the site is cut", "late", 20_000, UNWELL, NOTHING],
    ["it does so where the target answered until the next was due", "late", 1_500, UNWELL, NOTHING],
    ["it tells nothing where the target answered after that", "late", 1_499, NOTHING, NOTHING],
    ["one that is due yet tells nothing", "due", 20_000, NOTHING, NOTHING],
    ["none ever tells nothing", "none", 20_000, NOTHING, NOTHING],
  ])("of heartbeats, %s", (_name, heartbeat, proofMs, open, cut) => {
    const factors = changed({ of: beatenAndProven(proofMs), facts: { heartbeat } });
    expectClose(factors.open, open);
    expectClose(factors.cut, cut);
  });
});
