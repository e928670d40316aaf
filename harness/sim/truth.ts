import type { Conditions } from "./condition.ts";
import type { TargetFault } from "./fault.ts";
import type { Place, Truth, TruthState } from "./reality.ts";

/** What a fault of the node itself comes to; others are of what lies before it. */
const OWN_STATES: Partial<Record<TargetFault["state"], TruthState>> = {
  dead: "dead",
  crashed: "crashed",
  hung: "hung",
  gray: "gray",
  nameless: "gray",
  slow: "gray",
  paused: "gray",
  full: "gray",
  mixed: "gray",
};

const stateOf = (conditions: Conditions, key: string, site: string, at: number): TruthState => {
  const onSite = conditions.ofSite(site, at);
  if (onSite?.state === "dead") return "dead";
  const onTarget = conditions.ofTarget(key, at);
  const own = onTarget === undefined ? undefined : OWN_STATES[onTarget.state];
  if (own !== undefined) return own;
  if (onSite?.state === "cut" || onSite?.state === "shielded") return "site-cut";
  return onTarget === undefined ? "up" : "isolated";
};

const canReach = (conditions: Conditions, place: Place, key: string, site: string, at: number): boolean =>
  !conditions.isSevered(key, site, at) &&
  conditions.ofPlace(place.id, at)?.state !== "down" &&
  conditions.lossOf(place.id, { key, site }, "there", at) < 1 &&
  conditions.lossOf(place.id, { key, site }, "back", at) < 1;

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
