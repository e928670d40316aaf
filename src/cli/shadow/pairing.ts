import { fitted, NO_SITE } from "../shared/arguments/naming.ts";
import { printable } from "../shared/output/trouble.ts";
import type { Named } from "./sources/checker-source.ts";

/** Whom a checker's names stand for. */
export interface Pairs {
  /** `site/target` by name. */
  pairs: Record<string, string>;
  /** Names that stand for nobody, or for somebody whom another name stands for too. */
  unmatched: string[];
  /** Targets that no name stands for. */
  alone: string[];
}

export interface PairingRules {
  /** By hand: name to `site/target`; it goes before all else. */
  map: ReadonlyMap<string, string>;
  /** The site that `parallax import` was given for all. */
  site: string | undefined;
}

/** The one target whose name alone is this, whatever its site: an import with another `--site` wrote it. */
const soleOf = (name: string, targets: ReadonlySet<string>): string | undefined => {
  const found = [...targets].filter((place) => place.endsWith(`/${name}`));
  return found.length === 1 ? found[0] : undefined;
};

/** By hand; by the very name; as import would have named it; by the target's name alone where only one has it. */
const placeOf = ({ name, site, target }: Named, targets: ReadonlySet<string>, rules: PairingRules) => {
  const short = fitted(target, "target");
  const imported = `${rules.site ?? fitted(site ?? NO_SITE, "site")}/${short}`;
  const mapped = rules.map.get(name);
  if (mapped !== undefined) return mapped;
  return [name, imported].find((place) => targets.has(place)) ?? soleOf(short, targets);
};

/** `targets`: all that the detector has, as `site/target`. */
export const paired = (named: readonly Named[], targets: ReadonlySet<string>, rules: PairingRules): Pairs => {
  const found = named.map((one) => ({ name: one.name, place: placeOf(one, targets, rules) }));
  const taken = new Map<string, number>();
  for (const { place } of found) if (place !== undefined) taken.set(place, (taken.get(place) ?? 0) + 1);
  const good = found.flatMap(({ name, place }): [string, string][] =>
    place !== undefined && targets.has(place) && taken.get(place) === 1 ? [[name, place]] : [],
  );
  const pairs = Object.fromEntries(good.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  const matched = new Set(Object.values(pairs));
  return {
    pairs,
    unmatched: found.flatMap(({ name }) => (Object.hasOwn(pairs, name) ? [] : [name])).toSorted(),
    alone: [...targets].filter((place) => !matched.has(place)).toSorted(),
  };
};

/** What a person reads at the start. Names are the checker's words. */
export const pairLines = ({ pairs, unmatched, alone }: Pairs, absent: readonly string[]): string[] =>
  [
    `matched: ${Object.keys(pairs).length}`,
    ...Object.entries(pairs).map(([name, place]) => `  ${name} = ${place}`),
    ...(unmatched.length === 0
      ? []
      : [
          `of the checker alone, or of one target with another name (${unmatched.length}): name them by --map NAME=SITE/TARGET`,
          ...unmatched.map((name) => `  ${name}`),
        ]),
    ...(alone.length === 0
      ? []
      : [`of Parallax alone (${alone.length}):`, ...alone.map((place) => `  ${place}`)]),
    ...(absent.length === 0
      ? []
      : [
          `mapped, and not among the checker's names (${absent.length}):`,
          ...absent.map((name) => `  ${name}`),
        ]),
  ].map(printable);
