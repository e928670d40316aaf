import type { ProbeRequest } from "../domain/report.ts";

/** How long a request is handed out. After that the judge has asked again or does not need the probe any more. */
const LIFE_MS = 5_000;
const MAX_REQUESTS = 64;

/** Probes that the judge asks of remote vantages. Nothing can call a remote vantage, so each gets its requests with its next exchange. */
export class ProbeRequests {
  readonly #waiting = new Map<string, { requests: ProbeRequest[]; at: number }>();

  put(vantage: string, requests: ProbeRequest[], now: number): void {
    const all = new Map<string, ProbeRequest>();
    for (const request of [...this.take(vantage, now), ...requests])
      all.set(`${request.site}/${request.target}/${request.subject}`, request);
    this.#waiting.set(vantage, { requests: [...all.values()].slice(-MAX_REQUESTS), at: now });
  }

  /** The requests that wait for the vantage, each handed out once. */
  take(vantage: string, now: number): ProbeRequest[] {
    const waiting = this.#waiting.get(vantage);
    this.#waiting.delete(vantage);
    return waiting === undefined || waiting.at < now - LIFE_MS ? [] : waiting.requests;
  }
}
