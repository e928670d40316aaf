/** A vantage of another network that lies, and one that has a path of its own: both alone say that they are answered. */
import { describe, expect, it } from "vitest";
import { judge as production } from "../../../src/verdict/judge.ts";
import { NO_CLAIMS } from "../../../src/verdict/memory/observation-record.ts";
import { runs } from "../../../test/runs.ts";
import type { Fault } from "../fault.ts";
import { ELSEWHERE, placesOf } from "../layout.ts";
import type { Judge } from "../parallax/aggregator.ts";
import { keyOf } from "./fleet.ts";
import { wordsIn } from "./history.ts";
import { brokenIn, live } from "./hunt.ts";
import { lawNamed } from "./laws.ts";
import { type Plan, planOf } from "./plan.ts";

/** Everybody has looked at everything several times by then, unless the interval is a minute; milliseconds. */
const CALM_MS = 60_000;
/** How long a trouble lasts, in intervals and milliseconds on top: longer than any target may be held back. */
const ROUNDS = 8;
const MORE_MS = 60_000;

interface At {
  key: string;
  site: string;
  place: string;
  from: number;
  to: number;
}

/** The fleet of a seed, with a vantage elsewhere and one inside each site, and the troubles of its first target. */
const planned = (seed: number, befalls: (at: At) => Fault[]): Plan => {
  const plan = planOf(seed);
  const { begin, fleet } = plan;
  const [first] = fleet.targets;
  if (first === undefined) throw new Error(`the fleet of seed ${seed} is empty`);
  const layout = {
    ...fleet.layout,
    vantages: Math.max(5, fleet.layout.vantages),
    elsewhere: Math.max(1, fleet.layout.elsewhere),
    insideOf: [...new Set(fleet.targets.map(({ site }) => site))],
  };
  const from = begin + CALM_MS + 2 * first.intervalMs;
  const to = from + ROUNDS * first.intervalMs + MORE_MS;
  const place = placesOf(layout).find(({ provider }) => provider === ELSEWHERE)?.id ?? "";
  const faults = befalls({ key: keyOf(first), site: first.site, place, from, to });
  return { ...plan, fleet: { ...fleet, layout }, faults, end: to, words: [] };
};

const LAWS = ["no-failover-of-the-served", "no-liar-holds", "two-kinds"].map(lawNamed);

const playedOut = async (plan: Plan, judge: Judge = production) => {
  const history = await live(plan, judge);
  const [first] = plan.fleet.targets;
  const words = wordsIn(history.moments).get(first === undefined ? "" : keyOf(first)) ?? [];
  return {
    seed: plan.seed,
    failover: words.some((word) => word.failover),
    broken: brokenIn(history, LAWS, judge).map(({ law }) => law),
  };
};

const lying =
  (share: number) =>
  ({ key, place, from, to }: At): Fault[] => [
    { on: "place", place, state: "lying", share, from: from - CALM_MS / 2, to },
    { on: "target", key, state: "crashed", from, to },
  ];

const privately =
  (befalls: (at: At) => Fault) =>
  (at: At): Fault[] => [
    { on: "place", place: at.place, state: "private", site: at.site, from: at.from - CALM_MS / 2, to: at.to },
    befalls(at),
  ];

/** Never overrules anybody: a claim is always as old as the moment. */
const trusting: Judge = (before, events, now, tuning) => {
  const vantages = [...before.vantages].map(([id, record]) => [id, { ...record, alone: NO_CLAIMS }] as const);
  return production({ ...before, vantages: new Map(vantages) }, events, now, tuning);
};

const SEEDS = Array.from({ length: runs(3) }, (_, index) => 1 + index);
const ofEach = async (befalls: (at: At) => Fault[], judge?: Judge) => {
  const all = [];
  // oxlint-disable-next-line no-await-in-loop -- worlds share this core
  for (const seed of SEEDS) all.push(await playedOut(planned(seed, befalls), judge));
  return all;
};
const all = (failover: boolean, broken: string[] = []) => SEEDS.map((seed) => ({ seed, failover, broken }));

describe("a vantage that lies, of a crashed process", () => {
  it("holds back its failover no longer than the law allows", async () => {
    expect(await ofEach(lying(1))).toEqual(all(true));
  });

  it("holds it back not for ever where it tells the truth in between", async () => {
    expect((await ofEach(lying(0.6))).map(({ failover }) => failover)).toEqual(SEEDS.map(() => true));
  });

  it("would, and the law is broken, by a judge that goes on believing it", async () => {
    const found = await ofEach(lying(1), trusting);
    expect(found.map(({ failover }) => failover)).toEqual(SEEDS.map(() => false));
    expect(found.flatMap(({ broken }) => broken)).toContain("no-liar-holds");
  });
});

describe("a vantage with a path of its own, to a target that serves", () => {
  it.each<[string, (at: At) => Fault]>([
    [
      "is refused for to all others outside",
      ({ key, from, to }) => ({ on: "target", key, state: "shielded", distance: 1, from, to }),
    ],
    [
      "is cut off from all others outside",
      ({ key, from, to }) => ({ on: "target", key, state: "cut", from, to }),
    ],
    [
      "is in a site that is refused for",
      ({ site, from, to }) => ({ on: "site", site, state: "shielded", distance: 1, from, to }),
    ],
    [
      "is in a site that is cut off",
      ({ site, from, to }) => ({ on: "site", site, state: "cut", wordsPass: false, from, to }),
    ],
  ])("that %s is never failed over", async (_name, befalls) => {
    expect(await ofEach(privately(befalls))).toEqual(all(false));
  });
});
