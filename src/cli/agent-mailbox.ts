import { backoffMs } from "./agent-backoff.ts";
import type { Clock } from "./agent-clock.ts";
import type { Detector, Outcome } from "./agent-detector.ts";
import type { Log } from "./log.ts";
import { isEnding, queued, USEFUL_MS, type Notice } from "./agent-notice.ts";
import { pause } from "./agent-pause.ts";
import type { Shelf } from "./agent-shelf.ts";

/** How long a notice that has become moot may hold up the one that made it so. */
const MOOT_CALL_MS = 500;

interface Wiring {
  detector: Detector;
  shelf: Shelf;
  clock: Clock;
  log: Log;
}

/**
 * Notices on their way, one at a time and in order, each tried again with back-off until it is heard or
 * moot. The end of a boot is on disk from when it happened until the detector has it.
 */
export class Mailbox {
  readonly #wiring: Wiring;
  #waiting: Notice[] = [];
  #running = false;
  #closed = false;
  /** Ends the wait before the next try. */
  #wake = new AbortController();
  /** Breaks off the call under way. */
  #call = new AbortController();
  readonly #drained = new Set<() => void>();

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
  }

  add(notice: Notice): void {
    const [head] = this.#waiting;
    this.#waiting = queued(this.#waiting, notice);
    if (isEnding(notice)) void this.#wiring.shelf.keep(notice);
    if (head !== undefined && this.#waiting[0] !== head) {
      // It may still arrive: the one after it must not be taken for older, so it gets a moment.
      const call = this.#call;
      setTimeout(() => call.abort(), MOOT_CALL_MS).unref();
    }
    this.#wake.abort();
    if (!this.#running) void this.#run();
  }

  /** Resolves when nothing waits any more or can be sent, or after `withinMs`; to whether all was heard. */
  async drained(withinMs: number): Promise<boolean> {
    if (!this.#running) return this.#waiting.length === 0;
    const limit = new AbortController();
    const drained = (): void => limit.abort();
    this.#drained.add(drained);
    await pause(withinMs, limit.signal);
    this.#drained.delete(drained);
    return this.#waiting.length === 0;
  }

  /** Gives up what is under way. */
  close(): void {
    this.#closed = true;
    this.#call.abort();
    this.#wake.abort();
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let failures = 0; !this.#closed;) {
      const [head] = this.#waiting;
      if (head === undefined) break;
      this.#call = new AbortController();
      this.#wake = new AbortController();
      const outcome = await this.#send(head);
      // Something made it moot meanwhile: whatever became of it, the next one is due.
      if (this.#waiting[0] !== head) failures = 0;
      else if (outcome === "denied") break;
      else if (outcome !== "later") failures = this.#done(head);
      else await pause(backoffMs(++failures, Math.random()), this.#wake.signal);
    }
    this.#running = false;
    for (const drained of this.#drained) drained();
  }

  async #send(notice: Notice): Promise<Outcome> {
    const { clock, detector, log } = this.#wiring;
    if (clock.instantOf(clock.read()) - notice.at() <= USEFUL_MS)
      return detector.tell(notice, this.#call.signal);
    log("info", "notice-dropped", { kind: notice.kind, bootId: notice.bootId, reason: "too old" });
    return "useless";
  }

  #done(notice: Notice): 0 {
    this.#waiting = this.#waiting.filter((other) => other !== notice);
    if (isEnding(notice)) void this.#wiring.shelf.forget();
    return 0;
  }
}
