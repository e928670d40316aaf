/**
 * Random numbers by name. Every use has a stream of its own, derived from the world's seed and a label,
 * so that no comparator's draws depend on which others ran, or in which order.
 */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** FNV-1a, 32 bits (Fowler, Noll, Vo): turns a label into a seed. */
const hashOf = (label: string): number => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < label.length; i += 1) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193);
  return hash;
};

/** A uniform number in [0, 1), always the same for one seed and label. */
export const drawOf = (seed: number, label: string): number => {
  const generator = xoroshiro128plus(Math.imul(seed, 0x9e3779b1) ^ hashOf(label));
  // The first outputs of close seeds are close; a jump would do as well and costs more.
  uniformFloat64(generator);
  return uniformFloat64(generator);
};

/** A uniform phase within an interval, in whole milliseconds. */
export const phaseMs = (seed: number, label: string, intervalMs: number): number =>
  Math.floor(drawOf(seed, label) * intervalMs);
