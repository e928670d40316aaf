/** Compares two sides. Neither is the reference: exchanged sides give the same result with exchanged roles. */
import { type Flapping, flappingIn, type Incident, incidentsIn } from "./incidents.ts";
import type { Side, LaneSilence, LaneSpan, Spell } from "./report-lanes.ts";

export interface Rules {
  /** Incidents of the two sides that are this near each other count as the same. */
  toleranceMs: number;
  /** Two faults with at most this much time up in between count as one. */
  mergeMs: number;
  /** This many changes within `withinMs` count as flapping. */
  flaps: number;
  withinMs: number;
}

export interface Shared {
  target: string;
  a: Incident[];
  b: Incident[];
  /** By how much A was first; negative where B was first. Null where a beginning was not seen. */
  leadMs: number | null;
}

export interface Single {
  target: string;
  incident: Incident;
}

export interface Comparison {
  both: Shared[];
  onlyA: Single[];
  onlyB: Single[];
  /** Seen by one side while too little is known of the other. */
  unsureA: Single[];
  unsureB: Single[];
  flapsA: (Flapping & { target: string })[];
  flapsB: (Flapping & { target: string })[];
  silentA: readonly LaneSilence[];
  silentB: readonly LaneSilence[];
}

const isNear = (a: LaneSpan, b: LaneSpan, toleranceMs: number): boolean =>
  a.from - toleranceMs <= b.to && b.from - toleranceMs <= a.to;

interface Cluster {
  a: Incident[];
  b: Incident[];
}

/** Groups incidents that are each near one of the other side: one long fault of one side may be several of the other. */
const clustersOf = (a: readonly Incident[], b: readonly Incident[], toleranceMs: number): Cluster[] => {
  const clusters: Cluster[] = [];
  const left = new Set(b);
  const rest = new Set(a);
  const grow = (cluster: Cluster): void => {
    for (;;) {
      const more = [...left].filter((one) => cluster.a.some((other) => isNear(one, other, toleranceMs)));
      for (const one of more) left.delete(one);
      cluster.b.push(...more);
      const back = [...rest].filter((one) => cluster.b.some((other) => isNear(one, other, toleranceMs)));
      for (const one of back) rest.delete(one);
      cluster.a.push(...back);
      if (more.length + back.length === 0) return;
    }
  };
  for (const one of a) {
    if (!rest.delete(one)) continue;
    const cluster: Cluster = { a: [one], b: [] };
    grow(cluster);
    clusters.push(cluster);
  }
  return [...clusters, ...[...left].map((one) => ({ a: [], b: [one] }))];
};

const byFrom = (a: LaneSpan, b: LaneSpan): number => a.from - b.from;

const leadOf = (a: readonly Incident[], b: readonly Incident[]): number | null => {
  const [[firstA], [firstB]] = [a, b];
  if (firstA?.isStartSeen !== true || firstB?.isStartSeen !== true) return null;
  return firstB.from - firstA.from;
};

/**
 * Whether the other side contradicts an incident: it reports up all the time until the tolerance after the end; or, in a long incident, it
 * reports up for more than the tolerance, not counting the first `toleranceMs`. A shorter time does not count, since this side may be the
 * first to see the end.
 */
const isContradicted = ({ from, to }: LaneSpan, lane: readonly Spell[], toleranceMs: number): boolean => {
  const up = lane.filter(({ state }) => state === true);
  if (up.some((spell) => spell.from <= from && spell.to >= to + toleranceMs)) return true;
  const late = from + toleranceMs;
  const upMs = up.map((spell) => Math.max(0, Math.min(spell.to, to) - Math.max(spell.from, late)));
  return upMs.reduce((sum, ms) => sum + ms, 0) > toleranceMs;
};

const singles = (
  clusters: readonly Cluster[],
  side: "a" | "b",
  target: string,
  lane: readonly Spell[],
  toleranceMs: number,
): { sure: Single[]; unsure: Single[] } => {
  const alone = clusters
    .filter(({ a, b }) => a.length === 0 || b.length === 0)
    .flatMap((cluster) => cluster[side])
    .map((incident) => ({ target, incident }));
  const isSure = ({ incident }: Single): boolean => isContradicted(incident, lane, toleranceMs);
  return { sure: alone.filter(isSure), unsure: alone.filter((one) => !isSure(one)) };
};

const flapsOf = ({ lanes }: Side, { flaps, withinMs }: Rules): (Flapping & { target: string })[] =>
  [...lanes]
    .flatMap(([target, lane]) => flappingIn(lane, flaps, withinMs).map((found) => ({ target, ...found })))
    .toSorted(byFrom);

/** `a` and `b` have the same targets. */
export const compare = (a: Side, b: Side, rules: Rules): Comparison => {
  const { toleranceMs, mergeMs } = rules;
  const found: Pick<Comparison, "both" | "onlyA" | "onlyB" | "unsureA" | "unsureB"> = {
    both: [],
    onlyA: [],
    onlyB: [],
    unsureA: [],
    unsureB: [],
  };
  for (const [target, laneA] of a.lanes) {
    const laneB = b.lanes.get(target) ?? [];
    const clusters = clustersOf(incidentsIn(laneA, mergeMs), incidentsIn(laneB, mergeMs), toleranceMs);
    for (const cluster of clusters) {
      if (cluster.a.length === 0 || cluster.b.length === 0) continue;
      const [ofA, ofB] = [cluster.a.toSorted(byFrom), cluster.b.toSorted(byFrom)];
      found.both.push({ target, a: ofA, b: ofB, leadMs: leadOf(ofA, ofB) });
    }
    const ofA = singles(clusters, "a", target, laneB, toleranceMs);
    const ofB = singles(clusters, "b", target, laneA, toleranceMs);
    found.onlyA.push(...ofA.sure);
    found.unsureA.push(...ofA.unsure);
    found.onlyB.push(...ofB.sure);
    found.unsureB.push(...ofB.unsure);
  }
  const inTime = (one: Single, other: Single): number => byFrom(one.incident, other.incident);
  const begin = ({ a: [firstA], b: [firstB] }: Shared): number =>
    Math.min(firstA?.from ?? Infinity, firstB?.from ?? Infinity);
  return {
    both: found.both.toSorted((one, other) => begin(one) - begin(other)),
    onlyA: found.onlyA.toSorted(inTime),
    onlyB: found.onlyB.toSorted(inTime),
    unsureA: found.unsureA.toSorted(inTime),
    unsureB: found.unsureB.toSorted(inTime),
    flapsA: flapsOf(a, rules),
    flapsB: flapsOf(b, rules),
    silentA: a.silences,
    silentB: b.silences,
  };
};
