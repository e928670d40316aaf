/** One world played through the production schedule and judge, and held against the laws. */
import { judge as production } from "../../../src/verdict/judge.ts";
import { createParallax, type ParallaxOptions } from "../parallax/detector.ts";
import type { Judge } from "../parallax/aggregator.ts";
import { factsOf } from "./facts.ts";
import type { Breach, History, Law, Moment } from "./history.ts";
import { lawNamed } from "./laws.ts";
import { planOf, type Plan, realityOf } from "./plan.ts";

/** A world's history as it was lived. */
export const live = async (plan: Plan, judge: Judge = production): Promise<History> => {
  const moments: Moment[] = [];
  const bench: ParallaxOptions["bench"] = {
    judge,
    onJudged: (now, events, { state, changes }) => void moments.push({ now, events, state, changes }),
  };
  await createParallax({ bench }).run(realityOf(plan), plan.begin, plan.end);
  return { moments, facts: factsOf(plan) };
};

/** A law that a world breaks. */
export interface Broken {
  seed: number;
  law: string;
  /** The first of each target. */
  breaches: Breach[];
}

export interface Hunted {
  worlds: number;
  broken: Broken[];
  cpuMs: number;
}

/** The laws that a history breaks, with target and time. */
export const brokenIn = (
  history: History,
  laws: readonly Law[],
  judge: Judge = production,
): Omit<Broken, "seed">[] =>
  laws
    .map((law) => ({ law: law.name, breaches: law.breaches(history, judge) }))
    .filter(({ breaches }) => breaches.length > 0);

/** Laws by name, since functions cannot be sent between threads. */
export interface HuntTask {
  seeds: readonly number[];
  laws: readonly string[];
}

/** Plays the worlds of these seeds. */
export const hunt = async ({ seeds, laws: names }: HuntTask): Promise<Hunted> => {
  const laws = names.map((name) => lawNamed(name));
  const hunted: Hunted = { worlds: 0, broken: [], cpuMs: 0 };
  for (const seed of seeds) {
    const begin = process.threadCpuUsage();
    // oxlint-disable-next-line no-await-in-loop -- worlds share this core
    const history = await live(planOf(seed));
    hunted.broken.push(...brokenIn(history, laws).map((one) => ({ seed, ...one })));
    hunted.worlds += 1;
    const { user, system } = process.threadCpuUsage(begin);
    hunted.cpuMs += (user + system) / 1_000;
  }
  return hunted;
};
