import { describe, expect, it } from "vitest";
import { Conditions } from "../condition.ts";
import { factsOf } from "./facts.ts";
import { planOf, realityOf } from "./plan.ts";
import { TROUBLES } from "./troubles.ts";

/** Enough for each kind to have been drawn several times. */
const SEEDS = Array.from({ length: 600 }, (_, index) => index + 1);
const plans = SEEDS.map(planOf);

const kindsIn = (words: readonly string[]): string[] =>
  words.slice(1).map((line) => line.split(":")[0] ?? "");

describe("the grammar of worlds", () => {
  it("makes the same world of the same seed, and others of others", () => {
    expect(planOf(7)).toEqual(plans[6]);
    expect(planOf(8).words).not.toEqual(plans[6]?.words);
  });

  it("has every kind of trouble befall some world, and up to four at a time", () => {
    const kinds = new Set(plans.flatMap(({ words }) => kindsIn(words)));
    for (const name of Object.keys(TROUBLES)) expect(kinds).toContain(name);
    const besides = ["always", "stranger"];
    const counts = plans.map(({ words }) => kindsIn(words).filter((kind) => !besides.includes(kind)).length);
    expect(Math.max(...counts)).toBe(4);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
    for (const kind of besides) expect(kinds).toContain(kind);
  });

  it("keeps every fault inside of its world, and has some of them last to the end", () => {
    for (const { faults, begin, end } of plans)
      for (const { from, to } of faults) {
        expect(from).toBeGreaterThanOrEqual(begin);
        expect(to).toBeGreaterThan(from);
        expect(to).toBeLessThanOrEqual(end);
      }
    const lasting = plans.filter(({ faults, end }) => faults.some(({ to }) => to === end));
    expect(lasting.length).toBeGreaterThan(plans.length / 4);
  });

  it("draws fleets of all sizes, with and without each kind of second evidence", () => {
    const some = (holds: (plan: (typeof plans)[number]) => boolean): boolean => {
      const count = plans.filter(holds).length;
      return count > 0 && count < plans.length;
    };
    const vantages = new Set(plans.map(({ fleet }) => fleet.layout.vantages));
    expect(Math.min(...vantages)).toBe(3);
    expect(Math.max(...vantages)).toBe(16);
    expect(some(({ fleet }) => fleet.targets.some(({ hasWitness }) => hasWitness))).toBe(true);
    expect(some(({ fleet }) => fleet.targets.some(({ heartbeatMs }) => heartbeatMs !== null))).toBe(true);
    expect(some(({ fleet }) => fleet.targets.some(({ policy }) => policy.outsideProof === true))).toBe(true);
    expect(some(({ fleet }) => (fleet.layout.insideOf?.length ?? 0) > 0)).toBe(true);
    expect(some(({ fleet }) => fleet.sharing.process.size > 0)).toBe(true);
    expect(some(({ fleet }) => fleet.sharing.host.size > 0)).toBe(true);
    expect(some(({ fleet }) => new Set(fleet.targets.map(({ intervalMs }) => intervalMs)).size > 1)).toBe(
      true,
    );
    expect(some(({ fleet }) => fleet.layout.transport !== undefined)).toBe(true);
    expect(some(({ fleet }) => fleet.targets.length >= 40)).toBe(true);
  });
});

describe("what is known to be true of a world", () => {
  it("is what probes see: who can be served is served, but for lost packets", () => {
    let [served, all] = [0, 0];
    for (const plan of plans.slice(0, 60)) {
      const reality = realityOf(plan);
      const { served: spans, unsound } = factsOf(plan);
      for (const { key, vantage, from, to } of spans) {
        const at = Math.round((from + to) / 2);
        if (unsound.some((one) => one.vantage === vantage && one.from <= at && at < one.to)) continue;
        all += 1;
        if (reality.probe(vantage, key, at, 5_000).outcome === "ok") served += 1;
      }
    }
    expect(all).toBeGreaterThan(500);
    expect(served / all).toBeGreaterThan(0.93);
  });

  it("says that a world has stopped changing where no fault begins or ends any more", () => {
    const still = plans.flatMap((plan) => {
      const since = factsOf(plan).stillSince;
      return since === null ? [] : [{ plan, since }];
    });
    expect(still.length).toBeGreaterThan(plans.length / 20);
    for (const { plan, since } of still) {
      const conditions = new Conditions(plan.faults);
      for (const { site, target } of plan.fleet.targets) {
        const later = conditions.turningPoints(`${site}/${target}`, site);
        expect(later.filter((at) => at > since && at < plan.end)).toEqual([]);
      }
    }
  });

  it("calls a site hale only where nothing befalls it", () => {
    for (const plan of plans) {
      const { hale } = factsOf(plan);
      for (const fault of plan.faults) {
        if (fault.on === "site" || fault.on === "path") expect(hale).not.toContain(fault.site);
        if (fault.on === "target" || fault.on === "witness")
          expect(hale).not.toContain(fault.key.split("/")[0]);
      }
    }
    expect(plans.some((plan) => factsOf(plan).hale.length > 0)).toBe(true);
  });
});
