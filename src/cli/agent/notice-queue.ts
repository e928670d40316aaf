import { Backoff } from "../shared/time/backoff.ts";
import type { DetectorClock } from "../shared/time/detector-clock.ts";
import { faultsTo } from "../shared/output/log.ts";
import { pause } from "../shared/time/pause.ts";
import type { Detector, CallOutcome } from "./detector.ts";
import { isEnding, queued, USEFUL_MS, type AgentNotice } from "./notice.ts";
import type { AgentPorts } from "./agent-ports.ts";
import type { NoticeShelf } from "./shelf.ts";

/** A notice is waited for: it is tried again sooner, and more often, than a vantage's report. */
const RETRY = { firstMs: 250, longestMs: 5_000 };
/** How long a notice that has become moot may hold up the one that made it so. */
const MOOT_CALL_MS = 500;

interface Wiring {
  detector: Detector;
  shelf: NoticeShelf;
  clock: DetectorClock;
  ports: AgentPorts;
}

/**
 * Notices on their way, one at a time and in order, each tried again with back-off until it is heard or
 * moot. The end of a boot is on disk from when it happened until the detector has it.
 */
export class NoticeQueue {
  readonly #wiring: Wiring;
  readonly #backoff: Backoff;
  #waiting: AgentNotice[] = [];
  #running = false;
  #closed = false;
  /** Ends the wait before the next try. */
  #wake = new AbortController();
  /** Breaks off the call under way. */
  #call = new AbortController();
  readonly #drained = new Set<() => void>();

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.#backoff = new Backoff(wiring.ports.random, RETRY);
  }

  add(notice: AgentNotice): void {
    const { shelf, ports } = this.#wiring;
    const [head] = this.#waiting;
    this.#waiting = queued(this.#waiting, notice);
    if (isEnding(notice)) shelf.keep(notice);
    if (head !== undefined && this.#waiting[0] !== head) {
      // It may still arrive: the one after it must not be taken for older, so it gets a moment.
      const call = this.#call;
      ports.after(MOOT_CALL_MS, () => call.abort());
    }
    this.#wake.abort();
    if (!this.#running) void this.#run().catch(faultsTo(ports.log));
  }

  /** Resolves when nothing waits any more or can be sent, or after `withinMs`; to whether all was heard. */
  async drained(withinMs: number): Promise<boolean> {
    if (!this.#running) return this.#waiting.length === 0;
    const limit = new AbortController();
    const drained = (): void => limit.abort();
    this.#drained.add(drained);
    await pause(this.#wiring.ports.after, withinMs, limit.signal);
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
    while (!this.#closed) {
      const [head] = this.#waiting;
      if (head === undefined) break;
      this.#call = new AbortController();
      this.#wake = new AbortController();
      const outcome = await this.#send(head);
      // Something made it moot meanwhile: whatever became of it, the next one is due.
      if (this.#waiting[0] !== head) this.#backoff.reset();
      else if (outcome === "denied") break;
      else if (outcome === "later") await this.#rest();
      else this.#done(head);
    }
    this.#running = false;
    for (const drained of this.#drained) drained();
  }

  async #send(notice: AgentNotice): Promise<CallOutcome> {
    const { clock, detector, ports } = this.#wiring;
    if (clock.now() - notice.at() <= USEFUL_MS) return detector.tell(notice, this.#call.signal);
    ports.log("info", "notice-dropped", { kind: notice.kind, bootId: notice.bootId, reason: "too old" });
    return "useless";
  }

  #rest(): Promise<void> {
    const { shelf, ports } = this.#wiring;
    shelf.retry();
    return pause(ports.after, this.#backoff.fail(), this.#wake.signal);
  }

  #done(notice: AgentNotice): void {
    this.#backoff.reset();
    this.#waiting = this.#waiting.filter((other) => other !== notice);
    if (isEnding(notice)) this.#wiring.shelf.forget();
  }
}
