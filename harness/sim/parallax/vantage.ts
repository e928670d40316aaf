import type { Assignment, ProbeRequest, Report, ReportReply } from "../../../src/domain/report.ts";
import { type Clock, settledWithin } from "../../../src/schedule/clock.ts";
import { Sender } from "../../../src/schedule/sender.ts";
import { RoundProber } from "../../../src/schedule/rounds.ts";
import { WORKER_SLOTS } from "../../../src/schedule/slots.ts";
import { type StoredReport, Outbox } from "../../../src/schedule/outbox.ts";
import type { RunningProbe, ScheduledSpec } from "../../../src/schedule/starter.ts";
import { Watch } from "../../../src/schedule/watch.ts";
import type { Reality, Seen } from "../reality.ts";
import type { Timeline } from "./timeline.ts";

/** As the vantage object has it. */
const RETRY_MS = 15_000;

export interface Post {
  reality: Reality;
  timeline: Timeline;
  /** Takes reports at the aggregator; returns the sequence acknowledged. */
  receive: (reports: Report[]) => number;
  /** Told of every probe of a target or control as it begins, with what will come of it. */
  note: (key: string, seen: Seen) => void;
}

/** What is to be probed at a URL of the simulated world. */
export const keyIn = (url: string): string => url.slice(url.indexOf("://") + "://".length);
export const urlOf = (key: string): string => `tcp://${key}`;

/** When the collector takes what arrives at `at`: at once, unless it stands still. */
export const takenAt = (reality: Reality, at: number): number => {
  const until = reality.heldUntil?.(at);
  return until === undefined ? at : takenAt(reality, until);
};

/** The regional vantage object without its storage: the production schedule, in virtual time. */
export class SimulatedVantage {
  readonly #post: Post;
  readonly #id: string;
  readonly #clock: Clock;
  readonly #prober: RoundProber;
  readonly #outbox: Outbox;
  readonly #watch: Watch;

  constructor(id: string, assignment: Assignment, post: Post) {
    this.#id = id;
    this.#post = post;
    this.#clock = post.timeline.clock(post.reality.skewMs(id));
    this.#prober = new RoundProber(this.#clock, (spec) => this.#start(spec), WORKER_SLOTS);
    const rows = new Map<number, StoredReport>();
    this.#outbox = new Outbox({
      put: (slot, row) => void rows.set(slot, row),
      get: (slot) => rows.get(slot),
      newest: () => undefined,
    });
    this.#watch = new Watch({
      clock: this.#clock,
      prober: this.#prober,
      outbox: this.#outbox,
      sender: new Sender(
        this.#outbox,
        this.#clock,
        (reports) => this.#deliver(reports),
        () => undefined,
      ),
      memory: () => "",
      colo: () => undefined,
      background: (work) => void work,
    });
    // As if a predecessor had just ticked: the first looks come by the grid, and not all at once.
    this.#prober.adopt(assignment, this.#clock.now());
    this.#watch.adopt(assignment);
    this.#arm();
  }

  /** Asked by the aggregator to probe now. */
  probeNow(requests: ProbeRequest[]): void {
    if (this.#isRunning) this.#watch.probe(requests);
  }

  get #isRunning(): boolean {
    return this.#post.reality.isRunning(this.#id, this.#post.timeline.now);
  }

  #arm(): void {
    const tickAt = this.#prober.nextTickAt();
    if (tickAt === undefined) return;
    const now = this.#clock.now();
    const at = this.#outbox.hasUnsent ? Math.min(tickAt, now + RETRY_MS) : tickAt;
    // At least a little later, or a tick with nothing to do would run again at the same instant.
    this.#clock.after(Math.max(1, at - now), () => void this.#tick().then(() => this.#arm()));
  }

  async #tick(): Promise<void> {
    if (this.#isRunning) await this.#watch.tick();
    else await settledWithin(this.#clock, new Promise(() => {}), 1_000);
  }

  /** A call that does not arrive is never answered; the sender gives it up. */
  #deliver(reports: Report[]): Promise<ReportReply> {
    const { reality, timeline, receive } = this.#post;
    const isCut = (): boolean => !reality.canReport(this.#id, timeline.now);
    return new Promise((resolve) => {
      if (isCut()) return;
      const arrivesAt = timeline.now + reality.transportMs(this.#id, timeline.now);
      const againMs = reality.repeatsAfterMs?.(this.#id, timeline.now);
      if (againMs !== undefined) timeline.at(takenAt(reality, arrivesAt + againMs), () => receive(reports));
      timeline.at(takenAt(reality, arrivesAt), () => {
        const acknowledged = receive(reports);
        if (isCut()) return;
        timeline.at(timeline.now + reality.transportMs(this.#id, timeline.now), () =>
          resolve({ acknowledged }),
        );
      });
    });
  }

  #start(spec: ScheduledSpec): RunningProbe {
    const { reality, timeline, note } = this.#post;
    const key = keyIn(spec.url);
    const begin = this.#clock.now();
    const seen = givenUp(reality.probe(this.#id, key, timeline.now, spec.timeoutMs), spec);
    const { outcome, stage, tookMs, connectMs } = seen;
    note(key, seen);
    const isOpen = (): boolean =>
      connectMs !== undefined && outcome !== "refused" && this.#clock.now() - begin >= connectMs;
    const connect = connectMs === undefined || outcome === "refused" ? {} : { connectMs };
    return {
      begin,
      stage: () => (isOpen() ? "response" : "connect"),
      isResolving: () => false,
      connectMs: () => (isOpen() ? connectMs : undefined),
      finding: new Promise((resolve) => {
        timeline.at(timeline.now + tookMs, () => resolve({ outcome, stage, totalMs: tookMs, ...connect }));
      }),
    };
  }
}

/** The result of a prober that waits for the connection no longer than its timeout. */
const givenUp = (seen: Seen, { connectWithinMs }: ScheduledSpec): Seen => {
  const openedMs = seen.connectMs ?? (seen.outcome === "connect_timeout" ? Infinity : seen.tookMs);
  return openedMs <= connectWithinMs
    ? seen
    : { outcome: "connect_timeout", stage: "connect", tookMs: connectWithinMs };
};
