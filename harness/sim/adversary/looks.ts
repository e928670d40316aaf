/** Every look that was reported, in the order of the reports. */
import type { Observation } from "../../../src/domain/observation.ts";
import type { Vantage } from "../../../src/domain/vantage.ts";
import type { Facts, Told } from "./history.ts";

export interface Look {
  key: string;
  subject: Observation["subject"];
  vantage: string;
  /** Its vantage stands inside the target's own site. */
  isInside: boolean;
  begin: number;
  /** `pending` if no later report completes it. */
  outcome: Observation["outcome"];
  /** When the judge received it. */
  toldAt: number;
}

/** Where every vantage stands, by id. */
export const rosterIn = (told: readonly Told[]): Map<string, Vantage> => {
  const roster = new Map<string, Vantage>();
  for (const { events } of told)
    for (const event of events)
      if (event.kind === "roster") for (const vantage of event.vantages) roster.set(vantage.id, vantage);
  return roster;
};

/** Of these looks those whose vantage did not lie then. */
export const honest = (looks: readonly Look[], { lying = [] }: Pick<Facts, "lying">): Look[] =>
  lying.length === 0
    ? [...looks]
    : looks.filter(
        ({ begin, vantage }) =>
          !lying.some(({ vantage: liar, from, to }) => liar === vantage && begin >= from && begin < to),
      );

/**
 * All looks, by target; a report that came twice is taken once, and what was still silent when it was first told of is replaced
 * by what came of it.
 */
export const looksIn = (told: readonly Told[]): Map<string, Look[]> => {
  const roster = rosterIn(told);
  const taken = new Map<string, number>();
  const looks = new Map<string, Map<string, Look>>();
  for (const { now, events } of told)
    for (const event of events) {
      if (event.kind !== "report") continue;
      const { vantage, sequence, observations } = event.report;
      if (sequence <= (taken.get(vantage) ?? 0)) continue;
      taken.set(vantage, sequence);
      for (const { site, target, subject, begin, outcome } of observations) {
        if (outcome === "blocked") continue;
        const key = `${site}/${target}`;
        const isInside = roster.get(vantage)?.site === site;
        const own = looks.get(key) ?? new Map<string, Look>();
        const name = `${vantage} ${subject} ${begin}`;
        // A look that is reported again takes its place among those reported now.
        own.delete(name);
        own.set(name, { key, subject, vantage, isInside, begin, outcome, toldAt: now });
        looks.set(key, own);
      }
    }
  return new Map([...looks].map(([key, own]) => [key, [...own.values()]]));
};
