/** A law broken, made short, and kept: what the folder of found lists holds and `found.test.ts` plays. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judge } from "../../../src/verdict/judge.ts";
import type { Breach, Facts, Law, Told } from "./history.ts";
import { live } from "./hunt.ts";
import type { Judge } from "../parallax/aggregator.ts";
import { lawNamed } from "./laws.ts";
import { planOf } from "./plan.ts";
import { replayed, shrunk } from "./shrink.ts";

export interface Finding {
  law: string;
  sentence: string;
  /** Where it was found, and the world in words. */
  seed: number;
  world: string[];
  breach: Breach;
  facts: Facts;
  isWoken: boolean;
  judgements: readonly Told[];
}

/** The breach of a law in the world of a seed, made short; null where the world keeps the law. */
export const findingOf = async (seed: number, law: Law): Promise<Finding | null> => {
  const plan = planOf(seed);
  const { moments, facts } = await live(plan);
  const [found] = law.breaches({ moments, facts }, judge);
  if (found === undefined) return null;
  const told = moments.map(({ now, events }) => ({ now, events }));
  const short = shrunk(told, facts, law, found);
  return {
    law: law.name,
    sentence: law.sentence,
    seed,
    world: plan.words,
    breach: short?.breach ?? found,
    facts: short?.facts ?? facts,
    isWoken: short?.isWoken ?? false,
    judgements: short?.told ?? told,
  };
};

/** What one finding is asked for by, since laws cannot be sent between threads. */
export interface FindingTask {
  seed: number;
  law: string;
}

export const findingFor = ({ seed, law }: FindingTask): Promise<Finding | null> =>
  findingOf(seed, lawNamed(law));

/** How a finding still breaks its law by this judge: nothing once that is mended. */
export const breachesLeft = (finding: Finding, by: Judge): Breach[] => {
  const { law, facts, isWoken, judgements: told } = finding;
  return lawNamed(law).breaches({ moments: replayed(by, { told, facts, isWoken }), facts }, by);
};

/** How many events a finding holds, and how many observations. */
export const sizeOf = ({
  judgements,
}: Pick<Finding, "judgements">): { events: number; observations: number } => {
  const events = judgements.flatMap((one) => one.events);
  const observations = events.reduce(
    (sum, event) => sum + (event.kind === "report" ? event.report.observations.length : 0),
    0,
  );
  return { events: events.length, observations };
};

/** Writes it where it becomes a test; returns the path. */
export const keep = (finding: Finding, folder: string): string => {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${finding.law}-${finding.seed}.json`);
  writeFileSync(path, `${JSON.stringify(finding)}\n`);
  return path;
};
