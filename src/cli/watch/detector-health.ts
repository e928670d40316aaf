import type { Client } from "../../client/client.ts";
import type { Clock } from "../../schedule/clock.ts";
import { pause } from "../shared/time/pause.ts";

/** The detector's health changes slowly, and the detector renews its answer at most once a second. */
const EVERY_MS = 5_000;

/** Reads the detector's own troubles, beside the verdicts. The reading of verdicts reports an outage. */
export class DetectorHealth {
  readonly #client: Pick<Client, "health">;
  #reasons: readonly string[] = [];

  constructor(client: Pick<Client, "health">) {
    this.#client = client;
  }

  /** One sentence for each trouble; empty while all is well or nothing is known. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  async read(stop?: AbortSignal): Promise<void> {
    const called = await this.#client.health({ stop });
    this.#reasons = called.kind === "ok" ? called.value.reasons : [];
  }

  /** Reads until `stop`. Calls `onRead` after each reading. */
  async run(after: Clock["after"], stop: AbortSignal, onRead: () => void): Promise<void> {
    while (!stop.aborted) {
      await this.read(stop);
      if (stop.aborted) return;
      onRead();
      await pause(after, EVERY_MS, stop);
    }
  }
}
