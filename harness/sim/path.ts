import { Draw, nameOf, textName } from "./draw.ts";
import type { Network } from "./layout.ts";
import { LossTimeline } from "./loss.ts";
import type { Place } from "./reality.ts";

const STREAM = { length: 11, there: 12, back: 13 };
const INSIDE_MS = 0.3;

/** One place's way to one site: each direction with a length and a weather of its own. */
export class Path {
  /** Median time of a packet, milliseconds. */
  readonly baseMs: Record<"there" | "back", number>;
  readonly loss: Record<"there" | "back", LossTimeline>;

  constructor(name: number, network: Network, isInside: boolean, beginsAt: number) {
    const draw = new Draw(nameOf(name, STREAM.length));
    const oneWayMs = isInside ? INSIDE_MS : Math.min(150, Math.max(3, draw.lognormal(35, 0.6)));
    this.baseMs = { there: oneWayMs * draw.between(0.9, 1.1), back: oneWayMs * draw.between(0.9, 1.1) };
    const timeline = (stream: number): LossTimeline =>
      new LossTimeline(new Draw(nameOf(name, stream)), network.loss, beginsAt);
    this.loss = { there: timeline(STREAM.there), back: timeline(STREAM.back) };
  }
}

/** The way from a place to a site in the world of a seed. Same arguments, same way. */
export const pathBetween = (
  seed: number,
  place: Place,
  site: string,
  network: Network,
  beginsAt: number,
): Path => new Path(nameOf(seed, textName(`${place.id}>${site}`)), network, place.site === site, beginsAt);
