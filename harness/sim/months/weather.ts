/** Bad weather as it stands in the timelines of loss: what the world will do, without probing it. */
import { DEFAULT_NETWORK } from "../layout.ts";
import { pathBetween } from "../path.ts";
import type { Place, Reality } from "../reality.ts";

export interface Spell {
  from: number;
  to: number;
}

/** When either direction between a place and a site loses most of what is sent, up to `until`; by beginning. */
export const spellsBetween = (reality: Reality, place: Place, site: string, until: number): Spell[] => {
  const { there, back } = pathBetween(reality.seed, place, site, DEFAULT_NETWORK, reality.beginsAt).loss;
  return [...there.badSpells(until), ...back.badSpells(until)].toSorted((a, b) => a.from - b.from);
};

/** The outside places of a world that has no others, in the order in which they look. */
export const lookersOf = (reality: Reality): readonly Place[] => {
  if (reality.places.some(({ site }) => site !== undefined))
    throw new Error("a place inside looks out of turn");
  return reality.places;
};

/** Moments from which on at least `crowd` places at once have bad weather, or will within `soonMs`. */
export const crowdedMoments = (
  spells: readonly (readonly Spell[])[],
  crowd: number,
  soonMs: number,
): number[] => {
  const steps = spells.flatMap((own) =>
    merged(own).flatMap(({ from, to }) => [
      { at: from - soonMs, by: 1 },
      { at: to, by: -1 },
    ]),
  );
  let inTrouble = 0;
  const moments: number[] = [];
  for (const { at, by } of steps.toSorted((a, b) => a.at - b.at)) {
    inTrouble += by;
    if (by > 0 && inTrouble >= crowd) moments.push(at);
  }
  return moments;
};

/** Spells by beginning, those that overlap as one. */
const merged = (spells: readonly Spell[]): Spell[] => {
  const whole: Spell[] = [];
  for (const { from, to } of spells) {
    const last = whole.at(-1);
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
};
