/**
 * Months in which nothing is wrong, watched for a verdict of death that is not so. Probe by probe they would
 * take days, so bad weather is read off the timelines instead and the detector runs only where it matters.
 *
 * A confirmed death takes five vantages that miss the target, none reaching it in between. So (a) wherever
 * four of five vantages that look one after the other look into bad weather, or five have it at the same
 * moment, the whole detector runs. Elsewhere (b) two or more of the five must lose a look in good weather,
 * each by chance of its own; there moments are drawn, the five looks are lost by force, and what the
 * detector then says is weighed with how likely such luck is.
 *
 * Rejected: running wherever three vantages lose something within 40 s. That is every few seconds.
 */
import { createReality } from "../create-reality.ts";
import type { Detector } from "../detector.ts";
import { Draw, nameOf } from "../draw.ts";
import type { Reality } from "../reality.ts";
import { scenarioNamed } from "../scenarios.ts";
import { dangersOf, type Span } from "./danger.ts";
import { type IsLost, withLuck } from "./luck.ts";
import { sampleLooks } from "./look-sample.ts";
import { drawRuns, FORCED_MAX, type Spot } from "./run-sample.ts";
import { QUORUM } from "./run-of-looks.ts";
import { emptyWatch, type Watch } from "./tally.ts";
import { dueAt, LATE_MS, PATIENCE_MS } from "./turn.ts";
import { lookersOf } from "./weather.ts";

export interface WatchTask {
  seed: number;
  days: number;
  /** Moments drawn for each number of looks that bad weather can touch. */
  forced: number;
}

const DAY_MS = 86_400_000;
const MONTH_MS = 30 * DAY_MS;
/** Until nothing is left of the start: every path known, first bursts forgotten. */
const WARM_UP_MS = 60_000;
/** Until the last look is reported and its consequences are over. */
const AFTER_MS = 10_000;

/** Whether the detector confirms a death or crash within the span; each would be wrong. */
export const isFooled = async (
  detector: Detector,
  reality: Reality,
  { from, to }: Span,
): Promise<boolean> => {
  const { downs } = await detector.run(reality, from - WARM_UP_MS, to + AFTER_MS);
  return downs.some(
    ({ confirmed, label }) => confirmed && (label === "node_dead" || label === "process_crashed"),
  );
};

/** The five vantages lose every look at one target from the first of them until the last is reported, requested or not. */
export const unlucky = (reality: Reality, { start, key }: Spot): { span: Span; isLost: IsLost } => {
  const places = lookersOf(reality);
  const losers = new Set(
    Array.from({ length: QUORUM }, (_, index) => places[(start + index) % places.length]?.id),
  );
  const span = {
    from: dueAt(reality, start),
    to: dueAt(reality, start + QUORUM - 1) + LATE_MS + PATIENCE_MS,
  };
  return {
    span,
    isLost: (place, looked, at) =>
      looked === key && losers.has(place) && span.from - LATE_MS <= at && at <= span.to,
  };
};

/** Watches one world for so many days. Same task, same outcome. */
export const watchWorld = async ({ seed, days, forced }: WatchTask, detector: Detector): Promise<Watch> => {
  const reality = createReality(scenarioNamed("none"), seed, { lastsMs: days * DAY_MS });
  const whole: Span = { from: reality.beginsAt + WARM_UP_MS, to: reality.endsAt - AFTER_MS };
  const watch = emptyWatch();
  watch.worlds = 1;
  watch.targetMonths = (reality.targets.length * (whole.to - whole.from)) / MONTH_MS;
  for (const span of dangersOf(reality, whole)) {
    watch.windows += 1;
    // oxlint-disable-next-line no-await-in-loop -- detectors share this core
    if (await isFooled(detector, reality, span)) watch.fooled.push({ seed, at: span.from });
  }
  const draw = new Draw(nameOf(seed, 0x6d6f6e74));
  const { runs, spots } = drawRuns(reality, whole, draw, forced);
  runs.forEach((count, touched) => (watch.runs[touched] = (watch.runs[touched] ?? 0) + count));
  for (let touched = 0; touched <= FORCED_MAX; touched++)
    for (const spot of spots[touched] ?? []) {
      const { span, isLost } = unlucky(reality, spot);
      watch.forced[touched] = (watch.forced[touched] ?? 0) + 1;
      // oxlint-disable-next-line no-await-in-loop -- as above
      if (await isFooled(detector, withLuck(reality, isLost), span))
        watch.believed[touched] = (watch.believed[touched] ?? 0) + 1;
    }
  Object.assign(watch, sampleLooks(reality, whole, draw));
  return watch;
};
