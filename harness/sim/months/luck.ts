/** The same world, except for looks that are to be lost: what the worst luck would have shown. */
import type { Reality } from "../reality.ts";

/** Whether a look begun at `at` from `place` at `key` is to be lost. */
export type IsLost = (place: string, key: string, at: number) => boolean;

export const withLuck = (reality: Reality, isLost: IsLost): Reality => ({
  seed: reality.seed,
  scenario: reality.scenario,
  beginsAt: reality.beginsAt,
  faultAt: reality.faultAt,
  endsAt: reality.endsAt,
  intervalMs: reality.intervalMs,
  timeoutMs: reality.timeoutMs,
  places: reality.places,
  targets: reality.targets,
  controls: reality.controls,
  cases: reality.cases,
  heartbeatMs: reality.heartbeatMs ?? null,
  words: reality.words,
  probe: (place, key, at, timeoutMs) =>
    isLost(place, key, at)
      ? { outcome: "connect_timeout", stage: "connect", tookMs: timeoutMs }
      : reality.probe(place, key, at, timeoutMs),
  isRunning: (place, at) => reality.isRunning(place, at),
  canReport: (place, at) => reality.canReport(place, at),
  transportMs: (place, at) => reality.transportMs(place, at),
  skewMs: (place) => reality.skewMs(place),
  truth: (key, at) => reality.truth(key, at),
});
