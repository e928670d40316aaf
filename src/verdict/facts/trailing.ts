/**
 * The silences an edge has met since its last answer: all earlier ones are settled by it. Rejected: every
 * silence for its full worth. The second on one path is mostly the same burst of loss.
 */
import type { Tuning } from "../tuning.ts";
import type { Edge } from "../memory/state.ts";
import { kindOf } from "./votes.ts";

export interface Silence {
  begin: number;
  /** How much of it is left to explain, 0 to 1. */
  weight: number;
  /** Follows another silence of the same edge closely: it may be the same burst of loss. */
  isRepeat: boolean;
}

const BURST_OF_LOSS_MS = 30_000;
/** A silence explained away by more than this starts no burst of loss. */
const HALF = 0.5;
const NONE: readonly Silence[] = [];

/** Oldest first, none begun before `since`. */
export const trailingSilences = (edge: Edge, since: number, tuning: Tuning): readonly Silence[] => {
  const { recent } = edge;
  if (recent.at(-1)?.outcome === "ok") return NONE;
  const silences: Silence[] = [];
  for (let index = recent.length - 1; index >= 0; index--) {
    const sighting = recent[index];
    if (sighting === undefined || sighting.begin < since) break;
    const kind = kindOf(sighting, edge, tuning);
    if (kind === null || kind === "rejected" || sighting.outcome === "dns_failure") continue;
    if (kind !== "silent") break;
    silences.push({ begin: sighting.begin, weight: sighting.weight ?? 1, isRepeat: false });
  }
  silences.reverse();
  for (const [index, silence] of silences.entries()) {
    const last = silences[index - 1];
    silence.isRepeat =
      last !== undefined && last.weight >= HALF && silence.begin - last.begin < BURST_OF_LOSS_MS;
  }
  return silences;
};
