import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ASSUMPTIONS, weigh } from "../../scripts/calibrate/assumptions.ts";
import { type Measured, textOf } from "../../scripts/calibrate/record.ts";
import type { Attempt } from "../../src/domain/attempt.ts";

const NOTHING: Measured = { vantages: [], reached: [], watched: [] };

const attempt = (by: Attempt["by"], change: Partial<Attempt>): Attempt => ({
  by,
  end: "failed",
  tookMs: 3,
  status: null,
  proxied: false,
  body: null,
  thrown: null,
  ...change,
});
const thrown = (retryable: boolean | null, message = "lost"): Attempt["thrown"] => ({
  name: "Error",
  message,
  code: null,
  retryable,
  overloaded: null,
  remote: null,
});

const reached = (fault: string, ...attempts: Attempt[]): Measured => ({
  ...NOTHING,
  reached: [{ fault, vantage: "weur", colo: "AMS", attempts }],
});
const looked = (
  fault: string,
  outcome: "ok" | "refused" | "connect_timeout",
  verdict: "alive" | "process_crashed",
) => ({
  ...NOTHING,
  watched: [
    {
      fault,
      verdicts: [{ verdict, confirmed: true, rule: "crashed", afterMs: 900 }],
      looks: [{ vantage: "weur", outcome, stage: "connect" as const, totalMs: 5, detail: "so" }],
    },
  ],
});
const six = (...tookMs: number[]): Measured =>
  reached(
    "at-once",
    ...tookMs.map((each) => attempt("fetch", { end: "answered", status: 200, tookMs: each })),
  );

describe("what a record says of our assumptions", () => {
  it("is nothing where nothing was tried", () => {
    expect(weigh(NOTHING).map(({ held }) => held)).toEqual(ASSUMPTIONS.map(() => "not tried"));
  });

  it.each<[string, Measured, Measured]>([
    [
      "refusals-are-prompt",
      reached("crashed", attempt("connect", { tookMs: 180 })),
      reached("crashed", attempt("connect", { tookMs: 2_400 })),
    ],
    [
      "broken-is-retryable",
      reached("crashed", attempt("fetch", { thrown: thrown(true) })),
      reached("crashed", attempt("fetch", { thrown: thrown(null) })),
    ],
    [
      "broken-is-retryable",
      reached("reset", attempt("fetch", { end: "answered", status: 520, proxied: true })),
      reached("reset", attempt("fetch", { end: "answered", status: 520, proxied: false })),
    ],
    [
      "tls-is-not-retryable",
      reached("certificate", attempt("fetch", { thrown: thrown(null) })),
      reached("certificate", attempt("fetch", { thrown: thrown(true) })),
    ],
    [
      "tls-tells-by-two",
      reached("no-tls", attempt("connect", { end: "opened" })),
      reached("no-tls", attempt("connect", { end: "failed" })),
    ],
    [
      "one-text-for-all",
      reached(
        "no-tls",
        attempt("connect", { thrown: thrown(null) }),
        attempt("connect with TLS", { thrown: thrown(null) }),
      ),
      reached(
        "no-tls",
        attempt("connect", { thrown: thrown(null) }),
        attempt("connect with TLS", { thrown: thrown(null, "bad") }),
      ),
    ],
    [
      "frozen-lets-in",
      reached("frozen", attempt("fetch", { end: "late" }), attempt("connect", { end: "opened" })),
      reached("frozen", attempt("fetch", { end: "late" }), attempt("connect", { end: "late" })),
    ],
    [
      "nowhere-is-silent",
      reached("nowhere", attempt("connect", { end: "late" })),
      reached("nowhere", attempt("connect", { end: "failed" })),
    ],
    [
      "bodies-break-aloud",
      reached("truncated", attempt("fetch", { end: "answered", status: 200, thrown: thrown(true) })),
      reached("truncated", attempt("fetch", { end: "answered", status: 200 })),
    ],
    [
      "proxied-crash-is-521",
      reached(
        "proxied",
        attempt("fetch", { end: "answered", status: 521, proxied: true, body: "error code: 521" }),
      ),
      reached("proxied", attempt("fetch", { end: "answered", status: 521, proxied: true, body: "<html>" })),
    ],
    [
      "six-at-once",
      six(1_500, 1_500, 1_500, 1_500, 1_500, 1_600, 3_000, 3_100),
      six(1_500, 1_500, 1_500, 1_500, 1_500, 1_600, 1_500, 1_510),
    ],
    [
      "hints-hold",
      { ...NOTHING, vantages: [{ id: "weur", region: "weur", colo: "AMS" }] },
      { ...NOTHING, vantages: [{ id: "weur", region: "weur", colo: "EWR" }] },
    ],
    [
      "found-crashed",
      looked("crashed", "refused", "process_crashed"),
      looked("crashed", "connect_timeout", "process_crashed"),
    ],
    ["held-crashed", looked("crashed", "refused", "process_crashed"), looked("crashed", "refused", "alive")],
  ])("%s holds, or is contradicted by what was found", (id, good, bad) => {
    const of = (measured: Measured) => weigh(measured).find((one) => one.id === id);
    expect(of(good)).toMatchObject({ held: "held", found: [] });
    expect(of(bad)).toMatchObject({ held: "contradicted" });
    expect(of(bad)?.found).toHaveLength(1);
  });

  it("names a page that is there for each, and each once", () => {
    expect(ASSUMPTIONS.filter(({ page }) => !existsSync(page))).toEqual([]);
    expect(new Set(ASSUMPTIONS.map(({ id }) => id)).size).toBe(ASSUMPTIONS.length);
  });

  it("is written without what must not be in it, wherever it stands", () => {
    const record = {
      format: "parallax-calibration-1" as const,
      parallax: "0.1.0",
      madeAt: "2026-01-01T00:00:00.000Z",
      isWhole: false,
      troubles: ["GET https://node.example/ with key-1 failed at example"],
      assumptions: [],
      ...NOTHING,
    };
    const text = textOf(record, ["key-1", "", "example", "node.example"]);
    expect((JSON.parse(text) as typeof record).troubles).toEqual(["GET https://…/ with … failed at …"]);
  });
});
