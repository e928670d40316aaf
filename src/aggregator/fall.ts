/**
 * Whether a site fell as a whole: people then get one message, not one for each target. A change belongs to the fall from the moment when
 * the judge considers the whole site silent, or when all watched targets there are unreachable, until the target is well again.
 */
import { keyOf } from "../domain/name.ts";
import type { Change, Published, ShardState } from "../verdict/memory/judge-state.ts";

/** Whether all watched targets of the site, at least two, are unreachable. */
export const isSilent = (state: ShardState, site: string): boolean => {
  const keys = state.sites.get(site)?.targets ?? [];
  const watched = [...keys]
    .flatMap((key) => state.targets.get(key) ?? [])
    .filter(({ target }) => !target.paused);
  return watched.length > 1 && watched.every(({ published }) => published.verdict === "unreachable");
};

const isDown = (state: ShardState, site: string, target: string): boolean => {
  const published = state.targets.get(keyOf(site, target))?.published;
  return published !== undefined && isFallen(published, () => isSilent(state, site));
};

/** Whether a target is down with its whole site now. `isSilentSite`: as `isSilent`, computed once for each site. */
export const isFallen = (
  { verdict, scope }: Pick<Published, "verdict" | "scope">,
  isSilentSite: () => boolean,
): boolean => verdict === "unreachable" && (scope === "site" || isSilentSite());

/** `wasOfFall`: whether the target's previous change belonged to such a fall. It is called only where that matters. */
export const isOfFall = (
  { site, target, transition }: Change,
  before: ShardState,
  after: ShardState,
  wasOfFall: () => boolean,
): boolean =>
  isDown(after, site, target) || isDown(before, site, target) || (transition.from !== "alive" && wasOfFall());
