import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { leftOf, proven as provenBy, provenAt, UNPROVEN } from "../../src/verdict/memory/sighting.ts";
import type { Proof, Sighting } from "../../src/verdict/memory/state.ts";
import { TUNING } from "../../src/verdict/tuning.ts";

const proven = (proof: Proof, at: number): Proof => provenBy(proof, at, TUNING);

const sighting = (part: Partial<Sighting>): Sighting => ({
  begin: 10_000,
  outcome: "ok",
  stage: "done",
  totalMs: 300,
  ...part,
});

describe("when a sighting proves its path", () => {
  it.each<[string, Partial<Sighting>, number, number | null]>([
    ["an answer, by when its last leg was sent and a guard", { connectMs: 100 }, 20_000, 10_300],
    ["an answer, never later than it arrived", { connectMs: 100 }, 10_150, 10_150],
    ["a refusal, by its one leg", { outcome: "refused", stage: "connect" }, 20_000, 10_200],
    ["an accepted connection, by its opening", { outcome: "pending", stage: "response" }, 20_000, 10_200],
    ["silence proves nothing", { outcome: "connect_timeout", stage: "connect" }, 20_000, null],
    ["nor does what is still silent", { outcome: "pending", stage: "connect" }, 20_000, null],
    ["nor a name that failed", { outcome: "dns_failure", stage: "connect" }, 20_000, null],
    ["nor a proxy's word for the node", { outcome: "app_error", proxied: true }, 20_000, null],
  ])("%s", (_name, part, arrivedAt, at) => {
    expect(provenAt(sighting(part), arrivedAt, TUNING)).toBe(at);
  });
});

describe("a gap between two proofs", () => {
  const suspected = (badness: number): Proof => ({ at: 0, badness, gap: null });

  it("explains nothing where nothing was suspected: what was silent in it was lost", () => {
    expect(leftOf(proven(suspected(0.001), 10_000), 5_000)).toBe(1);
  });

  it("explains the more the surer the fault was and the longer it lasted", () => {
    const left = (badness: number, ms: number): number => leftOf(proven(suspected(badness), ms), ms / 2);
    expect(left(0.99, 10_000)).toBeLessThan(left(0.9, 10_000));
    expect(left(0.99, 30_000)).toBeLessThan(left(0.99, 10_000));
    expect(left(0.99999, 30_000)).toBe(0);
  });

  it("explains only what began in it", () => {
    const proof = proven({ at: 1_000, badness: 0.9999, gap: null }, 20_000);
    expect([1_000, 1_001, 20_000, 20_001].map((begin) => leftOf(proof, begin) < 1)).toEqual([
      false,
      true,
      true,
      false,
    ]);
  });

  it("is remembered past later gaps that explain nothing, for silences that are told of late", () => {
    const explained = proven({ at: 0, badness: 0.9999, gap: null }, 20_000);
    expect(leftOf(proven(explained, 21_000), 10_000)).toBe(leftOf(explained, 10_000));
  });

  it("proves the same in whatever order the answers arrive", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 100_000 }), { minLength: 1, maxLength: 10 }),
        (times) => {
          const last = times.reduce((proof, at) => proven(proof, at), UNPROVEN);
          expect(last.at).toBe(Math.max(...times));
          expect(last.badness).toBe(0);
        },
      ),
    );
  });
});
