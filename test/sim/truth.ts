import type { Conditions } from "./condition.ts";
import type { Place, Truth, TruthState } from "./reality.ts";

const stateOf = (conditions: Conditions, key: string, site: string, at: number): TruthState => {
  const onSite = conditions.ofSite(site, at);
  if (onSite?.state === "dead") return "dead";
  const onTarget = conditions.ofTarget(key, at);
  switch (onTarget?.state) {
    case "dead":
    case "crashed":
    case "hung":
      return onTarget.state;
    case "gray":
    case "nameless":
      return "gray";
    default:
  }
  if (onSite?.state === "cut" || onSite?.state === "shielded") return "site-cut";
  return onTarget === undefined ? "up" : "isolated";
};

const canReach = (conditions: Conditions, place: Place, key: string, site: string, at: number): boolean =>
  !conditions.isSevered(key, site, at) &&
  conditions.ofPlace(place.id, at)?.state !== "down" &&
  conditions.lossOf(place.id, site, "there", at) < 1 &&
  conditions.lossOf(place.id, site, "back", at) < 1;

const ANSWERING: ReadonlySet<TruthState> = new Set(["up", "gray", "crashed", "hung"]);

/** What is true of a target, by the script alone. */
export const truthOf = (
  conditions: Conditions,
  places: readonly Place[],
  { key, site, beginsAt }: { key: string; site: string; beginsAt: number },
  at: number,
): Truth => {
  const state = stateOf(conditions, key, site, at);
  let since = beginsAt;
  for (const point of conditions.turningPoints(key, site)) {
    if (point > at) break;
    if (stateOf(conditions, key, site, point) !== stateOf(conditions, key, site, point - 1)) since = point;
  }
  const outside = places.filter((place) => place.site === undefined);
  const reachableFrom = ANSWERING.has(state)
    ? outside.filter((place) => canReach(conditions, place, key, site, at)).map(({ id }) => id)
    : [];
  return { state, since, reachableFrom };
};
