import type { Kept, Shelf } from "../../src/schedule/outbox.ts";

/** A shelf that survives the outbox that fills it, as a disk does. */
export class MemoryShelf implements Shelf {
  readonly rows = new Map<number, Kept>();
  readonly put = (slot: number, row: Kept): void => {
    this.rows.set(slot, row);
  };
  readonly get = (slot: number): Kept | undefined => this.rows.get(slot);
  readonly newest = (): Kept | undefined =>
    [...this.rows.values()].toSorted((a, b) => b.sequence - a.sequence)[0];
}
