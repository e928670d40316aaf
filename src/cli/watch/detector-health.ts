import type { Client } from "../../client/client.ts";
import type { Clock } from "../../schedule/clock.ts";
import { pause } from "../shared/time/pause.ts";

/** What the detector says of itself changes slowly, and it answers anew once a second at most. */
const EVERY_MS = 5_000;

/** What the detector says is wrong with itself, read beside the verdicts. An outage is the verdicts' to tell. */
export class DetectorHealth {
  readonly #client: Pick<Client, "health">;
  #reasons: readonly string[] = [];

  constructor(client: Pick<Client, "health">) {
    this.#client = client;
  }

  /** One sentence each; empty while all is well or nothing is known. */
  get reasons(): readonly string[] {
    return this.#reasons;
  }

  async read(stop?: AbortSignal): Promise<void> {
    const called = await this.#client.health({ stop });
    this.#reasons = called.kind === "ok" ? called.value.reasons : [];
  }

  /** Until `stop`; `onRead` is called after each reading. */
  async run(after: Clock["after"], stop: AbortSignal, onRead: () => void): Promise<void> {
    while (!stop.aborted) {
      await this.read(stop);
      if (stop.aborted) return;
      onRead();
      await pause(after, EVERY_MS, stop);
    }
  }
}
