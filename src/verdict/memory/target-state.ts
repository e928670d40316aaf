/** Targets in memory: a new one, those of a site, what to forget of both. And the whole memory as text, and back. */
import type { JudgedTarget } from "../../domain/evidence.ts";
import type { Advice, Beliefs } from "../../domain/verdict.ts";
import { NO_CLAIMS, UNPROVEN } from "./observation-record.ts";
import {
  type Edge,
  type Published,
  type ShardState,
  type SiteRecord,
  type Standing,
  type TargetState,
  emptyState,
  type VantageRecord,
} from "./judge-state.ts";

/** Beliefs about a target that no vantage has looked at. */
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
 * A target that no vantage has looked at. `sequence` is the highest its name may have used before. The next judgement publishes its first
 * transition, the target's creation.
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
  okAt: 0,
  troubled: false,
  beliefs: NOTHING_KNOWN,
  asOf: null,
  episodeAt: null,
  downSince: null,
  recoveredAt: null,
  goodSince: null,
  turns: [],
  candidate: null,
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

export const UNSEEN_SITE: SiteRecord = { proof: UNPROVEN, lost: null, paths: new Map(), targets: [] };

/** The state with these targets in place of those with the same keys. */
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

/** The targets of a site that are not paused. */
export const targetsOf = ({ sites, targets }: ShardState, site: string): TargetState[] => {
  const found: TargetState[] = [];
  for (const key of sites.get(site)?.targets ?? []) {
    const state = targets.get(key);
    if (state !== undefined && !state.target.paused) found.push(state);
  }
  return found;
};

/** The other targets of its site that are not paused. */
export const siblingsOf = (shard: ShardState, { target }: TargetState): TargetState[] =>
  targetsOf(shard, target.site).filter((other) => other.target.target !== target.target);

/** Whether the newest look of some vantage outside the site was not an `ok`. Looks of inside vantages alone decide nothing. */
export const isTroubled = (
  edges: ReadonlyMap<string, Edge>,
  vantages: ShardState["vantages"],
  site: string,
): boolean => {
  for (const [id, { recent }] of edges)
    if (recent.at(-1)?.outcome !== "ok" && vantages.get(id)?.vantage.site !== site) return true;
  return false;
};

type Test = (vantage: string) => boolean;

/** The entries of the vantages that pass the test; the same map where all do. */
const ofThose = <T>(known: ReadonlyMap<string, T>, isKept: Test): ReadonlyMap<string, T> => {
  const kept = [...known].filter(([id]) => isKept(id));
  return kept.length === known.size ? known : new Map(kept);
};

/** The target without observations of vantages that are unknown by now, or no longer look at it; the same where there are none. */
export const withoutLeavers = (state: TargetState, vantages: ShardState["vantages"]): TargetState => {
  const looks: Test = (id) => vantages.has(id) && state.target.vantages.includes(id);
  const [edges, witness] = [ofThose(state.edges, looks), ofThose(state.witness, looks)];
  if (edges === state.edges && witness === state.witness) return state;
  return { ...state, edges, witness, troubled: isTroubled(edges, vantages, state.target.site) };
};

/** The state without sites that have no target, and without paths by which no vantage looks at a site any more. */
export const withoutUnused = (shard: ShardState): ShardState => {
  const sites = new Map<string, SiteRecord>();
  for (const [site, record] of shard.sites) {
    if (record.targets.length === 0) continue;
    const looks = new Set(record.targets.flatMap((key) => shard.targets.get(key)?.target.vantages ?? []));
    const paths = ofThose(record.paths, (id) => shard.vantages.has(id) && looks.has(id));
    sites.set(site, paths === record.paths ? record : { ...record, paths });
  }
  return { ...shard, sites };
};

// The judge's memory as text, and back, whichever version of the judge wrote it.

const MAP_KEY = "$map";

/** State to JSON text; maps become `{"$map": [[key, value], …]}`. */
export const dumpState = (state: ShardState): string =>
  JSON.stringify(state, (_key, value: unknown) => (value instanceof Map ? { [MAP_KEY]: [...value] } : value));

/** The inverse of `dumpState`. Fields that an earlier judge did not keep are taken for unknown. */
export const loadState = (text: string): ShardState => {
  const state = JSON.parse(text, (_key, value: unknown) =>
    typeof value === "object" && value !== null && MAP_KEY in value
      ? new Map(value[MAP_KEY] as [string, unknown][])
      : value,
  ) as ShardState;
  const vantages = mapped(state.vantages, completeVantage);
  const targets = mapped(state.targets, (target) => withoutLeavers(completeTarget(target), vantages));
  // An earlier judge kept observations of removed vantages, and sites without targets.
  return withoutUnused({ ...emptyState(), ...state, vantages, targets, sites: indexed(state) });
};

/** The sites with the keys of their targets, which an earlier judge did not keep with them. */
const indexed = ({ sites, targets }: ShardState): Map<string, SiteRecord> => {
  const bySite = new Map<string, string[]>();
  for (const [key, { target }] of targets) bySite.set(target.site, [...(bySite.get(target.site) ?? []), key]);
  const names = new Set([...(sites?.keys() ?? []), ...bySite.keys()]);
  return new Map(
    [...names].map((site) => [
      site,
      { ...UNSEEN_SITE, ...sites?.get(site), targets: bySite.get(site) ?? [] },
    ]),
  );
};

const mapped = <T>(known: ReadonlyMap<string, T>, complete: (value: T) => T): Map<string, T> =>
  new Map([...known].map(([key, value]) => [key, complete(value)]));

const NEW_IN_VANTAGE = {
  proof: UNPROVEN,
  trustedSince: 0,
  madeAt: 0,
  refused: 0,
  refusedAt: [],
  alone: NO_CLAIMS,
  turns: null,
};
const NEW_IN_CONTROL = { answeredAt: 0 };
const NEW_IN_TARGET = {
  proof: UNPROVEN,
  okAt: 0,
  troubled: true,
  beliefs: NOTHING_KNOWN,
  downSince: null,
  bootId: null,
  pastBoots: [],
  waiting: null,
  turns: [],
  candidate: null,
};
/** The rule's name where an earlier judge kept none. */
const NEW_IN_STANDING = { rule: "earlier" };
const NEW_IN_BURSTS = { isGrave: false };

/** The value with the fields that it lacks, in the order in which a new value would be written. */
const completed = <T extends object>(value: T, lacks: Partial<T>): T => ({ ...value, ...lacks, ...value });

const completeVantage = (record: VantageRecord): VantageRecord => ({
  ...completed(record, NEW_IN_VANTAGE),
  controls: mapped(record.controls, (control) => completed(control, NEW_IN_CONTROL)),
});

const completeTarget = (state: TargetState): TargetState => ({
  ...completed(state, NEW_IN_TARGET),
  standing: completed(state.standing, NEW_IN_STANDING),
  published: completed(state.published, NEW_IN_STANDING),
  bursts: completed(state.bursts, NEW_IN_BURSTS),
});
