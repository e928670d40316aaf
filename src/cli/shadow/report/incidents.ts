/** Faults as one side saw them. */
import type { LaneSpan, Spell } from "./report-lanes.ts";

export interface Incident extends LaneSpan {
  /** The target was up just before; otherwise the beginning is not known. */
  isStartSeen: boolean;
  /** The target was up just after; otherwise the fault went on, or its end is not known. */
  isEndSeen: boolean;
  /** How often the target was up in between, each time briefly enough to be merged. */
  dips: number;
}

/**
 * The times at which a lane is down, merged where it was up for at most `mergeMs` in between. An unknown time between two of them does not
 * end the first: neither side reported that it was over.
 */
export const incidentsIn = (lane: readonly Spell[], mergeMs: number): Incident[] => {
  const incidents: Incident[] = [];
  let upMs = Infinity;
  for (const [index, { from, to, state }] of lane.entries()) {
    if (state === true) upMs += to - from;
    if (state !== false) continue;
    const open = incidents.at(-1);
    const isEndSeen = lane[index + 1]?.state === true;
    if (open !== undefined && upMs <= mergeMs) {
      open.to = to;
      open.isEndSeen = isEndSeen;
      if (upMs > 0) open.dips += 1;
    } else {
      incidents.push({ from, to, isStartSeen: lane[index - 1]?.state === true, isEndSeen, dips: 0 });
    }
    upMs = 0;
  }
  return incidents;
};

/** Times at which a lane changed between up and down, whatever was not known in between. */
const changesIn = (lane: readonly Spell[]): number[] => {
  const known = lane.filter(({ state }) => state !== null);
  return known.flatMap(({ from, state }, index) => {
    const before = known[index - 1];
    return before !== undefined && before.state !== state ? [from] : [];
  });
};

export interface Flapping extends LaneSpan {
  changes: number;
}

/** The longest stretches in which any `count` changes in a row lie within `withinMs`. */
export const flappingIn = (lane: readonly Spell[], count: number, withinMs: number): Flapping[] => {
  const changes = changesIn(lane);
  const found: { first: number; last: number }[] = [];
  for (let first = 0; first + count <= changes.length; first++) {
    const last = first + count - 1;
    if ((changes[last] ?? 0) - (changes[first] ?? 0) > withinMs) continue;
    const open = found.at(-1);
    if (open !== undefined && first <= open.last) open.last = last;
    else found.push({ first, last });
  }
  return found.map(({ first, last }) => ({
    from: changes[first] ?? 0,
    to: changes[last] ?? 0,
    changes: last - first + 1,
  }));
};
