import { fitted, NO_SITE } from "../shared/arguments/naming.ts";
import { printable } from "../shared/output/trouble.ts";
import type { Named } from "./sources/checker-source.ts";

/** The targets that a checker's names stand for. */
export interface Pairs {
  /** `site/target` by name. */
  pairs: Record<string, string>;
  /** Names that stand for no target, or for one that another name stands for too. */
  unmatched: string[];
  /** Targets that no name stands for. */
  alone: string[];
}

export interface PairingRules {
  /** Set by hand: name to `site/target`. It takes precedence over all other rules. */
  map: ReadonlyMap<string, string>;
  /** The site for all targets that `parallax import` was given. */
  site: string | undefined;
}

/** The only target of this name, in any site: an import with another `--site` wrote it. */
const soleOf = (name: string, targets: ReadonlySet<string>): string | undefined => {
  const found = [...targets].filter((place) => place.endsWith(`/${name}`));
  return found.length === 1 ? found[0] : undefined;
};

/** The target by hand; else by the same name; else as import would have named it; else by the target's name where that is unique. */
const placeOf = ({ name, site, target }: Named, targets: ReadonlySet<string>, rules: PairingRules) => {
  const short = fitted(target, "target");
  const imported = `${rules.site ?? fitted(site ?? NO_SITE, "site")}/${short}`;
  const mapped = rules.map.get(name);
  if (mapped !== undefined) return mapped;
  return [name, imported].find((place) => targets.has(place)) ?? soleOf(short, targets);
};

/** Pairs names with targets. `targets`: all targets of the detector, as `site/target`. */
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

/** Why a name stands for no target, by name, where it would stand for one. */
export const whysOf = (
  named: readonly Named[],
  targets: ReadonlySet<string>,
  rules: PairingRules,
): Map<string, string> => {
  const found = named.map((one) => ({ name: one.name, place: placeOf(one, targets, rules) }));
  const counts = new Map<string, number>();
  for (const { place } of found) if (place !== undefined) counts.set(place, (counts.get(place) ?? 0) + 1);
  return new Map(
    found.flatMap(({ name, place }): [string, string][] => {
      if (place === undefined) return [];
      if (!targets.has(place)) return [[name, `there is no target ${place}`]];
      return counts.get(place) === 1 ? [] : [[name, `${place} is named twice`]];
    }),
  );
};

/** The pairs as lines that a person reads at the start. Names are those of the checker. */
export const pairLines = (
  { pairs, unmatched, alone }: Pairs,
  absent: readonly string[],
  whys: ReadonlyMap<string, string> = new Map(),
): string[] =>
  [
    `matched: ${Object.keys(pairs).length}`,
    ...Object.entries(pairs).map(([name, place]) => `  ${name} = ${place}`),
    ...(unmatched.length === 0
      ? []
      : [
          `of the checker alone, or of one target with another name (${unmatched.length}): name them by --map NAME=SITE/TARGET`,
          ...unmatched.map((name) => `  ${name}${whys.has(name) ? `: ${whys.get(name)}` : ""}`),
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
