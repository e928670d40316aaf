import { publicPlaceOf } from "../domain/address.ts";

/** So many looks of one burst may be at one public host and port: bursts are to find out about nodes, and not to weigh on one. */
const PLACE_MAX = 6;

/** How often one burst looks at each place. */
export class Crowd {
  readonly #counts = new Map<string, number>();

  /** Whether the burst has had enough of this place; counts one more look at it where it has not. */
  isAt(url: string): boolean {
    const place = publicPlaceOf(url);
    if (place === undefined) return false;
    const count = (this.#counts.get(place) ?? 0) + 1;
    this.#counts.set(place, count);
    return count > PLACE_MAX;
  }
}
