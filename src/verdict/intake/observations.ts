/**
 * Takes a report's observations in: each into its place on its edge, each answer as proof of the
 * four causes it came by. Order of arrival does not matter: sightings are placed by when they began,
 * proofs only ever rise, and late silences inherit what is known of the gap they fall into.
 *
 * Rejected: proof at the time of arrival. A packet in flight when a link is cut would prove the link afterwards.
 */
import { keyOf } from "../../domain/name.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Report } from "../../domain/report.ts";
import type { Tuning } from "../tuning.ts";
import { leftOf, proven, provenAt, UNPROVEN } from "../memory/sighting.ts";
import { UNSEEN_SITE } from "../memory/target.ts";
import { EMPTY_EDGE, explained, extended, toSighting } from "../memory/sighting.ts";
import type {
  Edge,
  Proof,
  ShardState,
  Sighting,
  SiteRecord,
  TargetState,
  VantageRecord,
} from "../memory/state.ts";

export interface Observed {
  targets: ReadonlyMap<string, TargetState>;
  sites: ReadonlyMap<string, SiteRecord>;
  /** The vantage's own proof. */
  vantage: Proof;
}

/** What the answers of one report prove: the newest for each cause. */
interface News {
  vantage: number;
  sites: Map<string, number>;
  targets: Map<string, number>;
}

export const takeObservations = (
  state: ShardState,
  record: VantageRecord,
  report: Report,
  now: number,
  tuning: Tuning,
): Observed => {
  const targets = new Map(state.targets);
  const news: News = { vantage: 0, sites: new Map(), targets: new Map() };
  // What a vantage says that is not sound is kept, and proves nothing.
  const counts = record.state !== "faulty" && record.state !== "suspect";
  for (const observation of report.observations) {
    const key = keyOf(observation.site, observation.target);
    const target = targets.get(key);
    if (target === undefined || report.version < target.version) continue;
    const sighting = weighed(state, target, record, toSighting(observation, now));
    targets.set(key, sighted(target, report.vantage, observation, sighting, tuning));
    const at = provenAt(sighting, now, tuning);
    if (at === null || !counts) continue;
    news.vantage = Math.max(news.vantage, at);
    // What a neighbour reaches, the world outside may not: facts/surroundings.ts weighs its word apart.
    if (record.vantage.site === observation.site) continue;
    raise(news.sites, observation.site, at);
    // A witness that answers proves its host's links, and nothing of the process.
    if (observation.subject === "target") raise(news.targets, key, at);
  }
  for (const { begin, outcome } of counts ? report.controls : [])
    if (outcome === "ok" || outcome === "app_error")
      news.vantage = Math.max(news.vantage, Math.min(begin, now));
  return takeProofs(state, targets, record, news, tuning);
};

const raise = (proofs: Map<string, number>, name: string, at: number): void => {
  proofs.set(name, Math.max(proofs.get(name) ?? 0, at));
};

/** A silence weighs as much as the faults known to have ended leave of it. */
const weighed = (
  { sites }: ShardState,
  { target, proof }: TargetState,
  record: VantageRecord,
  sighting: Sighting,
): Sighting => {
  if (sighting.outcome === "ok") return sighting;
  const { begin } = sighting;
  const site = sites.get(target.site) ?? UNSEEN_SITE;
  const path = site.paths.get(record.vantage.id) ?? UNPROVEN;
  const weight = [site.proof, path, record.proof, proof].reduce((left, one) => left * leftOf(one, begin), 1);
  return weight === 1 ? sighting : { ...sighting, weight };
};

const sighted = (
  state: TargetState,
  vantage: string,
  { subject }: Observation,
  sighting: Sighting,
  tuning: Tuning,
): TargetState => {
  const which = subject === "witness" ? "witness" : "edges";
  const edge = extended(state[which].get(vantage) ?? EMPTY_EDGE, sighting, tuning);
  const edges = new Map(state[which]).set(vantage, edge);
  return subject === "witness"
    ? { ...state, witness: edges }
    : { ...state, edges, troubled: isTroubled(edges) };
};

const isTroubled = (edges: ReadonlyMap<string, Edge>): boolean => {
  for (const { recent } of edges.values()) if (recent.at(-1)?.outcome !== "ok") return true;
  return false;
};

const takeProofs = (
  state: ShardState,
  targets: Map<string, TargetState>,
  record: VantageRecord,
  news: News,
  tuning: Tuning,
): Observed => {
  const { id } = record.vantage;
  const sites = news.sites.size === 0 ? state.sites : new Map(state.sites);
  const every = (): true => true;
  for (const [site, at] of news.sites) {
    const known = state.sites.get(site) ?? UNSEEN_SITE;
    const path = known.paths.get(id) ?? UNPROVEN;
    const proof = proven(known.proof, at, tuning);
    const walked = proven(path, at, tuning);
    (sites as Map<string, SiteRecord>).set(site, {
      ...known,
      proof,
      paths: new Map(known.paths).set(id, walked),
    });
    const isOfSite = (target: TargetState): boolean => target.target.site === site;
    explain(targets, known.proof, proof, isOfSite, every);
    explain(targets, path, walked, isOfSite, (vantage) => vantage === id);
  }
  const vantage = proven(record.proof, news.vantage, tuning);
  explain(targets, record.proof, vantage, every, (name) => name === id);
  for (const [key, at] of news.targets) {
    const target = targets.get(key);
    if (target === undefined) continue;
    const proof = proven(target.proof, at, tuning);
    targets.set(key, { ...target, proof });
    explain(
      targets,
      target.proof,
      proof,
      (one) => one.target.site === target.target.site && one.target.target === target.target.target,
      every,
    );
  }
  return { targets, sites, vantage };
};

/** Weighs down what the fault that has just ended explains. Rare: only where one had been suspected. */
const explain = (
  targets: Map<string, TargetState>,
  before: Proof,
  after: Proof,
  isTouched: (target: TargetState) => boolean,
  isBy: (vantage: string) => boolean,
): void => {
  const { gap } = after;
  if (gap === null || gap === before.gap) return;
  for (const [key, target] of targets) {
    if (!isTouched(target)) continue;
    const edges = new Map(target.edges);
    for (const [vantage, edge] of edges)
      if (isBy(vantage)) edges.set(vantage, explained(edge, gap.from, gap.to, gap.factor));
    targets.set(key, { ...target, edges });
  }
};
