import { faultsTo } from "../shared/output/log.ts";
import { pause } from "../shared/time/pause.ts";
import type { Detector } from "./detector.ts";
import type { AgentPorts } from "./agent-ports.ts";

/**
 * Sends heartbeats while a boot lives. A heartbeat that fails is not repeated, since a late one is worth nothing. The next one goes out at
 * its time. Only monotonic timers pace them.
 */
export class Pulse {
  readonly #ports: AgentPorts;
  readonly #detector: Detector;
  readonly #everyMs: number;
  #stop = new AbortController();

  constructor(ports: AgentPorts, detector: Detector, everyMs: number) {
    this.#ports = ports;
    this.#detector = detector;
    this.#everyMs = everyMs;
  }

  /** Sends heartbeats for `bootId` once `ready` resolves, and none any more for the boot before it. */
  start(bootId: string, ready: Promise<unknown> = Promise.resolve()): void {
    this.stop();
    this.#stop = new AbortController();
    void this.#run(bootId, ready, this.#stop.signal).catch(faultsTo(this.#ports.log));
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(bootId: string, ready: Promise<unknown>, stop: AbortSignal): Promise<void> {
    const { monotonic, after } = this.#ports;
    await ready;
    for (let due = monotonic(); !stop.aborted;) {
      if ((await this.#detector.beat(bootId, stop)) === "denied") return;
      due = Math.max(due + this.#everyMs, monotonic());
      await pause(after, due - monotonic(), stop);
    }
  }
}
