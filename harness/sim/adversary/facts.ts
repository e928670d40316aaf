/** What is true of a plan's world, as far as the laws need it. */
import { Conditions } from "../condition.ts";
import { Draw, nameOf } from "../draw.ts";
import type { Fault, TargetFault } from "../fault.ts";
import { placesOf } from "../layout.ts";
import type { Place } from "../reality.ts";
import { type Fleet, keyOf } from "./fleet.ts";
import type { Facts, Span } from "./history.ts";
import type { Plan } from "./plan.ts";

/** Up to this share of lost exchanges a place can be served: the next look, or the one after it, comes through. */
const LOST_MAX = 0.5;
/** An answer may take this share of the timeout and is still served. */
const SLOW_SHARE = 0.5;
/** Packets so many times slower are still in time. */
const FACTOR_MAX = 3;

interface Whom {
  key: string;
  site: string;
  timeoutMs: number;
  /** The share of exchanges that may be lost. */
  lostMax: number;
}

/** Whether the node itself would serve a client that gets through to it. */
const serves = (fault: TargetFault | undefined, isInside: boolean, timeoutMs: number): boolean => {
  switch (fault?.state) {
    case undefined:
      return true;
    case "cut":
    case "shielded":
      return isInside;
    case "slow":
      return fault.answerMs <= SLOW_SHARE * timeoutMs;
    default:
      return false;
  }
};

const canBeServed = (
  conditions: Conditions,
  place: Place,
  { key, site, timeoutMs, lostMax }: Whom,
  at: number,
): boolean => {
  const isInside = place.site === site || conditions.hasOwnPath(place.id, site, at);
  const onSite = conditions.ofSite(site, at);
  if (onSite?.state === "dead") return false;
  if (!isInside && (onSite?.state === "cut" || onSite?.state === "shielded")) return false;
  if (onSite?.state === "slow" && onSite.factor > FACTOR_MAX) return false;
  if (!serves(conditions.ofTarget(key, at), isInside, timeoutMs)) return false;
  const kept = (["there", "back"] as const).reduce(
    (left, way) => left * (1 - conditions.lossOf(place.id, { key, site }, way, at)),
    1,
  );
  return 1 - kept <= lostMax;
};

const servedSpans = (
  { fleet, begin, end }: Plan,
  conditions: Conditions,
  lostMax: number,
): Facts["served"] => {
  const spans: (Span & { key: string; vantage: string })[] = [];
  for (const target of fleet.targets) {
    const whom = { key: keyOf(target), site: target.site, timeoutMs: target.timeoutMs, lostMax };
    const inner = conditions.turningPoints(whom.key, whom.site).filter((at) => at > begin && at < end);
    const points = [begin, ...inner, end];
    for (const place of placesOf(fleet.layout)) {
      if (place.site !== undefined && place.site !== target.site) continue;
      let open: (Span & { key: string; vantage: string }) | null = null;
      for (const [index, from] of points.slice(0, -1).entries()) {
        const to = points[index + 1] as number;
        if (!canBeServed(conditions, place, whom, from)) open = null;
        else if (open === null) spans.push((open = { key: whom.key, vantage: place.id, from, to }));
        else open.to = to;
      }
    }
  }
  return spans;
};

const unsoundSpans = (faults: readonly Fault[]): Facts["unsound"] =>
  faults.flatMap((fault) =>
    fault.on !== "place" || fault.state === "slow" || fault.state === "private"
      ? []
      : [{ vantage: fault.place, from: fault.from, to: fault.to }],
  );

const lyingSpans = (faults: readonly Fault[]): NonNullable<Facts["lying"]> =>
  faults.flatMap((fault) =>
    fault.on === "place" && fault.state === "lying"
      ? [{ vantage: fault.place, from: fault.from, to: fault.to }]
      : [],
  );

/** Whether its effect on a probe depends on chance, or on an arbitrary choice. */
const isChancy = (fault: Fault): boolean => {
  switch (fault.on) {
    case "path":
      return fault.loss < 1;
    case "place":
      return fault.state === "lossy" || fault.state === "late" || fault.state === "lying";
    case "target":
      return fault.state === "gray" || fault.state === "mixed" || (fault.state === "full" && fault.share < 1);
    default:
      return false;
  }
};

/** Shorter than this the end of a world shows nothing of whether it settles, milliseconds. */
const STILL_MIN_MS = 25_000;

const stillSince = ({ fleet, faults, begin, end }: Plan): number | null => {
  if (fleet.network.loss.badLoss > 0) return null;
  const ends = faults.flatMap((fault) => [
    fault.from,
    fault.to,
    ...(fault.on === "target" && fault.state === "hung" ? [fault.backlogFullAt] : []),
  ]);
  const since = Math.max(begin, ...ends.filter((at) => at < end));
  const isLeftToChance = faults.some((fault) => fault.to >= end && isChancy(fault));
  return isLeftToChance || end - since < STILL_MIN_MS ? null : since;
};

/** Sites without any trouble; troubles of places belong to no site. */
const haleSites = ({ fleet, faults }: { fleet: Fleet; faults: readonly Fault[] }): string[] => {
  const hit = new Set(
    faults.flatMap((fault) => {
      if (fault.on === "target" || fault.on === "witness")
        return [fault.key.slice(0, fault.key.indexOf("/"))];
      return fault.on === "site" || fault.on === "path" ? [fault.site] : [];
    }),
  );
  return [...new Set(fleet.targets.map(({ site }) => site))].filter((site) => !hit.has(site));
};

/** How many stretches of a world are delivered again as a backlog, and how long they are. */
const BACKLOGS = 1;
const BACKLOG_MS = { least: 3_000, most: 15_000 };
const STREAM = 0x62;

const backlogs = ({ seed, faults, begin, end }: Plan): Span[] => {
  const draw = new Draw(nameOf(seed, STREAM));
  const turns = faults.flatMap(({ from, to }) => [from, to]).filter((at) => at > begin && at < end);
  return Array.from({ length: BACKLOGS }, () => {
    const lengthMs = draw.between(BACKLOG_MS.least, BACKLOG_MS.most);
    // Around something that happens: in calm every order is the same.
    const from = draw.pick([...turns, begin + 20_000]) - lengthMs * draw.uniform();
    return { from: Math.round(from), to: Math.round(Math.min(end, from + lengthMs)) };
  });
};

export const factsOf = (plan: Plan): Facts => ({
  served: servedSpans(plan, new Conditions(plan.faults), LOST_MAX),
  clear: servedSpans(plan, new Conditions(plan.faults), 0),
  unsound: unsoundSpans(plan.faults),
  lying: lyingSpans(plan.faults),
  stillSince: stillSince(plan),
  hale: haleSites(plan),
  held: plan.faults.filter(({ on }) => on === "collector").map(({ from, to }) => ({ from, to })),
  backlogs: backlogs(plan),
});
