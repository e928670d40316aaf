import type { Assignment, ProbeRequest, Report, ReportReply } from "../../../src/domain/report.ts";
import { type Clock, settledWithin } from "../../../src/schedule/clock.ts";
import { Courier } from "../../../src/schedule/courier.ts";
import { Lookout } from "../../../src/schedule/lookout.ts";
import { type Kept, Outbox } from "../../../src/schedule/outbox.ts";
import type { ProbeSpec, RunningProbe } from "../../../src/schedule/starter.ts";
import type { Reality, Seen } from "../reality.ts";
import type { Timeline } from "./timeline.ts";

/** As the vantage object has them. */
const SEND_WAIT_MS = 1_000;
const RETRY_MS = 15_000;
const RIDE_MS = 5_000;
const BURST_PATIENCE_MS = 2_000;
const BURSTS_MAX = 3;

export interface Post {
  reality: Reality;
  timeline: Timeline;
  /** Takes reports at the aggregator; returns the sequence acknowledged. */
  receive: (reports: Report[]) => number;
  /** Told of every probe of a target or control as it begins, with what will come of it. */
  note: (key: string, seen: Seen) => void;
}

/** What is to be probed at a URL of the simulated world. */
export const keyIn = (url: string): string => url.slice("tcp://".length);
export const urlOf = (key: string): string => `tcp://${key}`;

/** The regional vantage object without its storage: the production schedule, in virtual time. */
export class SimulatedVantage {
  readonly #post: Post;
  readonly #id: string;
  readonly #assignment: Assignment;
  readonly #clock: Clock;
  readonly #lookout: Lookout;
  readonly #outbox: Outbox;
  readonly #courier: Courier;
  #bursts = 0;
  #lastBurst: Promise<void> = Promise.resolve();

  constructor(id: string, assignment: Assignment, post: Post) {
    this.#id = id;
    this.#post = post;
    this.#assignment = assignment;
    this.#clock = post.timeline.clock(post.reality.skewMs(id));
    this.#lookout = new Lookout(this.#clock, (spec) => this.#start(spec));
    this.#lookout.adopt(assignment, this.#clock.now());
    const rows = new Map<number, Kept>();
    this.#outbox = new Outbox({
      put: (slot, row) => void rows.set(slot, row),
      get: (slot) => rows.get(slot),
      newest: () => undefined,
    });
    this.#courier = new Courier(
      this.#outbox,
      this.#clock,
      (reports) => this.#deliver(reports),
      () => undefined,
    );
    this.#arm();
  }

  /** Asked by the aggregator to probe now. */
  probeNow(requests: ProbeRequest[]): void {
    if (this.#bursts >= BURSTS_MAX || !this.#isRunning) return;
    this.#bursts += 1;
    this.#lastBurst = this.#lastBurst.then(() => this.#burst(requests));
  }

  get #isRunning(): boolean {
    return this.#post.reality.isRunning(this.#id, this.#post.timeline.now);
  }

  #arm(): void {
    const tickAt = this.#lookout.nextTickAt();
    if (tickAt === undefined) return;
    const now = this.#clock.now();
    const at = this.#outbox.hasUnsent ? Math.min(tickAt, now + RETRY_MS) : tickAt;
    // At least a little later, or a tick with nothing to do would run again at the same instant.
    this.#clock.after(Math.max(1, at - now), () => void this.#tick().then(() => this.#arm()));
  }

  async #tick(): Promise<void> {
    if (!this.#isRunning)
      return await settledWithin(this.#clock, new Promise(() => {}), 1_000).then(() => {});
    await this.#lookout.tick();
    this.#publish();
    await settledWithin(this.#clock, this.#courier.run(), SEND_WAIT_MS);
    this.#followUp();
  }

  async #burst(requests: ProbeRequest[]): Promise<void> {
    await this.#lookout.burst(requests);
    this.#bursts -= 1;
    this.#publish();
    this.#followUp();
    void this.#tellRest();
    await this.#courier.run();
  }

  async #tellRest(): Promise<void> {
    if (!(await this.#lookout.outlasted(BURST_PATIENCE_MS))) return;
    this.#publish();
    await this.#courier.run();
  }

  #publish(): void {
    const { observations, controls } = this.#lookout.harvest();
    if (observations.length + controls.length === 0) return;
    const { version } = this.#assignment;
    const madeAt = this.#clock.now();
    this.#outbox.append({ vantage: this.#id, version, madeAt, observations, controls }, madeAt);
  }

  #followUp(): void {
    const next = this.#lookout.nextTickAt();
    if (!this.#lookout.isLooking) return;
    if (next !== undefined && next - this.#clock.now() <= RIDE_MS) return;
    void this.#lookout.landed().then(async (isNews) => {
      if (!isNews) return;
      this.#publish();
      await this.#courier.run();
    });
  }

  /** A call that does not arrive is never answered; the courier gives it up. */
  #deliver(reports: Report[]): Promise<ReportReply> {
    const { reality, timeline, receive } = this.#post;
    const isCut = (): boolean => !reality.canReport(this.#id, timeline.now);
    return new Promise((resolve) => {
      if (isCut()) return;
      timeline.at(timeline.now + reality.transportMs(this.#id, timeline.now), () => {
        const acknowledged = receive(reports);
        if (isCut()) return;
        timeline.at(timeline.now + reality.transportMs(this.#id, timeline.now), () =>
          resolve({ acknowledged }),
        );
      });
    });
  }

  #start(spec: ProbeSpec): RunningProbe {
    const { reality, timeline, note } = this.#post;
    const key = keyIn(spec.url);
    const begin = this.#clock.now();
    const seen = reality.probe(this.#id, key, timeline.now, spec.timeoutMs);
    const { outcome, stage, tookMs, connectMs } = seen;
    note(key, seen);
    const isOpen = (): boolean =>
      connectMs !== undefined && outcome !== "refused" && this.#clock.now() - begin >= connectMs;
    const connect = connectMs === undefined || outcome === "refused" ? {} : { connectMs };
    return {
      begin,
      stage: () => (isOpen() ? "response" : "connect"),
      connectMs: () => (isOpen() ? connectMs : undefined),
      finding: new Promise((resolve) => {
        timeline.at(timeline.now + tookMs, () => resolve({ outcome, stage, totalMs: tookMs, ...connect }));
      }),
    };
  }
}
