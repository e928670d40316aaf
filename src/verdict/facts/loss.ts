/**
 * How much a site loses, from looks whose fate is settled: answered, or lost although target and path were
 * proven good later.
 *
 * Rejected: learnt loss alone as the lossy site's likelihood. It knows a site's loss only when the first verdict
 * has been wrong; beside it, a site that most packets do not reach is a state of its own.
 */
import { LIKELIHOOD, SILENT_WHEN_LOSSY } from "../likelihood.ts";
import { provenAt } from "../memory/sighting.ts";
import type { Edge, ShardState, Sighting, SiteRecord, TargetState, VantageRecord } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";
import { kindOf } from "./votes.ts";

/** What a lost probe says for a site that loses most of them, and an answer against it; nats. */
const LOST_NATS = Math.log(SILENT_WHEN_LOSSY / LIKELIHOOD.connect_timeout.up);
const ANSWERED_NATS = Math.log((1 - SILENT_WHEN_LOSSY) / LIKELIHOOD.ok.up);

/** A probe of late whose fate is settled: answered, or lost though path and target are proven good since. */
export interface Settled {
  begin: number;
  /** 0 for an answer; how much of the silence no fault explains. */
  lost: number;
}

/** The settled looks of late at a site's targets from outside of it. */
export const recentLoss = (
  targets: TargetState[],
  records: VantageRecord[],
  { paths }: SiteRecord,
  now: number,
  tuning: Tuning,
): Settled[] => {
  const settled: Settled[] = [];
  const since = now - Math.max(tuning.siteLossMs, ...tuning.lossySinceMs);
  for (const state of targets) {
    const answeredAt = lastAnswerAt(state, records, now, tuning);
    for (const { vantage } of records) {
      const edge = state.edges.get(vantage.id);
      if (edge === undefined) continue;
      const at = { target: answeredAt, path: paths.get(vantage.id)?.at ?? 0 };
      for (let index = edge.recent.length - 1; index >= 0; index--) {
        const sighting = edge.recent[index];
        if (sighting === undefined || sighting.begin < since) break;
        const lost = lostOf(sighting, edge, at, tuning);
        if (lost !== null) settled.push({ begin: sighting.begin, lost });
      }
    }
  }
  return settled;
};

/**
 * Begin of the newest look that the target answered; 0 without one. Its proof will not do: a frozen process
 * proves its host by each connection it accepts, and those that its full backlog drops meanwhile are no loss.
 */
const lastAnswerAt = (
  { edges }: TargetState,
  records: VantageRecord[],
  now: number,
  tuning: Tuning,
): number => {
  let newest = 0;
  for (const { vantage } of records) {
    const edge = edges.get(vantage.id);
    const answered = edge?.recent.findLast(
      (sighting) => provenAt(sighting, now, tuning) !== null && kindOf(sighting, edge, tuning) !== "hung",
    );
    newest = Math.max(newest, answered?.begin ?? 0);
  }
  return newest;
};

/** Null for what is not settled: `at` is when the target last answered and the path was last proven good. */
const lostOf = (
  sighting: Sighting,
  edge: Edge,
  at: { target: number; path: number },
  tuning: Tuning,
): number | null => {
  if (sighting.begin > Math.min(at.target, at.path)) return null;
  const kind = kindOf(sighting, edge, tuning);
  if (kind === null) return null;
  if (kind !== "silent" && kind !== "hung") return 0;
  // A hang's first connections may have begun before the last answers did: they are no loss.
  if (kind === "hung" && sighting.begin > at.target - tuning.hangInFlightMs) return null;
  return sighting.weight ?? 1;
};

/** Share of the site's probes that were lost of late though a later answer proved path and target good. */
export const learntLoss = (recent: Settled[], now: number, tuning: Tuning): number => {
  const before = tuning.siteLossPriorLooks;
  const lately = recent.filter(({ begin }) => begin >= now - tuning.siteLossMs);
  const lost = lately.reduce((sum, one) => sum + one.lost, before * LIKELIHOOD.connect_timeout.up);
  return lost / (lately.length + before);
};

/** How much better a lossy site explains what is settled, whenever within the window it became one; nats. */
export const lossyNats = (recent: Settled[], now: number, tuning: Tuning): number => {
  const each = tuning.lossySinceMs.map((ms) =>
    recent.reduce((nats, { begin, lost }) => {
      if (begin < now - ms) return nats;
      return nats + (lost > 0 ? lost * LOST_NATS : ANSWERED_NATS);
    }, 0),
  );
  const best = Math.max(...each);
  return best + Math.log(each.reduce((sum, nats) => sum + Math.exp(nats - best), 0) / each.length);
};

/** Share of the probes lost of late on paths proven open since: by a vantage, or by all of them to a site. */
export interface PathLoss {
  ofVantage: (id: string) => number;
  ofSite: (site: string) => number;
}

interface Count {
  lost: number;
  looked: number;
}

/** Counted at the first question, once for all vantages and sites. */
export const pathLossOf = (shard: ShardState, now: number, tuning: Tuning): PathLoss => {
  let counted: { vantages: Map<string, Count>; sites: Map<string, Count> } | undefined;
  const shareOf = (count: Count | undefined): number =>
    count === undefined ? 0 : count.lost / (count.looked + tuning.pathLossPriorLooks);
  return {
    ofVantage: (id) => shareOf((counted ??= countLoss(shard, now, tuning)).vantages.get(id)),
    ofSite: (site) => shareOf((counted ??= countLoss(shard, now, tuning)).sites.get(site)),
  };
};

const countLoss = (
  shard: ShardState,
  now: number,
  tuning: Tuning,
): { vantages: Map<string, Count>; sites: Map<string, Count> } => {
  const [vantages, sites] = [new Map<string, Count>(), new Map<string, Count>()];
  const since = now - tuning.pathLossMs;
  for (const { edges, target } of shard.targets.values()) {
    const site = countIn(sites, target.site);
    const paths = shard.sites.get(target.site)?.paths;
    for (const [id, edge] of edges) {
      const vantage = countIn(vantages, id);
      const openAt = paths?.get(id)?.at ?? 0;
      for (const sighting of edge.recent) {
        if (sighting.begin < since || sighting.begin > openAt) continue;
        const kind = kindOf(sighting, edge, tuning);
        if (kind === null) continue;
        const lost = kind === "silent" || kind === "hung" ? (sighting.weight ?? 1) : 0;
        for (const count of [vantage, site]) {
          count.looked += 1;
          count.lost += lost;
        }
      }
    }
  }
  return { vantages, sites };
};

const countIn = (counts: Map<string, Count>, name: string): Count => {
  const count = counts.get(name) ?? { lost: 0, looked: 0 };
  counts.set(name, count);
  return count;
};
