import { describe, expect, it } from "vitest";
import { closedBecause, type GateFacts } from "../../../src/cli/gate/reason.ts";
import { checkIn } from "../../../src/client/check-calls.ts";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";

const NOW = Date.parse("2026-11-22T18:30:10.000Z");
const PLACE = { site: "fra", target: "db-1" };
const at = (seconds: number): string => new Date(NOW + seconds * 1_000).toISOString();

const DEAD: VerdictAnswer = {
  ...PLACE,
  verdict: "node_dead",
  rule: "dead",
  waitingFor: null,
  scope: "target",
  confirmed: true,
  confidence: 0.999,
  beliefs: { up: 0, crashed: 0, dead: 1, hung: 0, gray: 0, cut: 0 },
  sequence: 42,
  since: at(-20),
  asOf: at(-2),
  validUntil: at(13),
  stale: false,
  lastVerdict: "alive",
  because: "5 of 5 sound vantages got no answer",
  reachableFrom: [],
  unreachableFrom: ["weur"],
  notCounted: [],
  evidence: [],
  advice: { routing: "avoid", regions: {}, failover: true, reason: "confirmed node_dead" },
  drill: null,
  override: null,
  warnings: [],
  paused: false,
  muted: null,
  told: [],
};

const closed = (
  changes: Partial<VerdictAnswer>,
  {
    line = "failover node_dead fra/db-1 seq=42",
    status = 200,
    ...facts
  }: Partial<GateFacts> & { line?: string; status?: number } = {},
): string | undefined => {
  const failover = checkIn("failover", PLACE, { status, headers: new Headers(), text: line });
  if (failover === null) throw new Error(`not a line of the detector: ${line}`);
  return closedBecause({
    place: PLACE,
    verdict: { ...DEAD, ...changes },
    failover,
    now: NOW,
    seen: 0,
    ...facts,
  });
};

const ordered = (until: string): Partial<VerdictAnswer> => ({
  confirmed: false,
  stale: true,
  override: { advice: { failover: true }, reason: "we fenced it", until },
});

describe("the gate", () => {
  it("opens for failover that is advised, confirmed, fresh and of the newest sequence", () => {
    expect(closed({})).toBeUndefined();
    expect(closed({}, { seen: 42 })).toBeUndefined();
    expect(closed({}, { seen: 41 })).toBeUndefined();
  });

  it("opens for an operator's word that has not run out, and only then", () => {
    expect(closed(ordered(at(1)))).toBeUndefined();
    expect(closed(ordered(at(-1)))).toContain("not confirmed");
    expect(
      closed({ ...ordered(at(1)), override: { verdict: "node_dead", reason: "x", until: at(60) } }),
    ).toContain("not confirmed");
  });

  it.each([
    [
      "is not advised",
      { advice: { ...DEAD.advice, failover: false, reason: "not confirmed" } },
      "not advised",
    ],
    ["is not confirmed", { confirmed: false }, "not confirmed"],
    ["rests on stale evidence", { stale: true }, "stale"],
    ["has no end of validity", { validUntil: null }, "stale"],
    ["rests on nothing observed", { asOf: null }, "stale"],
    ["was valid until now", { validUntil: at(0) }, "valid until"],
    ["is of the future", { asOf: at(60) }, "of the future"],
    ["has no readable validity", { validUntil: "soon" }, "valid until"],
    ["has no readable age", { asOf: "just now" }, "of the future"],
    ["is about another target", { target: "db-2" }, "about fra/db-2"],
    ["is about another site", { site: "ams" }, "about ams/db-1"],
    ["moved on before /failover", { sequence: 41 }, "changing"],
    ["is another verdict than /failover's", { verdict: "process_crashed" }, "changing"],
  ] as [string, Partial<VerdictAnswer>, string][])(
    "stays closed when the verdict %s",
    (_what, changes, why) => {
      expect(closed(changes)).toContain(why);
    },
  );

  it("stays closed when /failover holds, or knows nothing", () => {
    expect(closed({}, { status: 409, line: "hold node_dead fra/db-1 seq=42 drill=3f9a" })).toContain("holds");
    expect(closed({}, { status: 409, line: "hold unknown fra/db-1 unavailable" })).toContain("changing");
  });

  it("stays closed for a sequence older than one seen before", () => {
    expect(closed({}, { seen: 43 })).toBe("sequence 42 is older than 43, which was seen before");
  });
});

describe("answers that contradict themselves", () => {
  it.each<Partial<VerdictAnswer>>([{ verdict: "alive" }, { verdict: "unknown" }, { paused: true }])(
    "keep the gate closed: failover of %j",
    (changes) => {
      const line = `failover ${changes.verdict ?? "node_dead"} fra/db-1 seq=42`;
      expect(closed(changes, { line })).toContain("contradicts itself");
      // An operator may order a failover that the judge would not advise.
      expect(closed({ ...changes, ...ordered(at(60)) }, { line })).toBeUndefined();
    },
  );

  it.each(["stale", "unavailable", "cached"])("a yes that is %s is no answer of the detector", (remark) => {
    const text = `failover node_dead fra/db-1 seq=42 ${remark}`;
    const headers = new Headers();
    expect(checkIn("failover", PLACE, { status: 200, headers, text })).toBeNull();
    expect(
      checkIn("avoid", PLACE, { status: 200, headers, text: text.replace("failover", "avoid") }),
    ).toBeNull();
    // A check whose errors only lead towards serving repeats its last answer.
    expect(checkIn("up", PLACE, { status: 200, headers, text: text.replace("failover", "up") })?.bit).toBe(
      true,
    );
  });
});
