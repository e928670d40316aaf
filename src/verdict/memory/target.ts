/** Targets in memory: a new one, and those of a site. */
import type { JudgedTarget } from "../../domain/evidence.ts";
import type { Advice, Beliefs } from "../../domain/verdict.ts";
import { UNPROVEN } from "./sighting.ts";
import type { Published, ShardState, SiteRecord, Standing, TargetState } from "./state.ts";

/** Beliefs about a target nobody has looked at. */
export const NOTHING_KNOWN: Beliefs = { up: 1, crashed: 0, dead: 0, hung: 0, gray: 0, cut: 0 };
const NOTHING_SEEN = "nothing has been observed yet";

const firstStanding = (now: number): Standing => ({
  verdict: "unknown",
  rule: "new",
  scope: "target",
  confirmed: false,
  since: now,
  heldSince: now,
  quorumUntil: 0,
  because: NOTHING_SEEN,
  routing: "serve",
  cut: [],
  drill: null,
});

const firstAdvice: Advice = { routing: "serve", regions: {}, failover: false, reason: NOTHING_SEEN };

/**
 * A target nobody has looked at. `sequence` is the highest its name may have used before; its
 * first transition, the target's creation, is published by the next judgement.
 */
export const newTarget = (
  target: JudgedTarget,
  url: string,
  version: number,
  sequence: number,
  now: number,
): TargetState => ({
  target,
  url,
  version,
  createdAt: now,
  edges: new Map(),
  witness: new Map(),
  proof: UNPROVEN,
  troubled: false,
  beliefs: NOTHING_KNOWN,
  asOf: null,
  episodeAt: null,
  downSince: null,
  recoveredAt: null,
  goodSince: null,
  falls: [],
  onceAlive: false,
  silentAt: null,
  nextAt: now,
  settledRouting: "serve",
  standing: firstStanding(now),
  waiting: null,
  announced: false,
  published: firstPublished(sequence, now),
  bursts: { count: 0, lastAt: 0, isGrave: false },
  override: null,
  bootId: null,
  pastBoots: [],
  heartbeat: null,
  notice: null,
});

const firstPublished = (sequence: number, now: number): Published => ({
  sequence,
  verdict: "unknown",
  rule: "new",
  scope: "target",
  confirmed: false,
  confidence: 0,
  beliefs: NOTHING_KNOWN,
  because: NOTHING_SEEN,
  since: now,
  lastVerdict: null,
  advice: firstAdvice,
  drill: null,
});

export const UNSEEN_SITE: SiteRecord = { proof: UNPROVEN, paths: new Map(), targets: [] };

/** The state with these targets in the place of those of the same keys. */
export const withTargets = (shard: ShardState, states: readonly [string, TargetState][]): ShardState => {
  if (states.length === 0) return shard;
  const targets = new Map(shard.targets);
  for (const [key, state] of states) targets.set(key, state);
  return { ...shard, targets };
};

/** The state with the site's list of targets as `change` makes it. */
export const withSiteList = (
  { sites }: ShardState,
  site: string,
  change: (keys: readonly string[]) => readonly string[],
): ShardState["sites"] => {
  const record = sites.get(site) ?? UNSEEN_SITE;
  return new Map(sites).set(site, { ...record, targets: change(record.targets) });
};

/** The targets of a site that are looked at. */
export const targetsOf = ({ sites, targets }: ShardState, site: string): TargetState[] => {
  const found: TargetState[] = [];
  for (const key of sites.get(site)?.targets ?? []) {
    const state = targets.get(key);
    if (state !== undefined && !state.target.paused) found.push(state);
  }
  return found;
};

/** The other targets of its site that are looked at. */
export const siblingsOf = (shard: ShardState, { target }: TargetState): TargetState[] =>
  targetsOf(shard, target.site).filter((other) => other.target.target !== target.target);
