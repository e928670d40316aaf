/**
 * What operators may change and see: targets, overrides, drills. The shard passes each change to the judge and pushes it to the vantages.
 */
import type { DrillAnswer, DrillRequest } from "../domain/drill.ts";
import { toInstant } from "../domain/instant.ts";
import { keyOf } from "../domain/name.ts";
import type { Override, OverrideRequest, ShownOverride } from "../domain/override.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import type { PutTarget, StoredTarget } from "../domain/rpc.ts";
import { isSame } from "../domain/same.ts";
import type { SaidAt, SiteAnswer, TargetAnswer, TargetConfig } from "../domain/target.ts";
import { deadChannels } from "../verdict/facts/channels.ts";
import { TUNING } from "../verdict/tuning.ts";
import { checkPace } from "./admission.ts";
import { checkCrowding } from "./crowding.ts";
import { checkDrill, newDrill, shownDrill } from "./drills.ts";
import type { Shard } from "./shard.ts";
import type { TargetRow } from "./store/catalogue.ts";
import {
  checkPlace,
  checkSaid,
  checkVantages,
  checkWeight,
  ifMatchHolds,
  judgedOf,
  shown,
  unmask,
} from "./target-rules.ts";

const noTarget = (site: string, target: string) =>
  refused("not-found", `site "${site}" has no target "${target}"`, "target");
const staleMatch = refused("precondition", "the target is not as If-Match says: read it again", "If-Match");

export const putTarget = (
  shard: Shard,
  site: string,
  target: string,
  request: TargetConfig,
  ifMatch: string | null,
  said: SaidAt = {},
): Result<PutTarget> => {
  const old = shard.catalogue.target(site, target);
  if (!ifMatchHolds(ifMatch, old)) return staleMatch;
  const known = checkSaid(said, old);
  if (!known.ok) return known;
  const config = unmask(request, old);
  if (!config.ok) return config;
  const others = shard.catalogue.targets().filter((row) => row.site !== site || row.target !== target);
  const siblings = others.filter((other) => other.site === site).length;
  if (old !== null && isSame(old.config, config.value))
    return accepted({ ...shownBy(shard, old, siblings, true), created: false, changed: false });
  const checks = [
    checkVantages({ site, config: config.value }, shard.roster),
    checkPlace(others),
    checkWeight(config.value, old, others),
    checkCrowding({ site, config: config.value }, old, others, shard.roster, shard.config.placeLooksMax),
    checkPace(shard.ledger.state, { site, target, config: config.value }, shard.roster),
  ];
  const failed = checks.find((check) => !check.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const row = nextRow(shard, site, target, config.value, old);
  shard.catalogue.putTarget(row);
  const before = shard.ledger.state.targets.get(keyOf(site, target));
  const judged = judgedOf(row, shard.permission, before, shard.now());
  shard.tell([{ kind: "target", target: judged, url: config.value.url, version: row.version }], true);
  return accepted({ ...shownBy(shard, row, siblings, true), created: old === null, changed: true });
};

/** The target as the API shows it, with warnings also about what does not work. */
const shownBy = (shard: Shard, row: TargetRow, siblings: number, isForAdmin: boolean): StoredTarget => {
  const { answer, etag } = shown(row, siblings, shard.permission, isForAdmin);
  const { state } = shard.ledger;
  const known = state.targets.get(keyOf(row.site, row.target));
  const dead = known === undefined ? [] : deadChannels(state, known, shard.now(), TUNING);
  return { etag, answer: { ...answer, warnings: [...answer.warnings, ...dead] } };
};

const nextRow = (
  shard: Shard,
  site: string,
  target: string,
  config: TargetConfig,
  old: TargetRow | null,
): TargetRow => {
  const now = shard.now();
  const version = shard.catalogue.raiseVersion();
  return {
    site,
    target,
    config,
    // A removed and re-created target must not bring an old entity tag back to life.
    revision: version,
    version: old !== null && old.config.url === config.url ? old.version : version,
    createdAt: old?.createdAt ?? now,
    updatedAt: now,
  };
};

export const getTarget = (
  shard: Shard,
  site: string,
  target: string,
  isForAdmin = false,
): Result<StoredTarget> => {
  const row = shard.catalogue.target(site, target);
  if (row === null) return noTarget(site, target);
  return accepted(shownBy(shard, row, shard.catalogue.targets(site).length - 1, isForAdmin));
};

export const publicBadges = (shard: Shard): string[] =>
  shard.catalogue
    .targets()
    .filter(({ config }) => config.publicBadge === true)
    .map(({ site, target }) => keyOf(site, target));

export const deleteTarget = (
  shard: Shard,
  site: string,
  target: string,
  ifMatch: string | null,
): Result<null> => {
  const row = shard.catalogue.target(site, target);
  if (row === null) return noTarget(site, target);
  if (!ifMatchHolds(ifMatch, row)) return staleMatch;
  shard.catalogue.deleteTarget(site, target);
  shard.catalogue.raiseVersion();
  shard.tell([{ kind: "removed", site, target }], true);
  return accepted(null);
};

export const listSites = (shard: Shard): SiteAnswer[] => {
  const counts = new Map<string, number>();
  for (const { site } of shard.catalogue.targets()) counts.set(site, (counts.get(site) ?? 0) + 1);
  return [...counts].map(([site, targets]) => ({ site, targets }));
};

export const listTargets = (shard: Shard, site: string, isForAdmin = false): Result<TargetAnswer[]> => {
  const rows = shard.catalogue.targets(site);
  if (rows.length === 0) return refused("not-found", `there is no site "${site}"`, "site");
  return accepted(rows.map((row) => shownBy(shard, row, rows.length - 1, isForAdmin).answer));
};

export const putOverride = (
  shard: Shard,
  site: string,
  target: string,
  request: OverrideRequest & Pick<Override, "by">,
): Result<ShownOverride> => {
  if (shard.catalogue.target(site, target) === null) return noTarget(site, target);
  const { ttlMs, ...word } = request;
  const until = shard.now() + ttlMs;
  shard.tell([{ kind: "override", site, target, override: { ...word, until } }]);
  return accepted({ ...word, until: toInstant(until) });
};

export const deleteOverride = (shard: Shard, site: string, target: string): Result<null> => {
  const state = shard.ledger.state.targets.get(keyOf(site, target));
  if (state === undefined) return noTarget(site, target);
  if (state.override === null || state.override.until <= shard.now())
    return refused("not-found", `${site}/${target} has no override`);
  shard.tell([{ kind: "override", site, target, override: null }]);
  return accepted(null);
};

export const startDrill = (shard: Shard, request: DrillRequest): Result<DrillAnswer> => {
  const now = shard.now();
  const running = shard.catalogue.drillsAt(now);
  const check = checkDrill(request, shard.catalogue.targets(request.site), shard.roster, running, now);
  if (!check.ok) return check;
  const drill = newDrill(request, shard.number, shard.catalogue.raiseVersion(), now);
  shard.catalogue.putDrill(drill);
  shard.pushAssignments();
  return accepted(shownDrill(drill));
};

/** Drills that were under way at `since` (epoch milliseconds) or later. */
export const listDrills = (shard: Shard, since: number | null): DrillAnswer[] =>
  shard.catalogue.drillsAt(since ?? shard.now()).map(shownDrill);

export const stopDrill = (shard: Shard, id: string): Result<null> => {
  const now = shard.now();
  const drill = shard.catalogue.drillsAt(now).find((one) => one.id === id);
  if (drill === undefined) return refused("not-found", `no drill "${id}" is under way`);
  shard.catalogue.putDrill({ ...drill, endsAt: now });
  shard.catalogue.raiseVersion();
  shard.pushAssignments();
  return accepted(null);
};
