import { TUNING } from "../../../src/verdict/tuning.ts";

/** So many vantages that miss a target make a quorum, where that many are sound; fewer never do. */
export const QUORUM = TUNING.quorumOfMany;

/** `QUORUM` looks one after the other at one site, by the number of the first, and how many of them bad weather can touch. */
export interface RunOfLooks {
  start: number;
  touched: number;
}

/** Every run of looks that bad weather can touch at all, each once; `turns` rising. */
export function* touchedRuns(turns: readonly number[]): Generator<RunOfLooks> {
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1] ?? -Infinity;
    for (let start = Math.max(before + 1, turn - QUORUM + 1); start <= turn; start++) {
      let touched = 1;
      while ((turns[index + touched] ?? Infinity) < start + QUORUM) touched += 1;
      yield { start, touched };
    }
  }
}
