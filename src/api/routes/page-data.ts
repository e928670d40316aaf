/** The data of `GET /`, gathered from all shards that answer. */
import { groupsIn } from "../../dashboard/groups.tsx";
import { matrixOf } from "../../dashboard/matrix-view.ts";
import type { PageState, PageView } from "../../dashboard/shown-state.ts";
import { toInstant } from "../../domain/instant.ts";
import { isName, NAME_RULE } from "../../domain/name.ts";
import type { AggregatorRpc } from "../../domain/rpc.ts";
import { requireSite, readableSites } from "../access/auth.ts";
import { readSnapshot, shardsFor, targetsIn } from "../access/snapshots.ts";
import type { ApiContext } from "../context.ts";
import { stateGroupsOrNull } from "./group-list-routes.ts";
import type { OwnHealth } from "./health-routes.ts";
import { instantOf } from "./instant-query.ts";
import { ApiError, invalid, type FieldError } from "../errors/api-error.ts";
import { newestOf } from "../aggregators/merged-lists.ts";
import { readShard } from "../aggregators/shard-calls.ts";
import { mergeVantages, vantagesFor } from "./vantage-routes.ts";

/** Transitions shown. */
const CHANGES = 40;
/** Characters of a filter. */
const FILTER_MAX = 100;

/** The view that an address asks for. Throws ApiError 400. */
export const viewOf = (c: ApiContext, now: number): PageView => {
  const { site = null, target = null, at, filter = "" } = c.req.query();
  const wrong: FieldError[] = Object.entries({ site, target }).flatMap(([path, name]) =>
    name === null || isName(name) ? [] : [{ path, message: NAME_RULE }],
  );
  if (target !== null && site === null)
    wrong.push({ path: "site", message: "is needed where a target is named" });
  const instant = at === undefined ? null : instantOf(at, now);
  if (instant === undefined)
    wrong.push({
      path: "at",
      message: "must be an instant, as 2026-11-28T06:00:00Z, or so long ago, as -30m",
    });
  if (wrong.length > 0) throw invalid(wrong);
  return {
    site,
    target,
    filter: filter.slice(0, FILTER_MAX),
    at: instant === null || instant === undefined ? null : toInstant(instant),
  };
};

/** The answers of the shards that answer, and the numbers of the silent ones: half of a page says more than none. */
const readAnswering = async <T>(
  shards: readonly number[],
  ask: (shard: number) => Promise<T>,
): Promise<{ answers: Map<number, T>; silent: number[] }> => {
  const settled = await Promise.allSettled(shards.map(ask));
  const answers = new Map<number, T>();
  const silent: number[] = [];
  for (const [index, one] of settled.entries()) {
    const shard = shards[index] ?? 0;
    if (one.status === "fulfilled") answers.set(shard, one.value);
    else if (one.reason instanceof ApiError && !one.reason.ours) throw one.reason;
    else silent.push(shard);
  }
  return { answers, silent };
};

/** All that the page shows of a view. `isBlind`: no shard answered. Throws ApiError `not-found` and `forbidden`. */
export const gather = async (
  c: ApiContext,
  view: PageView,
  health: OwnHealth,
  now: number,
): Promise<{ state: PageState; isBlind: boolean }> => {
  const { site, target } = view;
  if (site !== null) requireSite(c.get("grant"), site);
  const shards = shardsFor(c, site ?? undefined);
  const at = { env: c.env, config: c.get("config") };
  const ask = <T>(call: (aggregator: AggregatorRpc) => PromiseLike<T>) =>
    readAnswering(shards, (shard) => readShard(at, shard, call));
  const allowed = site === null ? (readableSites(c) ?? null) : [site];
  const past = { since: null, until: null, sites: allowed, target, before: null, limit: CHANGES };
  const [censuses, pages, drills, groups, own] = await Promise.all([
    readAnswering(shards, (shard) => readSnapshot(c, shard, site ?? undefined)),
    ask((a) => a.transitionsBefore(past)),
    ask((a) => a.listDrills(null)),
    stateGroupsOrNull(c, site ?? undefined),
    health.of(c),
  ]);
  const found = [...censuses.answers.values()];
  const isBlind = found.length === 0;
  const verdicts = targetsIn(found, isBlind ? undefined : (site ?? undefined))
    .map(({ verdict, aside }) => ({ ...verdict, aside }))
    .filter((verdict) => target === null || verdict.target === target);
  if (target !== null && verdicts.length === 0 && !isBlind)
    throw new ApiError("not-found", `there is no target ${site}/${target}`);
  const vantages = vantagesFor(readableSites(c), mergeVantages(found.map((census) => census.vantages)));
  const state: PageState = {
    now,
    view,
    origin: new URL(c.req.url).origin,
    matrix: matrixOf(verdicts, vantages, now),
    verdicts,
    transitions: pages.answers.size === 0 ? null : newestOf(pages.answers, CHANGES).entries,
    evidence: null,
    drills:
      drills.answers.size === 0
        ? null
        : [...drills.answers.values()].flat().filter((drill) => allowed?.includes(drill.site) ?? true),
    groups: groups && groupsIn(groups, view),
    health: own,
    missing: censuses.silent.map((shard) => `Shard ${shard} does not answer: its targets are not shown.`),
    live: null,
  };
  return { state, isBlind };
};
