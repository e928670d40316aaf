import type { StoredReport, ReportRows } from "../../src/schedule/outbox.ts";

/** A shelf that survives the outbox that fills it, as a disk does. */
export class MemoryShelf implements ReportRows {
  readonly rows = new Map<number, StoredReport>();
  readonly put = (slot: number, row: StoredReport): void => {
    this.rows.set(slot, row);
  };
  readonly get = (slot: number): StoredReport | undefined => this.rows.get(slot);
  readonly newest = (): StoredReport | undefined =>
    [...this.rows.values()].toSorted((a, b) => b.sequence - a.sequence)[0];
}
