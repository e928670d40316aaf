import { placesOf, type RemoteReply } from "../../domain/report.ts";
import { type Channels, channelsIn } from "../../probe/channel.ts";
import { settledWithin } from "../../schedule/clock.ts";
import type { Harvest } from "../../schedule/in-flight.ts";
import { RoundProber } from "../../schedule/rounds.ts";
import { Outbox } from "../../schedule/outbox.ts";
import { Watch } from "../../schedule/watch.ts";
import type { DetectorClock } from "../shared/time/detector-clock.ts";
import { EXIT_USAGE } from "../command.ts";
import { faultsTo } from "../shared/output/log.ts";
import { ReportDelivery } from "./delivery.ts";
import { ShardConnection, type LineEvents } from "./shard-connection.ts";
import { Listener } from "./ask-listener.ts";
import type { VantagePorts } from "./node-ports.ts";
import type { WorkOptions } from "./settings.ts";
import type { FileStore } from "./file-store.ts";
import { Ticker } from "./ticker.ts";

export interface CellEvents extends LineEvents {
  /** The vantage of this token is known: the detector has named it, or has not contradicted the stored name. */
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

/** One shard's share of a vantage: probes by its assignment, keeps reports, delivers them and listens. */
export class ShardWorker {
  readonly #ports: VantagePorts;
  readonly #clock: DetectorClock;
  readonly #store: FileStore;
  readonly #line: ShardConnection;
  readonly #outbox: Outbox;
  readonly #channels: Channels;
  readonly #prober: RoundProber;
  readonly #delivery: ReportDelivery;
  readonly #watch: Watch;
  readonly #ticker: Ticker;
  readonly #listener: Listener;
  readonly #events: CellEvents;
  #isMet = false;
  #hasEnded = false;
  /** By how much the clock was corrected before the first exchange with the detector. */
  #shiftMs = 0;

  constructor(
    shard: number,
    manner: WorkOptions,
    ports: VantagePorts,
    clock: DetectorClock,
    store: FileStore,
    events: CellEvents,
  ) {
    this.#ports = ports;
    this.#clock = clock;
    this.#store = store;
    this.#events = events;
    this.#line = new ShardConnection(shard, ports, clock, events);
    this.#outbox = new Outbox(store);
    this.#channels = channelsIn(this.#outbox.inherited?.row.memory ?? "");
    this.#prober = new RoundProber(
      clock,
      (spec) => ports.start(spec, this.vantage ?? "", clock.frozen(), this.#channels),
      manner.slots,
    );
    const owner = {
      version: () => this.#watch.assignment?.version ?? 0,
      isMet: () => this.#isMet,
      meet: (reply: RemoteReply) => this.#meet(reply),
      take: (reply: RemoteReply) => this.#take(reply),
      answered: () => this.#answered(),
    };
    this.#delivery = new ReportDelivery(this.#line, this.#outbox, clock, ports, manner.retryMaxMs, owner);
    this.#watch = new Watch(
      {
        clock,
        prober: this.#prober,
        outbox: this.#outbox,
        sender: this.#delivery,
        memory: () => this.#channels.toString(),
        colo: () => undefined,
        background: (work) => void work.catch(faultsTo(ports.log)),
      },
      // With a stored assignment, targets probed recently are not due yet. `--once` probes all targets.
      manner.once ? undefined : store.assignment(),
    );
    this.#ticker = new Ticker(clock, ports.log, {
      nextAt: () => this.#prober.nextTickAt(),
      tick: () => this.#watch.tick(),
    });
    this.#listener = new Listener(this.#line, ports, manner, owner);
  }

  get counts(): Counts {
    const { unsent, dropped } = this.#outbox;
    return { ticks: this.#ticker.count, ...this.#delivery.counts, unsent, dropped };
  }

  /** The name of its vantage, where the assignment gives it. */
  get vantage(): string | undefined {
    return this.#watch.assignment?.vantage;
  }

  get hasUnsent(): boolean {
    return this.#outbox.hasUnsent;
  }

  /** Probes, delivers and listens from now on. */
  start(): void {
    this.#ticker.start();
    this.#listener.start();
  }

  /** One exchange without probes: true if the detector answered. */
  async greet(): Promise<boolean> {
    const answer = await this.#line.call({ version: 0 });
    if (answer.kind === "ok") this.#meet(answer.reply);
    else this.#ports.log("error", "detector-unreachable", { detail: answer.detail });
    return answer.kind === "ok";
  }

  /** Probes each target once and keeps the observations as reports, which `deliver` sends. Returns the observations. */
  async lookOnce(): Promise<Harvest> {
    await this.#prober.tick();
    await this.#prober.landed();
    const seen: Harvest = { observations: [], controls: [] };
    for (;;) {
      const { observations, controls } = this.#watch.publish();
      if (observations.length + controls.length === 0) return seen;
      seen.observations.push(...observations);
      seen.controls.push(...controls);
    }
  }

  /** Stops probing and sends the unsent reports, for at most `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.halt();
    this.#watch.publish();
    await settledWithin(this.#clock, this.#delivery.run(), limitMs);
  }

  /** Stops probing and listening at once. */
  halt(): void {
    this.#hasEnded = true;
    this.#ticker.stop();
    this.#delivery.halt();
    this.#listener.stop();
  }

  /** Delivers the waiting reports; settles when that has ended or failed. */
  deliver(): Promise<void> {
    return this.#delivery.run();
  }

  /** The clock was set forward by `shiftMs`. */
  retime(shiftMs: number): void {
    this.#prober.retime(shiftMs);
    if (!this.#isMet) this.#shiftMs += shiftMs;
    this.#ticker.rearm();
  }

  #answered(): void {
    this.#listener.wake();
    this.#delivery.resume();
  }

  /** Handles the first reply, and the first after a long silence. It has the whole assignment, since another detector may answer by now. */
  #meet(reply: RemoteReply): void {
    const { assignment } = reply;
    const known = this.#store.assignment()?.vantage;
    if (assignment !== undefined && known !== undefined && assignment.vantage !== known) {
      const reason = `the state directory is of vantage ${known}, the token of ${assignment.vantage}: give another --state`;
      this.#events.onEnd({ code: EXIT_USAGE, reason });
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
    this.#channels.retain(placesOf(assignment));
    const { version, shard, targets } = assignment;
    this.#ports.log("info", "assignment", { version, shard, targets: targets.length });
    this.#events.onVantage(assignment.vantage);
    this.#ticker.rearm();
  }
}
