import { describe, expect, test } from "vitest";
import { parseOptions } from "./options.ts";
import type { Outcome } from "./outcome.ts";
import { drawRounds, LEASE_MS, wordsOf } from "./plan.ts";
import { Recorder } from "./recorder.ts";
import { asJson, asText, complaintsOf, isRight, summaryOf } from "./table.ts";

describe("the rounds", () => {
  const seeds = Array.from({ length: 50 }, (_, index) => index);

  test("follow from their seed, whatever their number", () => {
    expect(drawRounds(7, 30).slice(0, 10)).toEqual(drawRounds(7, 10));
    expect(drawRounds(7, 30)).not.toEqual(drawRounds(8, 30));
  });

  test("meet each kind of fault, and fit into eight minutes, from any seed", () => {
    for (const seed of seeds) {
      const rounds = drawRounds(seed, 30);
      const kinds = new Set(rounds.map(({ fault }) => fault.kind));
      expect(kinds.size).toBeGreaterThanOrEqual(4);
      expect(rounds.reduce((sum, { lastsMs, quietMs }) => sum + lastsMs + quietMs, 0)).toBeLessThan(480_000);
    }
  });

  test("meet every single fault there is among a few seeds, and freeze nothing for longer than two leases", () => {
    const rounds = seeds.flatMap((seed) => drawRounds(seed, 30));
    expect([...new Set(rounds.map(({ fault }) => wordsOf(fault)))].toSorted()).toEqual(
      [
        "cut from all",
        "cut from the detector",
        "cut from the others",
        "cut from the store",
        "kill -9 of agent",
        "kill -9 of all",
        "kill -9 of guard",
        "kill -9 of register",
        "SIGSTOP of agent",
        "SIGSTOP of all",
        "SIGSTOP of guard",
        "SIGSTOP of register",
        "agent's clock +5 s",
        "agent's clock -5 s",
        "detector's clock +5 s",
        "detector's clock -5 s",
        "detector frozen",
        "switch while cut from the detector",
        "switch while stopped",
        "detector killed",
      ].toSorted(),
    );
    const frozen = rounds.filter(({ fault }) => fault.kind === "freeze");
    expect(rounds.every(({ fault, victim }) => fault.kind !== "switch" || victim === "leader")).toBe(true);
    expect(Math.max(...frozen.map(({ lastsMs }) => lastsMs))).toBeLessThanOrEqual(2 * LEASE_MS);
  });
});

describe("the command line", () => {
  test("has a default for everything", () => {
    expect(parseOptions([], 5)).toEqual({
      lease: "strict",
      rounds: 30,
      seed: 5,
      json: false,
      keep: undefined,
      unfenced: false,
    });
  });

  test.each([
    [["--lease", "none"], "--lease: advisory or strict"],
    [["--rounds", "0"], "--rounds: 1 to 1000"],
    [["--rounds", "many"], "--rounds: 1 to 1000"],
    [["--seed", "-1"], /--seed/],
    [["--nothing"], /--nothing/],
  ])("turns %s away, naming it", (words, complaint) => {
    expect(parseOptions(words, 5)).toMatch(complaint);
  });
});

describe("the recorder", () => {
  test("ends a belief by the next word, by the process's end, or by the run's", () => {
    const recorder = new Recorder();
    recorder.leads("a", 1, 10);
    recorder.leads("a", 2, 20);
    recorder.leads("a", null, 30);
    recorder.leads("a", null, 35);
    recorder.leads("b", 3, 40);
    const { beliefs } = recorder.history();
    expect(beliefs.map(({ node, epoch, from }) => [node, epoch, from])).toEqual([
      ["a", 1, 10],
      ["a", 2, 20],
      ["b", 3, 40],
    ]);
    expect(beliefs.slice(0, 2).map(({ to }) => to)).toEqual([20, 30]);
    expect(beliefs[2]?.to).toBeGreaterThan(40);
  });

  test("keeps what the detector tells where it is another than before", () => {
    const recorder = new Recorder();
    for (const [node, epoch] of [
      ["a", 1],
      ["a", 1],
      ["b", 2],
      ["b", 2],
      ["a", 1],
    ] as const)
      recorder.hearTold(node, epoch);
    expect(recorder.told.map(({ node, epoch }) => `${node} ${epoch}`)).toEqual(["a 1", "b 2", "a 1"]);
  });
});

describe("what is told of a run", () => {
  const options = {
    lease: "strict",
    rounds: 1,
    seed: 5,
    json: true,
    keep: undefined,
    unfenced: false,
  } as const;
  const right: Outcome = {
    rows: [
      {
        number: 1,
        fault: "cut from all",
        victim: "fra-1",
        lastsMs: 4_000,
        before: "fra-1 3",
        after: "fra-2 4",
        gapMs: 3_400,
        againMs: 10,
        ok: 70,
        refused: 9,
        unknown: 2,
      },
    ],
    violations: [],
    counts: {
      operations: 81,
      ok: 70,
      refused: 9,
      fenced: 1,
      unknown: 2,
      stored: 41,
      epochs: 2,
      heldMs: 80,
      unexcusedMs: 0,
    },
    seconds: 20,
  };

  test("is right where every law was kept, something was written, and it was written to again after each fault", () => {
    expect(isRight(right)).toBe(true);
    expect(isRight({ ...right, counts: { ...right.counts, stored: 0 } })).toBe(false);
    const never = { ...right, rows: right.rows.map((row) => ({ ...row, againMs: null })) };
    expect(isRight(never)).toBe(false);
    expect(asText(never)).toContain("NEVER");
    expect(complaintsOf(never)).toEqual(["round 1: no write was acknowledged again"]);
    const broken = { law: "no-stale-write", reason: "a write was", excerpt: ["one", "two"] } as const;
    const wrong = { ...right, violations: [{ ...broken, excerpt: [...broken.excerpt] }] };
    expect(isRight(wrong)).toBe(false);
    expect(complaintsOf(wrong)).toEqual(["no-stale-write: a write was", "  one", "  two"]);
  });

  test("has a line a round, a line for all, and the same for a machine", () => {
    expect(asText(right)).toMatch(/fra-1 3 +fra-2 4 +3\.4 s/);
    expect(summaryOf(right, options)).toMatch(
      /^strict, seed 5, 1 rounds in 20 s: 81 operations.* 0 laws broken$/,
    );
    expect(JSON.parse(asJson(right, options))).toMatchObject({
      lease: "strict",
      seed: 5,
      rows: [{ gapMs: 3_400 }],
    });
  });
});
