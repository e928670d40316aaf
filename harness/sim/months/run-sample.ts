import type { Draw } from "../draw.ts";
import type { Reality } from "../reality.ts";
import type { Span } from "./danger.ts";
import { QUORUM, touchedRuns } from "./run-of-looks.ts";
import { firstTurnAfter, touchedTurns } from "./turn.ts";

/** Runs of looks of which bad weather can touch more than this are run whole anyway. */
export const FORCED_MAX = QUORUM - 2;

/** Five looks at one target: the number of the first, and the target. */
export interface Spot {
  site: string;
  start: number;
  key: string;
}

/** Counts the runs of looks within `whole` by how many bad weather can touch, and draws `count` of each kind at random. */
export const drawRuns = (
  reality: Reality,
  whole: Span,
  draw: Draw,
  count: number,
): { runs: number[]; spots: Spot[][] } => {
  const runs = Array.from({ length: QUORUM + 1 }, () => 0);
  const spots: Spot[][] = runs.map(() => []);
  const first = firstTurnAfter(reality, whole.from);
  const end = firstTurnAfter(reality, whole.to) - QUORUM;
  const bySite = Map.groupBy(reality.targets, ({ site }) => site);
  const spotOf = (site: string, start: number): Spot => ({
    site,
    start,
    key: draw.pick(bySite.get(site) ?? []).key,
  });
  /** Every run seen so far has the same chance to be among the drawn (Vitter's algorithm R, 1985). */
  const offer = (site: string, start: number, touched: number): void => {
    const seen = runs[touched] ?? 0;
    const drawn = spots[touched] ?? [];
    const place = seen <= count ? drawn.length : Math.floor(draw.uniform() * seen);
    if (place < count) drawn[place] = spotOf(site, start);
  };
  for (const site of bySite.keys()) {
    const turns = touchedTurns(reality, site, whole.to);
    const clear = clearStart(turns, first, end, draw);
    let touchedCount = 0;
    for (const { start, touched } of touchedRuns(turns)) {
      if (start < first || start >= end) continue;
      touchedCount += 1;
      runs[touched] = (runs[touched] ?? 0) + 1;
      if (touched <= FORCED_MAX) offer(site, start, touched);
    }
    runs[0] = (runs[0] ?? 0) + (end - first) - touchedCount;
    if ((spots[0]?.length ?? 0) < count) spots[0]?.push(spotOf(site, clear()));
  }
  return { runs, spots };
};

/** Draws starts of runs that no bad weather can touch: by far most are. */
const clearStart = (turns: readonly number[], first: number, end: number, draw: Draw) => (): number => {
  const touched = new Set(turns);
  for (;;) {
    const start = first + Math.floor(draw.uniform() * (end - first));
    if (Array.from({ length: QUORUM }, (_, index) => start + index).every((turn) => !touched.has(turn)))
      return start;
  }
};
