import type { Report } from "../domain/report.ts";

/** One report as it is kept. Everything that the outbox must not lose is in this one row. */
export interface StoredReport {
  sequence: number;
  /** How many observations it holds, controls not counted. */
  observations: number;
  /** What the aggregator was known to have taken when this was kept. */
  acknowledged: number;
  /** When the newest tick began, epoch milliseconds. */
  tickedAt: number;
  /** What the probers have learnt and a successor should know; the outbox does not read it. */
  memory: string;
  /** The report as JSON. */
  body: string;
}

/** Where rows are kept, by slot. `put` replaces. */
export interface ReportRows {
  put: (slot: number, row: StoredReport) => void;
  get: (slot: number) => StoredReport | undefined;
  /** The row of the highest sequence. */
  newest: () => StoredReport | undefined;
}

/** 256 reports: 21 minutes at the shortest interval, 2 hours at the default one. */
const CAPACITY = 256;
/** The most that one call carries. */
const BATCH_REPORTS = 20;
const BATCH_CHARACTERS = 500_000;

/**
 * A ring of reports, the oldest dropped first and counted. Each report is one row that also carries the sequence and the acknowledged
 * watermark, so neither needs a write of its own. The watermark on disk is thus at least one report old: after a restart some reports are
 * sent again. That is harmless, as the aggregator takes each sequence once. Rejected: deleting acknowledged reports, which doubles the rows
 * written.
 */
export class Outbox {
  readonly #shelf: ReportRows;
  readonly #capacity: number;
  #last: number;
  #acknowledged: number;
  #dropped: number;
  /** The newest row that a predecessor left, and its report. */
  readonly inherited: { row: StoredReport; report: Report } | undefined;

  constructor(shelf: ReportRows, capacity = CAPACITY) {
    const newest = shelf.newest();
    this.inherited = newest && { row: newest, report: JSON.parse(newest.body) as Report };
    this.#shelf = shelf;
    this.#capacity = capacity;
    this.#last = newest?.sequence ?? 0;
    this.#acknowledged = newest?.acknowledged ?? 0;
    this.#dropped = this.inherited?.report.dropped ?? 0;
  }

  get hasUnsent(): boolean {
    return this.#acknowledged < this.#last;
  }

  /** Keeps one more report, under the next sequence. */
  append(unnumbered: Omit<Report, "sequence" | "dropped">, tickedAt: number, memory = ""): void {
    const sequence = this.#last + 1;
    const slot = sequence % this.#capacity;
    const dropped = this.#dropped + this.#lostBy(sequence, slot);
    const report: Report = { ...unnumbered, sequence, dropped };
    const kept = { sequence, acknowledged: this.#acknowledged, tickedAt, memory };
    this.#shelf.put(slot, {
      ...kept,
      observations: report.observations.length,
      body: JSON.stringify(report),
    });
    this.#last = sequence;
    this.#dropped = dropped;
  }

  #lostBy(sequence: number, slot: number): number {
    if (sequence - this.#capacity <= this.#acknowledged) return 0;
    return this.#shelf.get(slot)?.observations ?? 0;
  }

  /** The oldest unsent reports, as many as one call should carry. */
  batch(): Report[] {
    const first = Math.max(this.#acknowledged, this.#last - this.#capacity) + 1;
    const reports: Report[] = [];
    let characters = 0;
    for (let sequence = first; sequence <= this.#last && reports.length < BATCH_REPORTS; sequence++) {
      const row = this.#shelf.get(sequence % this.#capacity);
      if (row?.sequence !== sequence) continue;
      characters += row.body.length;
      if (reports.length > 0 && characters > BATCH_CHARACTERS) break;
      reports.push(JSON.parse(row.body) as Report);
    }
    return reports;
  }

  /**
   * Takes the aggregator's first acknowledgement, before this outbox has sent anything. If the aggregator has taken more than is known here
   * (a full disk kept nothing of it), the reports kept since the start get new numbers after that, or the aggregator would take them for
   * known ones. `shiftMs`: by how much the clock was wrong until now.
   */
  meet(acknowledged: number, shiftMs = 0): void {
    const known = this.inherited?.row.sequence ?? 0;
    const isAhead = acknowledged > known;
    if (!isAhead && shiftMs === 0) return this.acknowledge(acknowledged);
    const own = this.#rowsSince(Math.max(known, this.#last - this.#capacity));
    const first = Math.max(known, acknowledged) + 1;
    this.#acknowledged = Math.max(this.#acknowledged, acknowledged);
    own.forEach((row, index) => this.#rewrite(row, isAhead ? first + index : row.sequence, shiftMs));
    this.#last = isAhead ? acknowledged + own.length : Math.max(this.#last, acknowledged);
  }

  #rowsSince(sequence: number): StoredReport[] {
    const rows: StoredReport[] = [];
    for (let next = sequence + 1; next <= this.#last; next++) {
      const row = this.#shelf.get(next % this.#capacity);
      if (row?.sequence === next) rows.push(row);
    }
    return rows;
  }

  #rewrite(row: StoredReport, sequence: number, shiftMs: number): void {
    const report = retimed({ ...(JSON.parse(row.body) as Report), sequence }, shiftMs);
    const acknowledged = this.#acknowledged;
    const tickedAt = row.tickedAt + shiftMs;
    const body = JSON.stringify(report);
    this.#shelf.put(sequence % this.#capacity, { ...row, sequence, acknowledged, tickedAt, body });
  }

  /** Gives up the oldest unsent report, which the aggregator will never take; its observations count as dropped. */
  discard(sequence: number): void {
    this.#dropped += this.#shelf.get(sequence % this.#capacity)?.observations ?? 0;
    this.acknowledge(sequence);
  }

  /** How many reports the aggregator has not taken yet, without the dropped ones. */
  get unsent(): number {
    return Math.min(this.#capacity, this.#last - this.#acknowledged);
  }

  /** Observations lost since this outbox was first opened. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * The aggregator has taken all reports up to `sequence`. If that is beyond what was ever written here, this storage is younger than the
   * aggregator's memory of the vantage. Numbering then goes on after `sequence`, or the aggregator would take every report from here on for
   * a known one.
   */
  acknowledge(sequence: number): void {
    this.#acknowledged = Math.max(this.#acknowledged, sequence);
    this.#last = Math.max(this.#last, sequence);
  }
}

const retimed = (report: Report, shiftMs: number): Report => {
  const shift = <T extends { begin: number }>(seen: T): T => ({
    ...seen,
    begin: Math.max(0, Math.floor(seen.begin + shiftMs)),
  });
  return {
    ...report,
    madeAt: Math.max(0, Math.floor(report.madeAt + shiftMs)),
    observations: report.observations.map(shift),
    controls: report.controls.map(shift),
  };
};
