/**
 * Chance for the comparators, by name: every use has a stream of its own, so that no comparator's draws
 * depend on which others ran, or in which order.
 */
import { Draw, nameOf, textName } from "../draw.ts";

/** A uniform number in [0, 1), always the same for one seed and label. */
export const drawOf = (seed: number, label: string): number =>
  new Draw(nameOf(seed, textName(label))).uniform();

/** A uniform phase within an interval, in whole milliseconds. */
export const phaseMs = (seed: number, label: string, intervalMs: number): number =>
  Math.floor(drawOf(seed, label) * intervalMs);
