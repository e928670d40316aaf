import { Backoff } from "../shared/time/backoff.ts";
import type { DetectorClock } from "../shared/time/detector-clock.ts";
import { faultsTo } from "../shared/output/log.ts";
import { pause } from "../shared/time/pause.ts";
import type { Detector, CallOutcome } from "./detector.ts";
import { isEnding, queued, USEFUL_MS, type AgentNotice } from "./notice.ts";
import type { AgentPorts } from "./agent-ports.ts";
import type { NoticeShelf } from "./shelf.ts";

/** The judge waits for notices, so they are tried again sooner and more often than a vantage's reports. */
const RETRY = { firstMs: 250, longestMs: 5_000 };
/** How long a moot notice may hold up the notice that has made it moot. */
const MOOT_CALL_MS = 500;

interface Wiring {
  detector: Detector;
  shelf: NoticeShelf;
  clock: DetectorClock;
  ports: AgentPorts;
}

/**
 * Sends notices one at a time and in order, each tried again with back-off until it is accepted or moot. The end of a boot is on disk from
 * when it happened until the detector has accepted it.
 */
export class NoticeQueue {
  readonly #wiring: Wiring;
  readonly #backoff: Backoff;
  #waiting: AgentNotice[] = [];
  #running = false;
  #closed = false;
  /** Ends the wait before the next try. */
  #wake = new AbortController();
  /** Aborts the call under way. */
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
      // The moot notice may still arrive. It gets a moment, so that the detector does not take the next notice for the older one.
      const call = this.#call;
      ports.after(MOOT_CALL_MS, () => call.abort());
    }
    this.#wake.abort();
    if (!this.#running) void this.#run().catch(faultsTo(ports.log));
  }

  /** Resolves when no notice waits any more or can be sent, or after `withinMs`; to whether all were accepted. */
  async drained(withinMs: number): Promise<boolean> {
    if (!this.#running) return this.#waiting.length === 0;
    const limit = new AbortController();
    const drained = (): void => limit.abort();
    this.#drained.add(drained);
    await pause(this.#wiring.ports.after, withinMs, limit.signal);
    this.#drained.delete(drained);
    return this.#waiting.length === 0;
  }

  /** Gives up the notice under way. */
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
      // A later notice has made it moot meanwhile, so the next one is due whether or not it arrived.
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
