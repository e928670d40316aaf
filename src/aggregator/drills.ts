/** Faults injected on purpose: which may be started, and how they are shown. */
import type { Drill, DrillAnswer, DrillRequest } from "../domain/drill.ts";
import { toInstant } from "../domain/instant.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Catalogue, TargetRow } from "./store/catalogue.ts";

const MAX_DRILLS = 100;

/** Fails where the drill names what does not exist, or too many are under way. */
export const checkDrill = (
  request: DrillRequest,
  targets: TargetRow[],
  roster: Vantage[],
  running: number,
): Result<null> => {
  const unknown = request.vantages?.findIndex((id) => !roster.some((vantage) => vantage.id === id)) ?? -1;
  if (unknown !== -1)
    return refused("invalid", `"${request.vantages?.[unknown]}" is no vantage here`, `vantages.${unknown}`);
  if (targets.length === 0) return refused("not-found", `site "${request.site}" has no target`, "site");
  if (request.target !== undefined && !targets.some((row) => row.target === request.target))
    return refused("not-found", `site "${request.site}" has no target "${request.target}"`, "target");
  return running < MAX_DRILLS
    ? accepted(null)
    : refused("capacity", `${MAX_DRILLS} drills are under way; end one first`);
};

export const newDrill = (request: DrillRequest, shard: number, number: number, now: number): Drill => ({
  ...request,
  id: `drill-${shard}-${number}`,
  startsAt: now,
  endsAt: now + request.durationMs,
});

/** Moves every drill by `shiftMs` after the clock was set, so that each lasts as long as was asked. The caller has to tell the vantages. */
export const retimeDrills = (catalogue: Catalogue, shiftMs: number): void => {
  const drills = catalogue.drills();
  for (const drill of drills) {
    catalogue.deleteDrill(drill.id);
    const startsAt = Math.max(0, drill.startsAt + shiftMs);
    catalogue.putDrill({ ...drill, startsAt, endsAt: startsAt + drill.durationMs });
  }
  if (drills.length > 0) catalogue.raiseVersion();
};

export const shownDrill = (drill: Drill): DrillAnswer => ({
  ...drill,
  startsAt: toInstant(drill.startsAt),
  endsAt: toInstant(drill.endsAt),
});
