import type { Client } from "../../../client/client.ts";
import type { VerdictAnswer } from "../../../domain/verdict.ts";
import { Backoff } from "../time/backoff.ts";
import type { Machine } from "../process/machine.ts";
import { pause } from "../time/pause.ts";
import { nameOf } from "../arguments/place.ts";
import { inWords } from "../output/trouble.ts";

/** All verdicts, as last read. */
export interface Known {
  /** By `site/target`, in the detector's order. */
  verdicts: ReadonlyMap<string, VerdictAnswer>;
  /** When the verdicts came, on the monotonic clock. */
  readAt: number;
}

/** Since when there has been no answer, in wall-clock epoch milliseconds, and why. */
export interface Outage {
  since: number;
  why: string;
  /** The detector was reached, and says that the site asked for is not there. */
  isNowhere: boolean;
}

type Ports = Pick<Machine, "monotonic" | "wall" | "after" | "random">;

interface Manner {
  site: string | undefined;
  everyMs: number;
}

/** Pauses while the detector does not answer: short, so that all is known again soon after its return. */
const RETRY = { firstMs: 1_000, longestMs: 5_000 };

/** Reads all verdicts repeatedly, by one call for all callers in this process. Keeps the last verdicts when a read fails. */
export class VerdictSnapshot {
  readonly #client: Client;
  readonly #manner: Manner;
  readonly #ports: Ports;
  readonly #backoff: Backoff;
  #known: Known | undefined;
  #outage: Outage | undefined;

  constructor(client: Client, manner: Manner, ports: Ports) {
    this.#client = client;
    this.#manner = manner;
    this.#ports = ports;
    this.#backoff = new Backoff(ports.random, RETRY);
  }

  get known(): Known | undefined {
    return this.#known;
  }

  get outage(): Outage | undefined {
    return this.#outage;
  }

  /** Reads until `stop`. Calls `onRead` after each try, answered or not. */
  async run(stop: AbortSignal, onRead: () => void): Promise<void> {
    while (!stop.aborted) {
      const waitMs = await this.#read(stop);
      if (stop.aborted) return;
      onRead();
      await pause(this.#ports.after, waitMs, stop);
    }
  }

  /** Milliseconds until the next try. */
  async #read(stop: AbortSignal): Promise<number> {
    const { site, everyMs } = this.#manner;
    const called = await this.#client.verdicts({ site, stop });
    if (called.kind !== "ok") {
      this.#outage = {
        since: this.#outage?.since ?? this.#ports.wall(),
        why: inWords(called),
        isNowhere: site !== undefined && called.kind === "refused" && called.status === 404,
      };
      return Math.max(everyMs, this.#backoff.fail());
    }
    this.#backoff.reset();
    this.#outage = undefined;
    const verdicts = new Map(called.value.map((verdict) => [nameOf(verdict), verdict]));
    this.#known = { verdicts, readAt: this.#ports.monotonic() };
    return everyMs;
  }
}
