import { publicPlaceOf } from "../domain/address.ts";

/** The most looks of one burst at one public host and port: bursts are to find out about nodes, not to burden one of them. */
const PLACE_MAX = 6;

/** How often one burst looks at each place. */
export class Crowd {
  readonly #counts = new Map<string, number>();

  /** Whether the burst has looked at this place often enough. If not, counts one more look at it. */
  isAt(url: string): boolean {
    const place = publicPlaceOf(url);
    if (place === undefined) return false;
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    return count > PLACE_MAX;
  }
}
