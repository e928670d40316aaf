/**
 * Takes a report's observations in: each into its place on its edge, each answer as proof of the four causes it depended on. The order of
 * arrival does not matter: observations are placed by when they began, proofs only ever rise, and late silences inherit what is known of
 * the gap they fall into.
 *
 * Rejected: proof at the time of arrival. A packet in flight when a link is cut would prove the link afterwards.
 */
import { keyOf } from "../../domain/plain/names.ts";
import type { Observation } from "../../domain/observation.ts";
import type { Report } from "../../domain/report.ts";
import type { Tuning } from "../tuning.ts";
import {
  leftOf,
  proven,
  provenAt,
  UNPROVEN,
  EMPTY_EDGE,
  explained,
  extended,
  toRecord,
  withControls,
} from "../memory/observation-record.ts";
import { isTroubled, UNSEEN_SITE } from "../memory/target-state.ts";
import type {
  Proof,
  ShardState,
  ObservationRecord,
  SiteRecord,
  TargetState,
  VantageRecord,
} from "../memory/judge-state.ts";

export interface Observed {
  targets: ReadonlyMap<string, TargetState>;
  sites: ReadonlyMap<string, SiteRecord>;
  /** The vantage's own proof. */
  vantage: Proof;
}

/** What the answers of one report prove: the newest proof of each cause. */
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
  // Observations of a faulty or suspect vantage are kept, and prove nothing.
  const counts = record.state !== "faulty" && record.state !== "suspect";
  for (const observation of report.observations) {
    const key = keyOf(observation.site, observation.target);
    const target = targets.get(key);
    if (target === undefined || !isAsked(target, report, observation)) continue;
    const seen = toRecord(observation, now, target.target.timeoutMs, tuning);
    const entry = weighed(state, target, record, seen);
    targets.set(key, withEntry(state, target, record, observation, entry, tuning));
    const at = provenAt(entry, now, tuning);
    if (at === null || !counts) continue;
    news.vantage = Math.max(news.vantage, at);
    // A neighbour may reach what the outside world does not: facts/surroundings.ts weighs its observations apart.
    if (record.vantage.site === observation.site) continue;
    raise(news.sites, observation.site, at);
    // A witness that answers proves its host's links, and nothing about the process.
    if (observation.subject === "target") raise(news.targets, key, at);
  }
  for (const { begin, outcome } of counts ? report.controls : [])
    if (outcome === "ok" || outcome === "app_error")
      news.vantage = Math.max(news.vantage, Math.min(begin, now));
  return takeProofs(state, targets, record, news, tuning);
};

/** Whether the target still assigns this vantage, and the vantage saw what is at that address now. */
const isAsked = ({ target, version }: TargetState, report: Report, { subject }: Observation): boolean => {
  if (report.version < version || !target.vantages.includes(report.vantage)) return false;
  return subject === "target" || (target.hasWitness && report.version >= (target.witness?.version ?? 0));
};

const raise = (proofs: Map<string, number>, name: string, at: number): void => {
  proofs.set(name, Math.max(proofs.get(name) ?? 0, at));
};

/** A silence weighs as much as the faults known to have ended leave of it, and keeps the loss at its site in that time. */
const weighed = (
  { sites }: ShardState,
  { target, proof }: TargetState,
  record: VantageRecord,
  entry: ObservationRecord,
): ObservationRecord => {
  if (entry.outcome === "ok") return entry;
  const { begin } = entry;
  const site = sites.get(target.site) ?? UNSEEN_SITE;
  const path = site.paths.get(record.vantage.id) ?? UNPROVEN;
  const lost = site.lost === null ? {} : { lost: site.lost };
  const weight = [site.proof, path, record.proof, proof].reduce((left, one) => left * leftOf(one, begin), 1);
  return { ...entry, ...lost, ...(weight === 1 ? {} : { weight }) };
};

const withEntry = (
  { vantages }: ShardState,
  state: TargetState,
  { state: soundness, vantage }: VantageRecord,
  { subject }: Observation,
  entry: ObservationRecord,
  tuning: Tuning,
): TargetState => {
  const isOk = entry.outcome === "ok";
  const which = subject === "witness" ? "witness" : "edges";
  const isOutside = which === "edges" && vantage.site !== state.target.site;
  const isServed = isOk && isOutside && soundness !== "faulty" && soundness !== "suspect";
  const okAt = isServed ? Math.max(state.okAt, entry.begin) : state.okAt;
  const edge = extended(state[which].get(vantage.id) ?? EMPTY_EDGE, entry, okAt, tuning);
  const edges = new Map(state[which]).set(vantage.id, edge);
  if (which === "witness") return { ...state, witness: edges };
  // Until the target has been judged: an `ok` after the failure, in the same report or already known, does not undo what the failure shows.
  const troubled = state.troubled || (isOutside && !isOk) || isTroubled(edges, vantages, state.target.site);
  return { ...state, okAt, edges, troubled };
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

/** Weighs down the silences that the fault just ended explains. Rare: only where a fault had been suspected. */
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

/** The state after a report at `now`; the same where its vantage is unknown or has sent this report before. */
export const takeReport = (state: ShardState, report: Report, now: number, tuning: Tuning): ShardState => {
  const record = state.vantages.get(report.vantage);
  if (record === undefined || report.sequence <= record.lastSequence) return state;
  const seen = takeObservations(state, record, report, now, tuning);
  const taken: VantageRecord = {
    ...record,
    lastReportAt: now,
    lastSequence: report.sequence,
    madeAt: Math.max(record.madeAt, Math.min(report.madeAt, now)),
    colo: report.colo ?? record.colo,
    controls: withControls(record.controls, report, now, tuning),
    reports: record.reports + 1,
    observations: record.observations + report.observations.length,
    dropped: report.dropped,
    ...withRefusals(record, report, now, tuning),
    turns: withTurns(record.turns, report.turns),
    proof: seen.vantage,
  };
  return {
    ...state,
    targets: seen.targets,
    sites: seen.sites,
    vantages: new Map(state.vantages).set(report.vantage, taken),
  };
};

/** How much it sent unasked, and the times of the last reports with any, as many as are needed to doubt the vantage. */
const withRefusals = (
  { refused, refusedAt }: VantageRecord,
  report: Report,
  now: number,
  tuning: Tuning,
): Pick<VantageRecord, "refused" | "refusedAt"> =>
  report.refused === undefined
    ? { refused, refusedAt }
    : { refused: refused + report.refused, refusedAt: [...refusedAt, now].slice(-tuning.refusalsMost) };

const withTurns = (known: VantageRecord["turns"], told: Report["turns"]): VantageRecord["turns"] =>
  told === undefined
    ? known
    : {
        due: (known?.due ?? 0) + told.due,
        missed: (known?.missed ?? 0) + told.missed,
        slots: told.slots,
        heldMs: told.heldMs ?? known?.heldMs ?? null,
      };
