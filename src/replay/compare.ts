/** Where transitions that were made again differ from those that were published. */
import { keyOf } from "../domain/plain/names.ts";
import type { PublishedTransition } from "../domain/replay.ts";
import type { Change } from "../verdict/memory/judge-state.ts";

/** The transition published under a number, and the one made again under it; one of them may be missing. */
export interface Difference {
  published: PublishedTransition | null;
  replayed: PublishedTransition | null;
}

/** The parts of a change that are compared. */
export const comparedOf = ({ site, target, transition }: Change): PublishedTransition => {
  const { sequence, at, from, to, rule, confirmed, advice } = transition;
  const { routing, failover } = advice;
  return { site, target, sequence, at, from, to, rule, confirmed, advice: { routing, failover } };
};

const isSame = (a: PublishedTransition, b: PublishedTransition): boolean =>
  a.at === b.at &&
  a.from === b.from &&
  a.to === b.to &&
  // Null in transitions that were kept before rules had names.
  (a.rule === null || b.rule === null || a.rule === b.rule) &&
  a.confirmed === b.confirmed &&
  a.advice.routing === b.advice.routing &&
  a.advice.failover === b.advice.failover;

const numbered = ({ site, target, sequence }: PublishedTransition): string =>
  `${keyOf(site, target)} ${sequence}`;

/** All differences: first those of published transitions, in their order, then transitions that only the replay made. */
export const differencesOf = (
  published: readonly PublishedTransition[],
  changes: readonly Change[],
): Difference[] => {
  const replayed = new Map(changes.map(comparedOf).map((one) => [numbered(one), one]));
  const differences: Difference[] = [];
  for (const one of published) {
    const again = replayed.get(numbered(one)) ?? null;
    replayed.delete(numbered(one));
    if (again === null || !isSame(one, again)) differences.push({ published: one, replayed: again });
  }
  return [...differences, ...[...replayed.values()].map((one) => ({ published: null, replayed: one }))];
};
