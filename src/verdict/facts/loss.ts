/**
 * How much a site loses, from looks with a settled fate: answered, or lost although target and path were proven good later.
 *
 * Rejected: learnt loss alone as the lossy site's likelihood. It knows a site's loss only after the first verdict has been wrong; so a site
 * that most packets do not reach is also a state of its own.
 */
import { LIKELIHOOD, SILENT_WHEN_LOSSY } from "../likelihood.ts";
import { provenAt } from "../memory/observation-record.ts";
import {
  type Edge,
  NEVER,
  type ShardState,
  type ObservationRecord,
  type TargetState,
  type VantageRecord,
} from "../memory/judge-state.ts";
import { targetsOf } from "../memory/target-state.ts";
import type { Tuning } from "../tuning.ts";
import { voteKindOf } from "./votes.ts";

/** The evidence of a lost probe for a site that loses most packets, and of an answer against it; nats. */
const LOST_NATS = Math.log(SILENT_WHEN_LOSSY / LIKELIHOOD.connect_timeout.up);
const ANSWERED_NATS = Math.log((1 - SILENT_WHEN_LOSSY) / LIKELIHOOD.ok.up);

/** What each of a site's outside vantages has seen of one target, in their order; undefined where it has seen nothing. */
export type Edges = readonly (Edge | undefined)[];

/** A site as vantages outside see it: each edge is looked up once, for every computation on it. */
export interface Outside {
  /** Sound vantages outside of the site, … */
  records: readonly VantageRecord[];
  /** … and when the path of each was last proven good. */
  openAt: readonly number[];
  targets: readonly TargetState[];
  /** By target. */
  edges: readonly Edges[];
}

export const outsideOf = (shard: ShardState, site: string): Outside => {
  const paths = shard.sites.get(site)?.paths;
  const records = [...shard.vantages.values()].filter(
    ({ state, vantage }) => state === "sound" && vantage.site !== site,
  );
  const targets = targetsOf(shard, site);
  return {
    records,
    openAt: records.map(({ vantage }) => paths?.get(vantage.id)?.at ?? 0),
    targets,
    edges: targets.map(({ edges }) => records.map(({ vantage }) => edges.get(vantage.id))),
  };
};

/** A recent look that is settled: it was answered, or it was lost although a later answer proved path and target good. */
export interface Look {
  vantage: string;
  begin: number;
  /** 0 for an answer; otherwise the share of the silence that no fault explains. */
  lost: number;
  /** Whether it was answered much later than is usual there. */
  isSlow: boolean;
}

/**
 * The settled looks at a site's targets since `since`. `apartFromCuts`: only what was followed by an `ok` on the same edge, so
 * that the silences of a path that may be cut are not taken for the loss that explains them.
 */
export const settledLooks = (
  { records, openAt, edges: ofTargets }: Outside,
  since: number,
  now: number,
  tuning: Tuning,
  apartFromCuts = false,
): Look[] => {
  const looks: Look[] = [];
  for (const edges of ofTargets) {
    const answeredAt = lastAnswerAt(edges, now, tuning);
    for (const [path, { vantage }] of records.entries()) {
      const edge = edges[path];
      if (edge === undefined) continue;
      const at = { target: answeredAt, path: openAt[path] ?? 0 };
      for (let index = edge.recent.length - 1; index >= 0; index--) {
        const observation = edge.recent[index];
        if (observation === undefined || observation.begin < since) break;
        if (apartFromCuts && observation.begin > (edge.lastOk ?? 0)) continue;
        const lost = lostOf(observation, edge, at, now, tuning);
        const isSlow = hasBeenSlow(observation, edge, tuning);
        if (lost !== null) looks.push({ vantage: vantage.id, begin: observation.begin, lost, isSlow });
      }
    }
  }
  return looks;
};

/** Whether a connection took so many times longer than the shortest recent one, if that is measured. */
const hasBeenSlow = (
  { connectMs, outcome }: ObservationRecord,
  edge: Edge,
  { slowFactor, slowMs }: Tuning,
): boolean =>
  outcome === "ok" &&
  connectMs !== undefined &&
  connectMs >= slowMs &&
  edge.connectMs !== null &&
  connectMs > slowFactor * edge.connectMs;

/** Share of these looks that were lost, as if some looks with the usual loss had been seen before. */
export const lossOf = (looks: readonly Look[], tuning: Tuning): number => {
  const usual = tuning.lossPriorLooks * LIKELIHOOD.connect_timeout.up;
  return looks.reduce((sum, { lost }) => sum + lost, usual) / (looks.length + tuning.lossPriorLooks);
};

/**
 * Begin of the newest look that the target answered; 0 without one. The target's proof would not do: a frozen process proves its host with
 * each connection it accepts, and the connections that its full backlog drops meanwhile are no loss.
 */
const lastAnswerAt = (edges: Edges, now: number, tuning: Tuning): number => {
  let newest = 0;
  for (const edge of edges) {
    if (edge === undefined) continue;
    for (let index = edge.recent.length - 1; index >= 0; index--) {
      const observation = edge.recent[index] as ObservationRecord;
      if (observation.begin <= newest) break;
      if (
        provenAt(observation, now, tuning) === null ||
        voteKindOf(observation, edge, NEVER, tuning) === "hung"
      )
        continue;
      newest = observation.begin;
    }
  }
  return newest;
};

/** Null for a look that is not settled. `at`: when the target last answered and when the path was last proven good. */
const lostOf = (
  observation: ObservationRecord,
  edge: Edge,
  at: { target: number; path: number },
  now: number,
  tuning: Tuning,
): number | null => {
  if (observation.begin > Math.min(at.target, at.path)) return null;
  const kind = voteKindOf(observation, edge, now, tuning);
  if (kind === null) return null;
  if (kind !== "silent" && kind !== "hung") return 0;
  // The first connections of a hang may have begun before the last answers did: they are no loss.
  if (kind === "hung" && observation.begin > at.target - tuning.hangInFlightMs) return null;
  return observation.weight ?? 1;
};

/** How much better a lossy site explains the settled looks, at whichever instant in the window it became lossy; nats. */
export const lossyNats = (looks: readonly Look[], now: number, tuning: Tuning): number => {
  const each = tuning.lossySinceMs.map((ms) =>
    looks.reduce((nats, { begin, lost }) => {
      if (begin < now - ms) return nats;
      return nats + (lost > 0 ? lost * LOST_NATS : ANSWERED_NATS);
    }, 0),
  );
  const best = Math.max(...each);
  return best + Math.log(each.reduce((sum, nats) => sum + Math.exp(nats - best), 0) / each.length);
};

/** The recent loss of one vantage, or of one site: shares of the settled looks, 0 to 1. */
export interface PathLoss {
  ofVantage: (id: string) => number;
  ofSite: (site: string) => number;
  /** Many recent answers to this vantage took much longer than usual; or many answers of this site. */
  isSlowVantage: (id: string) => boolean;
  isSlowSite: (site: string) => boolean;
  /** When the path was last proven good; epoch milliseconds, 0 for never. */
  openAt: (site: string, id: string) => number;
}

/** True where more of the answered probes were slow than a few packets that were lost and sent again explain. */
const areSlow = (looks: readonly Look[] = [], { slowShare }: Tuning): boolean => {
  const answered = looks.filter(({ lost }) => lost === 0);
  return answered.filter(({ isSlow }) => isSlow).length > slowShare * answered.length;
};

// Map.groupBy does not exist in every Node version that replays recordings.
const byVantageIn = (looks: readonly Look[]): Map<string, Look[]> => {
  const found = new Map<string, Look[]>();
  for (const look of looks) {
    const known = found.get(look.vantage);
    if (known === undefined) found.set(look.vantage, [look]);
    else known.push(look);
  }
  return found;
};

/** Counts at the first call, once for all vantages and sites. */
export const pathLossOf = (shard: ShardState, now: number, tuning: Tuning): PathLoss => {
  let found: { bySite: Map<string, Look[]>; byVantage: Map<string, Look[]> } | undefined;
  const find = (): NonNullable<typeof found> => {
    const since = now - tuning.pathLossMs;
    const sites = [...shard.sites.keys()];
    const bySite = new Map(
      sites.map((site) => [site, settledLooks(outsideOf(shard, site), since, now, tuning, true)]),
    );
    return { bySite, byVantage: byVantageIn([...bySite.values()].flat()) };
  };
  return {
    ofVantage: (id) => lossOf((found ??= find()).byVantage.get(id) ?? [], tuning),
    isSlowVantage: (id) => areSlow((found ??= find()).byVantage.get(id), tuning),
    isSlowSite: (site) => areSlow((found ??= find()).bySite.get(site), tuning),
    openAt: (site, id) => shard.sites.get(site)?.paths.get(id)?.at ?? 0,
    ofSite: (site) => lossOf((found ??= find()).bySite.get(site) ?? [], tuning),
  };
};
