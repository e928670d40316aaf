import { describe, expect, it } from "vitest";
import { answeredBase, type CauseWeights } from "../../../src/verdict/belief/answers.ts";
import type { ObservationRecord } from "../../../src/verdict/memory/judge-state.ts";
import { edge, IDS, NOW, standingAs, vantage } from "../made.ts";
import { ago, asked as question, type Looks, of, type Part } from "./asked.ts";

const asked = (looks: Looks, part?: Part): CauseWeights => answeredBase(question(looks, part));

describe("a process that listens still", () => {
  it("has not crashed, however many were refused", () => {
    const refused = { a: [ago(11_000), ago(2_000, "refused")], b: [ago(1_000, "refused")] };
    const [plain, listening] = [asked(refused), asked(refused, { facts: { listens: true } })];
    expect(Math.log10(of(listening.open, "crashed") / of(plain.open, "crashed"))).toBeCloseTo(-40, 6);
    expect(of(listening.open, "up")).toBe(of(plain.open, "up"));
    expect(listening.cut).toEqual(listening.open);
  });
});

describe("a hang", () => {
  const hung = (...agoMs: number[]): ObservationRecord[] => agoMs.map((ms) => ago(ms, "response_timeout"));
  /** Three connections within a second that were accepted and not answered, and given up before the target's own timeout. */
  const awaited = (openUntil: number): ObservationRecord[] =>
    [3_000, 2_500, 2_000].map((ms) => ago(ms, "response_timeout", { openUntil }));
  const OK = [ago(9_000)];
  const VANTAGES = [...IDS, "h", "i"].map((id) => vantage(id));

  it.each<[string, Looks, number, number, boolean]>([
    [
      "is three connections taken and not answered within half a second",
      { a: hung(3_000, 2_800, 2_500) },
      9,
      0.016,
      true,
    ],
    [
      "is none of three at one instant, which a death may catch",
      { a: hung(3_000, 2_800, 2_501) },
      9,
      0.016,
      false,
    ],
    [
      "is none at one instant, however many looked then",
      Object.fromEntries(VANTAGES.map(({ vantage: { id } }, index) => [id, hung(3_000 - index)])),
      9,
      0.016,
      false,
    ],
    ["is none where a twentieth is lost", { a: hung(3_000, 2_000, 1_000) }, 7, 0.05, false],
    ["is none of two, however far apart", { a: hung(9_000, 1_000) }, 7, 0.016, false],
    [
      "is none where an answer came since",
      { a: [...hung(7_000, 6_000, 5_000), ago(2_000)] },
      7,
      0.016,
      false,
    ],
    [
      "is one where they may have begun before that answer",
      { a: OK, b: hung(10_999, 10_000, 9_500) },
      7,
      0.016,
      true,
    ],
    [
      "is none where they began two seconds before it",
      { a: OK, b: hung(11_000, 10_000, 9_500) },
      7,
      0.016,
      false,
    ],
    ["is one where nearly a twentieth is lost", { a: OK, b: hung(10_999, 10_000, 9_500) }, 7, 0.0499, true],
    [
      "is none of the first where a twentieth is lost",
      { a: OK, b: hung(10_999, 10_000, 9_500) },
      7,
      0.05,
      false,
    ],
  ])("%s", (_name, looks, count, lost, hangs) => {
    expect(asked(looks, { vantages: VANTAGES.slice(0, count), lost }).hangs).toBe(hangs);
  });

  it.each<[string, Looks, boolean, boolean]>([
    ["that and nothing more while their answers may come yet", { a: awaited(NOW + 1) }, false, true],
    ["the same once that time is over", { a: awaited(NOW) }, true, true],
    ["neither by two", { a: awaited(NOW + 1).slice(1) }, false, false],
    [
      "neither where they have waited no longer than an answer took",
      { a: [ago(9_000), ...awaited(NOW + 1)] },
      false,
      false,
    ],
  ])("may be what three connections show: %s", (_name, looks, hangs, mayHang) => {
    expect(asked(looks, { vantages: VANTAGES })).toMatchObject({ hangs, mayHang });
  });

  it.each([
    ["stands where nothing answered since it fell", 5_000, true],
    ["stands no more once something has", 4_999, false],
  ])("that is called so %s", (_name, okMs, hangs) => {
    const state = standingAs("process_hung", {
      downSince: NOW - 5_000,
      edges: new Map([["a", edge([ago(okMs)])]]),
    });
    const base = asked({}, { of: state });
    expect(base.hangs).toBe(hangs);
    expect(of(base.open, "hung") > of(base.open, "up")).toBe(hangs);
  });
});
