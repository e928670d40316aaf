import type { Detector } from "./agent-detector.ts";
import { pause } from "./agent-pause.ts";

/**
 * Heartbeats while a boot lives. One that fails is not repeated, a late one is worth nothing: the next goes
 * out at its time. Only monotonic timers pace them.
 */
export class Pulse {
  readonly #detector: Detector;
  readonly #everyMs: number;
  #stop = new AbortController();

  constructor(detector: Detector, everyMs: number) {
    this.#detector = detector;
    this.#everyMs = everyMs;
  }

  /** Beats for `bootId` from when `ready` resolves, and no more for the boot before it. */
  start(bootId: string, ready: Promise<unknown>): void {
    this.stop();
    this.#stop = new AbortController();
    void this.#run(bootId, ready, this.#stop.signal);
  }

  stop(): void {
    this.#stop.abort();
  }

  async #run(bootId: string, ready: Promise<unknown>, stop: AbortSignal): Promise<void> {
    await ready;
    for (let due = performance.now(); !stop.aborted;) {
      if ((await this.#detector.beat(bootId, stop)) === "denied") return;
      due = Math.max(due + this.#everyMs, performance.now());
      await pause(due - performance.now(), stop);
    }
  }
}
