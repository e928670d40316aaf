/** A hand-made world for the comparators' tests: what each probe sees is written down by the test. */
import type { Place, Reality, Seen, Truth } from "../reality.ts";

export const KEY = "fra/db-1";

export const ok = (tookMs = 40): Seen => ({ outcome: "ok", stage: "done", tookMs, connectMs: tookMs / 2 });
export const refused = (tookMs = 20): Seen => ({
  outcome: "refused",
  stage: "connect",
  tookMs,
  connectMs: tookMs,
});
export const wrong = (): Seen => ({ outcome: "app_error", stage: "done", tookMs: 40, connectMs: 20 });
export const silent = (timeoutMs: number): Seen => ({
  outcome: "connect_timeout",
  stage: "connect",
  tookMs: timeoutMs,
});
export const hung = (timeoutMs: number): Seen => ({
  outcome: "response_timeout",
  stage: "response",
  tookMs: timeoutMs,
  connectMs: 20,
});

/** What a probe from the place with this index sees; `v0` is 0. */
export type See = (index: number, atMs: number, timeoutMs: number) => Seen;

export interface Script {
  see: See;
  places?: number;
  seed?: number;
  truth?: (atMs: number) => Truth;
  canReport?: (index: number, atMs: number) => boolean;
  isRunning?: (index: number, atMs: number) => boolean;
  transportMs?: number;
  cases?: Reality["cases"];
}

const indexOf = (place: string): number => Number(place.slice(1));

const placeAt = (index: number): Place => ({ id: `v${index}`, region: `r${index}`, provider: "stub" });

/** Nine places by default, each in its own region; one target; reports arrive at once. */
export const stubReality = (script: Script): Reality => {
  const places = Array.from({ length: script.places ?? 9 }, (_, index) => placeAt(index));
  return {
    seed: script.seed ?? 1,
    cases: script.cases ?? [],
    scenario: "stub",
    beginsAt: 0,
    faultAt: 0,
    endsAt: 3_600_000,
    intervalMs: 10_000,
    timeoutMs: 3_000,
    places: [...places, { id: "inside", region: "r0", provider: "stub", site: "fra" }],
    targets: [{ site: "fra", target: "db-1", key: KEY }],
    controls: [],
    words: [],
    probe: (place, _key, atMs, timeoutMs) => script.see(indexOf(place), atMs, timeoutMs),
    isRunning: (place, atMs) => script.isRunning?.(indexOf(place), atMs) ?? true,
    canReport: (place, atMs) => script.canReport?.(indexOf(place), atMs) ?? true,
    transportMs: () => script.transportMs ?? 0,
    skewMs: () => 0,
    truth: (_key, atMs) =>
      script.truth?.(atMs) ?? { state: "up", since: 0, reachableFrom: places.map(({ id }) => id) },
  };
};

/** Healthy until `faultAt`, then as told. */
export const breaksAt =
  (faultAt: number, then: See): See =>
  (index, atMs, timeoutMs) =>
    atMs < faultAt ? ok() : then(index, atMs, timeoutMs);
