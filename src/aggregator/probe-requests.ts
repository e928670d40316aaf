import type { ProbeRequest } from "../domain/report.ts";

/** What is asked for is asked for now: later, the judge has asked again or does not need it any more. */
const LIFE_MS = 5_000;
const MAX_REQUESTS = 64;

/** Probes asked of remote vantages, which nobody can call: each finds them with its next exchange. */
export class ProbeRequests {
  readonly #waiting = new Map<string, { requests: ProbeRequest[]; at: number }>();

  put(vantage: string, requests: ProbeRequest[], now: number): void {
    const all = new Map<string, ProbeRequest>();
    for (const request of [...this.take(vantage, now), ...requests])
      all.set(`${request.site}/${request.target}/${request.subject}`, request);
    this.#waiting.set(vantage, { requests: [...all.values()].slice(-MAX_REQUESTS), at: now });
  }

  /** What waits for the vantage, handed out once. */
  take(vantage: string, now: number): ProbeRequest[] {
    const waiting = this.#waiting.get(vantage);
    this.#waiting.delete(vantage);
    return waiting === undefined || waiting.at < now - LIFE_MS ? [] : waiting.requests;
  }
}
