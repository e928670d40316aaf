import { sentReports } from "../domain/exchange.ts";
import type { RemoteReply, Report } from "../domain/report.ts";
import { settledWithin } from "../schedule/clock.ts";
import { Courier } from "../schedule/courier.ts";
import type { Harvest } from "../schedule/flights.ts";
import { Lookout } from "../schedule/lookout.ts";
import { Outbox } from "../schedule/outbox.ts";
import { Watch } from "../schedule/watch.ts";
import { Backoff } from "./backoff.ts";
import type { DetectorClock } from "./vantage-clock.ts";
import { Line, type LineEvents } from "./vantage-line.ts";
import { Listener } from "./vantage-listener.ts";
import type { VantagePorts } from "./vantage-ports.ts";
import type { Store } from "./vantage-shelf.ts";

/** How a vantage is to work; see the command's options. */
export interface CellSettings {
  slots: number;
  listenMs: number;
  retryMaxMs: number;
  /** Look at everything once, and end. */
  once: boolean;
}

export interface CellEvents extends LineEvents {
  /** The detector has said, or not denied, whose token this is. */
  onVantage: (vantage: string) => void;
}

/** What a cell has done since it started. */
export interface Counts {
  ticks: number;
  observations: number;
  delivered: number;
  unsent: number;
  dropped: number;
}

/** A failure that lasts is logged again after so many tries. */
const LOG_EVERY = 20;

/**
 * One shard's share of a vantage: it looks by its assignment, keeps reports, delivers and listens.
 * Nothing is delivered before the first word with the detector, which sets clock and numbering right.
 */
export class Cell {
  readonly #ports: VantagePorts;
  readonly #clock: DetectorClock;
  readonly #store: Store;
  readonly #line: Line;
  readonly #outbox: Outbox;
  readonly #lookout: Lookout;
  readonly #courier: Courier<RemoteReply>;
  readonly #watch: Watch;
  readonly #listener: Listener;
  readonly #events: CellEvents;
  readonly #sending: Backoff;
  readonly #counts = { ticks: 0, observations: 0, delivered: 0 };
  #isMet = false;
  #hasEnded = false;
  #isLooking = false;
  #isTicking = false;
  /** By how much the clock has been set before the detector was met. */
  #shiftMs = 0;
  #cancelTick = (): void => undefined;
  #cancelRetry: (() => void) | undefined;

  constructor(
    shard: number,
    settings: CellSettings,
    ports: VantagePorts,
    clock: DetectorClock,
    store: Store,
    events: CellEvents,
  ) {
    this.#ports = ports;
    this.#clock = clock;
    this.#store = store;
    this.#events = events;
    this.#line = new Line(shard, ports, clock, events);
    this.#sending = new Backoff(ports.random, settings.retryMaxMs);
    this.#outbox = new Outbox(store);
    this.#lookout = new Lookout(
      clock,
      (spec) => ports.start(spec, this.#watch.assignment?.vantage ?? "", clock.frozen()),
      settings.slots,
    );
    this.#courier = new Courier(
      this.#outbox,
      clock,
      (reports) => this.#deliver(reports),
      (reply) => this.#take(reply),
    );
    this.#watch = new Watch(
      {
        clock,
        lookout: this.#lookout,
        outbox: this.#outbox,
        courier: this.#courier,
        memory: () => "",
        colo: () => undefined,
        background: (work) => void work.catch((cause: unknown) => this.#complain(cause)),
      },
      // What was looked at lately is not due yet; to look once is to look at all.
      settings.once ? undefined : store.assignment(),
    );
    this.#listener = new Listener(this.#line, ports, new Backoff(ports.random, settings.retryMaxMs), {
      listenMs: settings.listenMs,
      version: () => this.#watch.assignment?.version ?? 0,
      isMet: () => this.#isMet,
      meet: (reply) => this.#meet(reply),
      take: (reply) => this.#take(reply),
      answered: () => this.#answered(),
    });
  }

  get counts(): Counts {
    return { ...this.#counts, unsent: this.#outbox.unsent, dropped: this.#outbox.dropped };
  }

  /** Whom it works for, as far as it knows. */
  get vantage(): string | undefined {
    return this.#watch.assignment?.vantage;
  }

  get hasUnsent(): boolean {
    return this.#outbox.hasUnsent;
  }

  /** Looks, delivers and listens from now on. */
  start(): void {
    this.#isLooking = true;
    this.#arm();
    this.#listener.start();
  }

  /** One exchange without looking: true if the detector answered. */
  async greet(): Promise<boolean> {
    const answer = await this.#line.call({ version: 0 });
    if (answer.kind === "ok") this.#meet(answer.reply);
    else this.#ports.log("error", "detector-unreachable", { detail: answer.detail });
    return answer.kind === "ok";
  }

  /** Looks at everything once, keeps what it saw as reports, and tells it. */
  async lookOnce(): Promise<Harvest> {
    await this.#lookout.tick();
    await this.#lookout.landed();
    const seen: Harvest = { observations: [], controls: [] };
    for (;;) {
      const { observations, controls } = this.#watch.publish();
      if (observations.length + controls.length === 0) return seen;
      seen.observations.push(...observations);
      seen.controls.push(...controls);
    }
  }

  /** Stops looking and sends what there is, for at most `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.halt();
    this.#watch.publish();
    await settledWithin(this.#clock, this.#courier.run(), limitMs);
  }

  /** Stops looking and listening, at once. */
  halt(): void {
    this.#isLooking = false;
    this.#hasEnded = true;
    this.#cancelTick();
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#listener.stop();
  }

  /** Delivers what there is to deliver; settles when that has ended or failed. */
  deliver(): Promise<void> {
    return this.#courier.run();
  }

  /** The clock was set forward by `shiftMs`. */
  retime(shiftMs: number): void {
    this.#lookout.retime(shiftMs);
    if (!this.#isMet) this.#shiftMs += shiftMs;
    this.#arm();
  }

  #arm(): void {
    if (!this.#isLooking || this.#isTicking) return;
    this.#cancelTick();
    const at = this.#lookout.nextTickAt();
    if (at === undefined) return;
    this.#cancelTick = this.#ports.after(Math.max(0, at - this.#clock.now()), () => void this.#tick());
  }

  async #tick(): Promise<void> {
    this.#isTicking = true;
    try {
      await this.#watch.tick();
      this.#counts.ticks += 1;
    } catch (cause) {
      this.#complain(cause);
    } finally {
      this.#isTicking = false;
    }
    this.#arm();
  }

  async #deliver(reports: Report[]): Promise<RemoteReply> {
    if (!this.#isMet || this.#cancelRetry !== undefined) throw new Error("not yet");
    const version = this.#watch.assignment?.version ?? 0;
    const answer = await this.#line.call({ version, reports: sentReports(reports) });
    if (answer.kind === "ok") {
      this.#count(reports, answer.reply.acknowledged);
      this.#answered();
      return answer.reply;
    }
    if (answer.kind === "invalid") return this.#offerLess(reports, answer.detail);
    this.#retryLater(answer.detail);
    throw new Error(answer.detail);
  }

  /** Finds the report that is refused by offering ever fewer; alone, it is dropped: nobody will ever take it. */
  #offerLess(reports: Report[], detail: string): Promise<RemoteReply> {
    if (reports.length > 1) return this.#deliver(reports.slice(0, Math.ceil(reports.length / 2)));
    const [report] = reports;
    if (report !== undefined) {
      const { sequence, observations } = report;
      this.#ports.log("error", "report-refused", { sequence, dropped: observations.length, detail });
      this.#outbox.discard(sequence);
    }
    // What comes next may be refused as well: no faster than a detector that is down.
    this.#retryLater(detail);
    throw new Error(detail);
  }

  #count(reports: Report[], acknowledged: number): void {
    for (const { sequence, observations } of reports) {
      if (sequence > acknowledged) continue;
      this.#counts.delivered += 1;
      this.#counts.observations += observations.length;
    }
  }

  #retryLater(detail: string): void {
    if (this.#hasEnded) return;
    const waitMs = this.#sending.fail();
    const { failures } = this.#sending;
    if (failures % LOG_EVERY === 1)
      this.#ports.log("warn", "delivery-failing", { detail, failures, unsent: this.#outbox.unsent });
    this.#cancelRetry?.();
    this.#cancelRetry = this.#ports.after(waitMs, () => {
      this.#cancelRetry = undefined;
      void this.#courier.run().catch((cause: unknown) => this.#complain(cause));
    });
  }

  /** The detector is there: nothing waits any longer. */
  #answered(): void {
    if (this.#sending.failures > 0) this.#ports.log("info", "detector-back", { unsent: this.#outbox.unsent });
    this.#sending.reset();
    this.#listener.wake();
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    if (this.#outbox.hasUnsent) void this.#courier.run().catch((cause: unknown) => this.#complain(cause));
  }

  /** The first word, and the first after a long silence: the whole assignment is asked for, since it may be another detector by now. */
  #meet(reply: RemoteReply): void {
    const { assignment } = reply;
    const known = this.#store.assignment()?.vantage;
    if (assignment !== undefined && known !== undefined && assignment.vantage !== known) {
      const reason = `the state directory is of vantage ${known}, the token of ${assignment.vantage}: give another --state`;
      this.#events.onEnd({ code: 2, reason });
      return;
    }
    if (!this.#isMet) this.#outbox.meet(reply.acknowledged, this.#shiftMs);
    this.#isMet = true;
    if (assignment !== undefined && assignment.version !== this.#watch.assignment?.version)
      this.#adopt(assignment);
    if (known !== undefined) this.#events.onVantage(known);
    this.#take(reply);
    this.#answered();
  }

  #take({ assignment, wanted }: RemoteReply): void {
    if (this.#hasEnded) return;
    if (assignment !== undefined && assignment.version > (this.#watch.assignment?.version ?? -1))
      this.#adopt(assignment);
    if (wanted.length > 0) this.#watch.probe(wanted);
  }

  #adopt(assignment: NonNullable<RemoteReply["assignment"]>): void {
    this.#store.keepAssignment(assignment);
    this.#watch.adopt(assignment);
    const { version, shard, targets } = assignment;
    this.#ports.log("info", "assignment", { version, shard, targets: targets.length });
    this.#events.onVantage(assignment.vantage);
    this.#arm();
  }

  #complain(cause: unknown): void {
    this.#ports.log("error", "fault", { reason: cause instanceof Error ? cause.stack : String(cause) });
  }
}
