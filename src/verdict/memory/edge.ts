/** One edge, from one vantage to one target: observations in the order in which they began. */
import type { Observation } from "../../domain/observation.ts";
import type { Tuning } from "../tuning.ts";
import type { Edge, Sighting } from "./state.ts";

export const EMPTY_EDGE: Edge = { recent: [], lastOk: null, connectMs: null, connects: 0 };

/**
 * How fast the shortest healthy connect time gives way to longer ones, per measurement. An average
 * lost: one connect that was slow for our own reasons made every honest refusal look too fast.
 */
const CONNECT_RISE = 0.01;

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
    connectMs: connectMs === undefined ? edge.connectMs : shortest(edge.connectMs, connectMs),
    connects: edge.connects + (connectMs === undefined ? 0 : 1),
  };
};

const shortest = (known: number | null, connectMs: number): number =>
  known === null || connectMs < known ? connectMs : known + CONNECT_RISE * (connectMs - known);

/** The edge with its silences begun within a gap weighed down by what a fault explains of them. */
export const explained = (edge: Edge, from: number, to: number, factor: number): Edge => {
  const isIn = ({ begin, outcome }: Sighting): boolean => begin > from && begin <= to && outcome !== "ok";
  if (!edge.recent.some(isIn)) return edge;
  const recent = edge.recent.map((one) => (isIn(one) ? { ...one, weight: (one.weight ?? 1) * factor } : one));
  return { ...edge, recent };
};
