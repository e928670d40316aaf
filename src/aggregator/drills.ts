/** Faults injected on purpose: which drills may be started, and how the API shows them. */
import type { Drill, DrillAnswer, DrillRequest } from "../domain/drill.ts";
import { toInstant } from "../domain/instant.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Catalogue, TargetRow } from "./store/catalogue.ts";

const MAX_DRILLS = 100;

/**
 * Fails where the drill names something that does not exist, or where too many drills are under way. `running`: drills under way at `now`.
 */
export const checkDrill = (
  request: DrillRequest,
  targets: TargetRow[],
  roster: Vantage[],
  running: Drill[],
  now: number,
): Result<null> => {
  const unknown = request.vantages?.findIndex((id) => !roster.some((vantage) => vantage.id === id)) ?? -1;
  if (unknown !== -1) {
    const known = roster.map(({ id }) => id).join(", ");
    const detail = `"${request.vantages?.[unknown]}" is no vantage here: must be one of ${known}`;
    return refused("invalid", detail, `vantages.${unknown}`);
  }
  if (targets.length === 0) return refused("not-found", `site "${request.site}" has no target`, "site");
  if (request.target !== undefined && !targets.some((row) => row.target === request.target))
    return refused("not-found", `site "${request.site}" has no target "${request.target}"`, "target");
  return running.length < MAX_DRILLS
    ? accepted(null)
    : refused(
        "capacity",
        `${MAX_DRILLS} drills are under way; end one first`,
        "",
        Math.min(...running.map(({ endsAt }) => endsAt)) - now,
      );
};

export const newDrill = (request: DrillRequest, shard: number, number: number, now: number): Drill => ({
  ...request,
  id: `drill-${shard}-${number}`,
  startsAt: now,
  endsAt: now + request.durationMs,
});

/**
 * Moves by `shiftMs` every drill that ends after `now`, to which the clock was set. A drill that was under way lasts as long as was asked
 * for, and a drill that was over is not under way again. The caller has to notify the vantages.
 */
export const retimeDrills = (catalogue: Catalogue, now: number, shiftMs: number): void => {
  const drills = catalogue.drillsAt(now);
  for (const drill of drills) {
    const [startsAt, endsAt] = [drill.startsAt, drill.endsAt].map((at) => Math.max(0, at + shiftMs));
    catalogue.putDrill({ ...drill, startsAt: startsAt as number, endsAt: endsAt as number });
  }
  if (drills.length > 0) catalogue.raiseVersion();
};

export const shownDrill = (drill: Drill): DrillAnswer => ({
  ...drill,
  startsAt: toInstant(drill.startsAt),
  endsAt: toInstant(drill.endsAt),
});
