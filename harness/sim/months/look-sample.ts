import type { Draw } from "../draw.ts";
import type { Reality } from "../reality.ts";
import type { Span } from "./danger.ts";
import type { Watch } from "./tally.ts";
import { dueAt, firstTurnAfter, LATE_MS, PATIENCE_MS, touchedTurns } from "./turn.ts";
import { lookersOf } from "./weather.ts";

/** Looks drawn of each kind, at each site. */
const DRAWN = 1_000;

/** How often a look is lost in good weather, and where bad weather can touch it. */
export const sampleLooks = (reality: Reality, whole: Span, draw: Draw): Pick<Watch, "good" | "bad"> => {
  const good = { tried: 0, lost: 0 };
  const bad = { tried: 0, lost: 0 };
  const places = lookersOf(reality);
  const first = firstTurnAfter(reality, whole.from);
  const end = firstTurnAfter(reality, whole.to);
  for (const [site, targets] of Map.groupBy(reality.targets, (one) => one.site)) {
    const touched = touchedTurns(reality, site, whole.to).filter((turn) => turn >= first && turn < end);
    const isTouched = new Set(touched);
    const look = (sample: Watch["good"], turn: number): void => {
      const place = places[turn % places.length]?.id ?? "";
      const at = dueAt(reality, turn) + draw.between(0, LATE_MS);
      sample.tried += 1;
      if (reality.probe(place, draw.pick(targets).key, at, PATIENCE_MS).outcome !== "ok") sample.lost += 1;
    };
    for (let count = 0; count < DRAWN; count++) {
      look(bad, draw.pick(touched));
      const turn = first + Math.floor(draw.uniform() * (end - first));
      if (!isTouched.has(turn)) look(good, turn);
    }
  }
  return { good, bad };
};
