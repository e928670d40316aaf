/**
 * Looks at one site by number, in the order in which they are due: vantage `rank` of V takes number
 * `round · V + rank`, on the same grid as the production schedule.
 */
import { pointAt } from "../../../src/schedule/grid.ts";
import type { Reality } from "../reality.ts";
import { lookersOf, type Spell, spellsBetween } from "./weather.ts";

/** A look begins up to so long after its time, since it waits for a slot. */
export const LATE_MS = 1_200;
/** And is taken for lost when no answer has come so long after that. */
export const PATIENCE_MS = 1_000;

const cellOf = (reality: Reality, rank: number) => ({
  intervalMs: reality.intervalMs,
  phase: rank / lookersOf(reality).length,
});

/** When look number `turn` is due; epoch milliseconds. */
export const dueAt = (reality: Reality, turn: number): number => {
  const count = lookersOf(reality).length;
  const round = Math.floor(turn / count);
  const { intervalMs } = reality;
  return pointAt(cellOf(reality, turn % count), (round + 1) * intervalMs - 1);
};

/** The number of the first look of vantage `rank` that is due after `at`. */
const firstAfter = (reality: Reality, rank: number, at: number): number => {
  const point = pointAt(cellOf(reality, rank), at);
  return (Math.floor(point / reality.intervalMs) + 1) * lookersOf(reality).length + rank;
};

/** The first look of anyone due after `at`. */
export const firstTurnAfter = (reality: Reality, at: number): number =>
  Math.min(...lookersOf(reality).map((_, rank) => firstAfter(reality, rank, at)));

/** Numbers of the looks of a vantage at a site that bad weather can touch, rising. */
const touchedOf = (reality: Reality, rank: number, spells: readonly Spell[]): number[] => {
  const touched: number[] = [];
  const count = lookersOf(reality).length;
  for (const { from, to } of spells) {
    let turn = Math.max(
      firstAfter(reality, rank, Math.max(from, reality.beginsAt) - LATE_MS - PATIENCE_MS),
      (touched.at(-1) ?? -Infinity) + count,
    );
    for (; dueAt(reality, turn) < to; turn += count) touched.push(turn);
  }
  return touched;
};

/** Numbers of all looks at a site that bad weather can touch, up to `until`, rising. */
export const touchedTurns = (reality: Reality, site: string, until: number): number[] =>
  lookersOf(reality)
    .flatMap((place, rank) => touchedOf(reality, rank, spellsBetween(reality, place, site, until)))
    .toSorted((a, b) => a - b);
