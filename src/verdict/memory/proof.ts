/**
 * The last proof of each hidden cause. A path, a site, a vantage or a target was certainly good at
 * the moment an answer last came by it; everything after that is silence, so the likeliest begin of
 * a fault is just after. Rejected: windows and candidate onsets, which take a second fault in one
 * episode for the first.
 *
 * When an answer comes after all, the silences before it are one of two things: lost packets, or a
 * fault that has ended meanwhile. How much the cause had been suspected decides, and silences that a
 * fault explained must not be laid at another's door, or every site that comes back leaves dead nodes.
 */
import { RECOVERY_PER_S } from "../likelihood.ts";
import type { Sighting } from "./state.ts";

/** Silences between two proofs, and how much of them is left to explain by anything else. */
interface Gap {
  from: number;
  to: number;
  /** 0 to 1: the chance that the cause was good all along. */
  factor: number;
}

export interface Proof {
  /** When an answer last proved the cause good; epoch ms, 0 for never. */
  at: number;
  /** How bad the cause was believed to be when it was last weighed, 0 to 1. */
  badness: number;
  /** The last gap that a fault explains. */
  gap: Gap | null;
}

export const UNPROVEN: Proof = { at: 0, badness: 0, gap: null };

/** Clocks of vantages differ by this much, and packets may be under way when a link is cut; milliseconds. */
const GUARD_MS = 200;
/** A fault older than this is as likely to have ended as one of this age; seconds. */
const GAP_MAX_S = 60;
/** Above this nothing is explained worth remembering; below the other, everything is. */
const NOT_EXPLAINED = 0.99;
const EXPLAINED = 0.05;

const SILENT: ReadonlySet<Sighting["outcome"]> = new Set(["connect_timeout", "blocked", "dns_failure"]);

/**
 * When this sighting proves path and target good, or null where nothing answered: when its last leg
 * was sent, and a guard, but not later than it arrived. The time of arrival itself would let a
 * packet that was in flight when a link was cut prove the link afterwards.
 */
export const provenAt = (sighting: Sighting, arrivedAt: number): number | null => {
  const { outcome, stage, proxied, begin, connectMs } = sighting;
  if (SILENT.has(outcome) || proxied === true) return null;
  if (outcome === "pending" && stage !== "response" && stage !== "tls" && stage !== "body") return null;
  const lastLegMs = outcome === "refused" || outcome === "pending" ? 0 : (connectMs ?? 0);
  return Math.max(begin, Math.min(begin + lastLegMs + GUARD_MS, arrivedAt));
};

/** The cause proven good at `at`; the same proof where that is no news. */
export const proven = (proof: Proof, at: number): Proof => {
  if (at <= proof.at) return proof;
  const suspicion = proof.badness / Math.max(1e-9, 1 - proof.badness);
  const seconds = Math.min(GAP_MAX_S, (at - proof.at) / 1_000);
  const left = 1 / (1 + suspicion * RECOVERY_PER_S * seconds);
  const factor = left < EXPLAINED ? 0 : left;
  // An empty gap must not overwrite one that explains: late silences of that one may still arrive.
  const gap = factor < NOT_EXPLAINED ? { from: proof.at, to: at, factor } : proof.gap;
  return { at, badness: 0, gap };
};

/** How much of a silence begun at `begin` this cause leaves to others to explain, 0 to 1. */
export const leftOf = ({ gap }: Proof, begin: number): number =>
  gap !== null && begin > gap.from && begin <= gap.to ? gap.factor : 1;
