/** Where bad weather alone could make a quorum, or all but one of it. */
import type { Reality } from "../reality.ts";
import { QUORUM, touchedRuns } from "./run-of-looks.ts";
import { dueAt, PATIENCE_MS, touchedTurns } from "./turn.ts";
import { crowdedMoments, lookersOf, spellsBetween } from "./weather.ts";

export interface Span {
  from: number;
  to: number;
}

/** Spans so close to each other are watched as one. */
const APART_MS = 20_000;

const sitesOf = (reality: Reality): string[] => [...new Set(reality.targets.map(({ site }) => site))];

/** Spans of danger within `whole`, one after the other. */
export const dangersOf = (reality: Reality, whole: Span): Span[] => {
  const spans: Span[] = [];
  for (const site of sitesOf(reality)) {
    for (const { start, touched } of touchedRuns(touchedTurns(reality, site, whole.to)))
      if (touched >= QUORUM - 1)
        spans.push({ from: dueAt(reality, start), to: dueAt(reality, start + QUORUM - 1) });
    const spells = lookersOf(reality).map((place) => spellsBetween(reality, place, site, whole.to));
    for (const at of crowdedMoments(spells, QUORUM, PATIENCE_MS))
      spans.push({ from: at, to: at + PATIENCE_MS });
  }
  return joined(spans.filter(({ from, to }) => from >= whole.from && to <= whole.to));
};

const joined = (spans: readonly Span[]): Span[] => {
  const whole: Span[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = whole.at(-1);
    if (last !== undefined && from - last.to <= APART_MS) last.to = Math.max(last.to, to);
    else whole.push({ from, to });
  }
  return whole;
};
