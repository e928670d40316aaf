import type { EvidenceEvent } from "../domain/evidence.ts";

/** At least `REPORTS` reports within this time are a flow. */
const WINDOW_MS = 5_000;
const REPORTS = 5;
/**
 * Half of the delay that the judge takes for its own absence (`awayMs`): an alarm put off on purpose is no absence, not even if it also
 * rings a little late.
 */
const SLACK_MS = 1_000;

/**
 * Whether reports come in a steady flow. With each report the judge looks at whatever is due. So while reports flow the alarm, which costs
 * a row each time, may come later: it is there for when they stop.
 */
export class Flow {
  #arrivals: number[] = [];

  count(events: readonly EvidenceEvent[], now: number): void {
    if (events.some(({ kind }) => kind === "report"))
      this.#arrivals = [...this.#arrivals, now].slice(-REPORTS);
  }

  /** By how much the alarm may be late at `now`, in milliseconds. */
  slackMs(now: number): number {
    const oldest = this.#arrivals.length < REPORTS ? undefined : this.#arrivals[0];
    return oldest !== undefined && now - oldest <= WINDOW_MS ? SLACK_MS : 0;
  }
}
