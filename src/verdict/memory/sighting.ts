/**
 * One observation as it is remembered: its place on its edge, from one vantage to one target, and what it proves.
 *
 * A path, a site, a vantage or a target was certainly good at the moment an answer last came by it; everything after that is
 * silence, so the likeliest begin of a fault is just after. Rejected: windows and candidate onsets, which take a second fault in
 * one episode for the first.
 *
 * When an answer comes after all, the silences before it are one of two things: lost packets, or a fault that has ended
 * meanwhile. How much the cause had been suspected decides, and silences that a fault explained must not be laid at another's
 * door, or every site that comes back leaves dead nodes.
 */
import type { Observation } from "../../domain/observation.ts";
import { LEAST_CHANCE, RECOVERY_PER_MS } from "../likelihood.ts";
import type { Tuning } from "../tuning.ts";
import type { Edge, Proof, Sighting } from "./state.ts";

export const EMPTY_EDGE: Edge = { recent: [], lastOk: null, connectMs: null, connects: 0 };

/** The observation as it is kept. A clock that runs ahead cannot put evidence into the future. */
export const toSighting = (observation: Observation, now: number): Sighting => ({
  begin: Math.min(observation.begin, now),
  outcome: observation.outcome,
  stage: observation.stage,
  totalMs: observation.totalMs,
  ...(observation.connectMs === undefined ? {} : { connectMs: observation.connectMs }),
  ...(observation.detail === undefined ? {} : { detail: observation.detail }),
  ...(observation.proxied === undefined ? {} : { proxied: observation.proxied }),
  ...(observation.drill === undefined ? {} : { drill: observation.drill }),
});

/** With the sighting where its begin puts it; unchanged where its final outcome is known. */
const placed = (recent: Sighting[], sighting: Sighting): Sighting[] => {
  let at = recent.length;
  while (at > 0 && (recent[at - 1] as Sighting).begin >= sighting.begin) at -= 1;
  const same = recent[at];
  if (same?.begin !== sighting.begin) return recent.toSpliced(at, 0, sighting);
  return same.outcome === "pending" ? recent.toSpliced(at, 1, sighting) : recent;
};

/** The edge with one more sighting in its place; a final outcome replaces its own `pending`. */
export const extended = (edge: Edge, sighting: Sighting, tuning: Tuning): Edge => {
  const kept = placed(edge.recent, sighting);
  if (kept === edge.recent) return edge;
  if (kept.length > tuning.sightingsKept) kept.shift();
  const ok = sighting.outcome === "ok";
  const connectMs = ok && sighting.drill === undefined ? sighting.connectMs : undefined;
  return {
    recent: kept,
    lastOk: ok ? Math.max(edge.lastOk ?? 0, sighting.begin) : edge.lastOk,
    connectMs: connectMs === undefined ? edge.connectMs : shortest(edge.connectMs, connectMs, tuning),
    connects: edge.connects + (connectMs === undefined ? 0 : 1),
  };
};

const shortest = (known: number | null, connectMs: number, tuning: Tuning): number =>
  known === null || connectMs < known ? connectMs : known + tuning.connectRise * (connectMs - known);

/** The edge with its silences begun within a gap weighed down by what a fault explains of them. */
export const explained = (edge: Edge, from: number, to: number, factor: number): Edge => {
  const isIn = ({ begin, outcome }: Sighting): boolean => begin > from && begin <= to && outcome !== "ok";
  if (!edge.recent.some(isIn)) return edge;
  const recent = edge.recent.map((one) => (isIn(one) ? { ...one, weight: (one.weight ?? 1) * factor } : one));
  return { ...edge, recent };
};

export const UNPROVEN: Proof = { at: 0, badness: 0, gap: null };

const SILENT: ReadonlySet<Sighting["outcome"]> = new Set(["connect_timeout", "blocked", "dns_failure"]);

/**
 * When this sighting proves path and target good, or null where nothing answered: when its last leg
 * was sent, and a guard, but not later than it arrived. The time of arrival itself would let a
 * packet that was in flight when a link was cut prove the link afterwards.
 */
export const provenAt = (sighting: Sighting, arrivedAt: number, tuning: Tuning): number | null => {
  const { outcome, stage, proxied, begin, connectMs } = sighting;
  if (SILENT.has(outcome) || proxied === true) return null;
  if (outcome === "pending" && stage !== "response" && stage !== "tls" && stage !== "body") return null;
  const lastLegMs = outcome === "refused" || outcome === "pending" ? 0 : (connectMs ?? 0);
  return Math.max(begin, Math.min(begin + lastLegMs + tuning.proofGuardMs, arrivedAt));
};

/** The cause proven good at `at`; the same proof where that is no news. */
export const proven = (proof: Proof, at: number, tuning: Tuning): Proof => {
  if (at <= proof.at) return proof;
  const suspicion = proof.badness / Math.max(LEAST_CHANCE, 1 - proof.badness);
  const gapMs = Math.min(tuning.gapMaxMs, at - proof.at);
  const left = 1 / (1 + suspicion * RECOVERY_PER_MS * gapMs);
  const factor = left < tuning.explainedShare ? 0 : left;
  // An empty gap must not overwrite one that explains: late silences of that one may still arrive.
  const gap = factor < tuning.unexplainedShare ? { from: proof.at, to: at, factor } : proof.gap;
  return { at, badness: 0, gap };
};

/** How much of a silence begun at `begin` this cause leaves to others to explain, 0 to 1. */
export const leftOf = ({ gap }: Proof, begin: number): number =>
  gap !== null && begin > gap.from && begin <= gap.to ? gap.factor : 1;
