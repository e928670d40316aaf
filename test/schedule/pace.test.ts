import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/domain/observation.ts";
import {
  connectWithinMs,
  FRESH_PACE,
  lateAfterMs,
  learn,
  type Pace,
  openPatienceMs,
  patienceMs,
} from "../../src/schedule/pace.ts";

const ok = (totalMs: number, connectMs?: number): Finding => ({
  outcome: "ok",
  stage: "done",
  totalMs,
  ...(connectMs === undefined ? {} : { connectMs }),
});
const silence: Finding = { outcome: "connect_timeout", stage: "connect", totalMs: 5_000 };
const short: Finding = { ...silence, totalMs: 1_000 };
const hang: Finding = { outcome: "response_timeout", stage: "response", connectMs: 8, totalMs: 5_000 };
const USUAL = { isPatient: false, isSiteSilent: false, siblingMs: 0 };
const paceOf = (...findings: Finding[]): Pace =>
  findings.reduce((pace, finding) => learn(pace, finding, 5_000), FRESH_PACE);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe("from when on a connection is told of as late", () => {
  it.each<[string, Pace, number]>([
    ["half a second on a quick path", paceOf(...times(20, ok(2_000, 8))), 500],
    ["the path's own retransmission timeout on a slow one", paceOf(...times(20, ok(2_000, 700))), 710],
    ["as any silence where the path has hardly been measured", paceOf(...times(3, ok(20, 8))), 1_000],
    ["its whole timeout where it never was", FRESH_PACE, 5_000],
  ])("%s", (_name, pace, ms) => {
    expect(Math.round(openPatienceMs(pace, 5_000) / 10) * 10).toBe(ms);
  });
});

describe("the pace of a path", () => {
  it("is RFC 6298's: the first sample halved for the variance, then 1/8 and 1/4", () => {
    expect(paceOf(ok(100)).answer).toMatchObject({ meanMs: 100, deviationMs: 50, samples: 1 });
    expect(paceOf(ok(100), ok(180)).answer).toMatchObject({ meanMs: 110, deviationMs: 57.5, samples: 2 });
  });

  it("has the time to connect apart from the answer's, and where the platform does not tell it takes that", () => {
    expect(paceOf(ok(20, 8), ok(20, 16)).connect.meanMs).toBe(9);
    expect(paceOf(ok(20)).connect.meanMs).toBe(20);
    expect(connectWithinMs(paceOf(...times(20, ok(3_000, 8))), 5_000, USUAL)).toBe(1_000);
  });

  it("learns nothing from a refusal, a reset or a silence, except how many silences came in a row", () => {
    const known = paceOf(ok(100), ok(120));
    for (const outcome of ["refused", "reset", "tls_failure", "dns_failure", "blocked"] as const)
      expect(learn(known, { ...silence, outcome }, 5_000)).toEqual(known);
    expect(paceOf(ok(100), ok(120), silence, silence)).toEqual({ ...known, unanswered: 2 });
    expect(paceOf(ok(100), short, ok(100))).toMatchObject({ unanswered: 0, curtailed: 0 });
  });

  it("takes one late time among prompt ones for a packet sent again, two in a row for the path's", () => {
    const known = paceOf(...times(20, ok(20, 8)));
    const once = learn(known, ok(1_030, 1_010), 5_000);
    expect([once.connect.meanMs, once.answer.meanMs]).toEqual([8, 20]);
    expect(learn(once, ok(1_030, 1_010), 5_000).connect.meanMs).toBeGreaterThan(100);
  });

  const quick = times(20, ok(20));
  it.each([
    { case: "no sample yet", pace: FRESH_PACE, waits: 5_000 },
    { case: "no sample and one silence", pace: paceOf(silence), waits: 1_000 },
    { case: "three quick samples", pace: paceOf(...times(3, ok(20))), waits: 5_000 },
    { case: "many quick samples", pace: paceOf(...quick), waits: 1_000 },
    { case: "steady connects in 1.8 s", pace: paceOf(...times(60, ok(2_900, 1_800))), waits: 1_800 },
    { case: "steady connects in 4.9 s", pace: paceOf(...times(9, ok(4_900))), waits: 5_000 },
    { case: "a silence after quick samples", pace: paceOf(...quick, short), waits: 1_000 },
  ])("with $case waits $waits ms of 5,000 for a connection, and with patience all of it", (row) => {
    expect(Math.round(connectWithinMs(row.pace, 5_000, USUAL) / 10) * 10).toBe(row.waits);
    expect(connectWithinMs(row.pace, 5_000, { ...USUAL, isPatient: true })).toBe(5_000);
  });

  it("counts the connections that were waited for too shortly since one was waited out", () => {
    const findings = [short, short, silence, short, hang];
    expect(findings.map((_, n) => paceOf(...quick, ...findings.slice(0, n + 1)).curtailed)).toEqual([
      1, 2, 0, 1, 0,
    ]);
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

  it("learns a path that has grown slower for good: a patient probe finds it open", () => {
    let pace = paceOf(...times(20, ok(20)));
    const outcomes = times(6, 1_800).map((openMs) => {
      const withinMs = connectWithinMs(pace, 5_000, { ...USUAL, isPatient: pace.curtailed > 0 });
      const finding = openMs <= withinMs ? ok(openMs) : { ...silence, totalMs: withinMs };
      pace = learn(pace, finding, 5_000);
      return finding.outcome;
    });
    expect(outcomes).toEqual(["connect_timeout", "ok", "ok", "ok", "ok", "ok"]);
  });

  const finding = fc.oneof(
    fc
      .tuple(fc.double({ min: 0, max: 5_000, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }))
      .map(([totalMs, share]) => ok(totalMs, share * totalMs)),
    fc.constantFrom(silence, short, hang),
  );

  it("keeps waits and patience within the configured timeout, and above their floors", () => {
    fc.assert(
      fc.property(fc.array(finding), fc.integer({ min: 500, max: 10_000 }), (findings, timeoutMs) => {
        const pace = paceOf(...findings);
        const waits = connectWithinMs(pace, timeoutMs, USUAL);
        expect(waits).toBeLessThanOrEqual(timeoutMs);
        expect(waits).toBeGreaterThanOrEqual(Math.min(500, timeoutMs));
        expect(patienceMs(pace, timeoutMs)).toBeLessThanOrEqual(timeoutMs);
        expect(patienceMs(pace, timeoutMs)).toBeGreaterThanOrEqual(Math.min(1_000, timeoutMs));
      }),
    );
  });

  it("gives a path half a second where its whole site is silent, and never less than it has shown", () => {
    const again = { isPatient: false, isSiteSilent: true, siblingMs: 0 };
    expect(connectWithinMs(paceOf(...quick, short), 5_000, again)).toBe(500);
    expect(connectWithinMs(paceOf(ok(20)), 5_000, again)).toBe(500);
    expect(connectWithinMs(FRESH_PACE, 5_000, again)).toBe(1_000);
    expect(connectWithinMs(paceOf(...quick), 5_000, { ...again, siblingMs: 1_400 })).toBe(2_100);
    fc.assert(
      fc.property(fc.array(finding), fc.integer({ min: 0, max: 4_000 }), (findings, openMs) => {
        const pace = paceOf(...findings, ...times(60, ok(openMs)), short);
        expect(connectWithinMs(pace, 5_000, again)).toBeGreaterThanOrEqual(openMs);
      }),
    );
  });

  it("holds a probe for late once it is later than its path usually is", () => {
    expect(lateAfterMs(FRESH_PACE)).toBe(1_000);
    expect(lateAfterMs(paceOf(...quick))).toBe(300);
    expect(lateAfterMs(paceOf(...times(60, ok(700))))).toBeGreaterThanOrEqual(700);
  });
});
