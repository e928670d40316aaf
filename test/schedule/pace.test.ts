import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/domain/observation.ts";
import { effectiveTimeoutMs, FRESH_PACE, learn, type Pace, patienceMs } from "../../src/schedule/pace.ts";

const ok = (totalMs: number, connectMs?: number): Finding => ({
  outcome: "ok",
  stage: "done",
  totalMs,
  ...(connectMs === undefined ? {} : { connectMs }),
});
const silence: Finding = { outcome: "connect_timeout", stage: "connect", totalMs: 5_000 };
const short: Finding = { ...silence, totalMs: 1_000 };
const paceOf = (...findings: Finding[]): Pace =>
  findings.reduce((pace, finding) => learn(pace, finding, 5_000), FRESH_PACE);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("the pace of a path", () => {
  it("is RFC 6298's: the first sample halved for the variance, then 1/8 and 1/4", () => {
    expect(paceOf(ok(100))).toMatchObject({ srttMs: 100, rttvarMs: 50, samples: 1 });
    expect(paceOf(ok(100), ok(180))).toMatchObject({ srttMs: 110, rttvarMs: 57.5, samples: 2 });
  });

  it("smooths the time to connect where the platform tells it, and keeps it where it does not", () => {
    expect(paceOf(ok(20, 8), ok(20), ok(20, 16)).connectMs).toBe(9);
    expect(paceOf(ok(20)).connectMs).toBeUndefined();
  });

  it("learns nothing from a refusal, a reset or a silence, except how many silences came in a row", () => {
    const known = paceOf(ok(100), ok(120));
    for (const outcome of ["refused", "reset", "tls_failure", "dns_failure", "blocked"] as const)
      expect(learn(known, { ...silence, outcome }, 5_000)).toEqual(known);
    expect(paceOf(ok(100), ok(120), silence, silence)).toEqual({ ...known, unanswered: 2 });
    expect(paceOf(ok(100), short, ok(100))).toMatchObject({ unanswered: 0, curtailed: 0 });
  });

  const quick = times(20, ok(20));
  it.each([
    { case: "no sample yet", pace: FRESH_PACE, timeout: 5_000 },
    { case: "no sample and one silence", pace: paceOf(silence), timeout: 1_000 },
    { case: "three quick samples", pace: paceOf(...times(3, ok(20))), timeout: 5_000 },
    { case: "many quick samples", pace: paceOf(...quick), timeout: 1_000 },
    { case: "steady answers in 800 ms", pace: paceOf(...times(40, ok(800))), timeout: 1_600 },
    { case: "steady answers in 4 s", pace: paceOf(...times(40, ok(4_000))), timeout: 5_000 },
    { case: "silences after quick samples", pace: paceOf(...quick, short, short), timeout: 1_000 },
  ])("with $case allows $timeout ms of 5,000, and with patience all of it", ({ pace, timeout }) => {
    expect(Math.round(effectiveTimeoutMs(pace, 5_000, false) / 10) * 10).toBe(timeout);
    expect(effectiveTimeoutMs(pace, 5_000, true)).toBe(5_000);
  });

  it("counts the silences that were cut short since one was last waited out", () => {
    expect(
      [short, short, silence, short].map((_, n, all) => paceOf(...quick, ...all.slice(0, n + 1)).curtailed),
    ).toEqual([1, 2, 0, 1]);
  });

  it.each([
    { case: "no sample, just started", pace: FRESH_PACE, patience: 5_000 },
    { case: "no sample, one silence", pace: paceOf(silence), patience: 1_000 },
    { case: "one quick sample", pace: paceOf(ok(20)), patience: 1_000 },
    { case: "one sample of 1.2 s", pace: paceOf(ok(1_200)), patience: 3_600 },
    { case: "steady answers in 1.5 s", pace: paceOf(...times(60, ok(1_500))), patience: 1_500 },
    { case: "quick samples and a silence", pace: paceOf(...times(20, ok(20)), silence), patience: 1_000 },
  ])("with $case calls nothing pending before $patience ms", ({ pace, patience }) => {
    expect(Math.round(patienceMs(pace, 5_000) / 10) * 10).toBe(patience);
  });

  it("learns a target that has grown slower for good: a patient probe finds its answer", () => {
    let pace = paceOf(...times(20, ok(20)));
    const outcomes = times(6, 1_800).map((answerMs) => {
      const timeoutMs = effectiveTimeoutMs(pace, 5_000, pace.curtailed > 0);
      const finding = answerMs <= timeoutMs ? ok(answerMs) : { ...silence, totalMs: timeoutMs };
      pace = learn(pace, finding, 5_000);
      return finding.outcome;
    });
    expect(outcomes).toEqual(["connect_timeout", "ok", "ok", "ok", "ok", "ok"]);
  });

  it("keeps the timeout between 1 s and the configured one, and patience no longer than it", () => {
    const finding = fc.oneof(
      fc.double({ min: 0, max: 10_000, noNaN: true }).map((totalMs) => ok(totalMs)),
      fc.constantFrom(silence, short),
    );
    fc.assert(
      fc.property(fc.array(finding), fc.integer({ min: 500, max: 10_000 }), (findings, timeoutMs) => {
        const pace = paceOf(...findings);
        for (const ms of [effectiveTimeoutMs(pace, timeoutMs, false), patienceMs(pace, timeoutMs)]) {
          expect(ms).toBeLessThanOrEqual(timeoutMs);
          expect(ms).toBeGreaterThanOrEqual(Math.min(1_000, timeoutMs));
        }
      }),
    );
  });
});
