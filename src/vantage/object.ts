import { DurableObject } from "cloudflare:workers";
import type { Bindings } from "../config.ts";
import type { Assignment, ProbeRequest, ReportReply } from "../domain/report.ts";
import type { VantageRpc } from "../domain/rpc.ts";
import { settledWithin } from "../schedule/clock.ts";
import { Courier } from "../schedule/courier.ts";
import { Lookout } from "../schedule/lookout.ts";
import { Outbox } from "../schedule/outbox.ts";
import { Colo } from "./colo.ts";
import { livePorts, type Ports } from "./ports.ts";
import { openStore, type Store } from "./store.ts";

/** How long a tick waits for the aggregator; a slower call goes on beside the next tick. */
const SEND_WAIT_MS = 1_000;
/** With reports unsent the next alarm comes no later than this, even if nothing is due. */
const RETRY_MS = 15_000;
/** Finals ride on the next report, unless the next tick is further away. */
const RIDE_MS = 5_000;
/** What a burst found silent is told of so long after its report at the latest. */
const BURST_PATIENCE_MS = 2_000;
/** An alarm overdue by this much will not come any more. */
const OVERDUE_MS = 60_000;
/** One burst runs and two wait; more are dropped, as what they ask is being asked already. */
const BURSTS_MAX = 3;

/**
 * The region-pinned Durable Object that probes. A tick: look, keep one report, send it, arm the
 * next alarm. Nothing is written before the probes have ended, as an unconfirmed write holds back
 * outgoing connections; an object that dies meanwhile has its alarm fired again by the platform.
 */
export class Vantage extends DurableObject<Bindings> implements VantageRpc {
  /** What objects made from now on reach the world by; tests put another world here. */
  static ports: (env: Bindings) => Ports = livePorts;

  readonly #ports: Ports;
  readonly #store: Store;
  readonly #outbox: Outbox;
  readonly #lookout: Lookout;
  readonly #courier: Courier;
  readonly #colo: Colo;
  #assignment: Assignment | undefined;
  #tickedAt: number;
  #isTicking = false;
  #bursts = 0;
  #lastBurst: Promise<void> = Promise.resolve();

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    const ports = Vantage.ports(env);
    this.#ports = ports;
    this.#store = openStore(ctx.storage.sql);
    this.#assignment = this.#store.assignment();
    this.#outbox = new Outbox(this.#store);
    const { inherited } = this.#outbox;
    if (inherited !== undefined) ports.recall(inherited.row.memory);
    this.#tickedAt = inherited?.row.tickedAt ?? 0;
    this.#lookout = new Lookout(ports.clock, (spec) => ports.start(spec, this.#assignment?.vantage ?? ""));
    this.#courier = new Courier(
      this.#outbox,
      ports.clock,
      (reports) => ports.aggregator(this.#assignment?.shard ?? 0).report(reports),
      (reply) => this.#take(reply),
    );
    const readColo = () => this.#lookout.hold(() => ports.readColo());
    this.#colo = new Colo(ports.clock, readColo, inherited?.report.colo);
    if (this.#assignment !== undefined) this.#lookout.adopt(this.#assignment, inherited?.row.tickedAt);
  }

  /** An assignment no newer than the one at work changes nothing, but sees to it that the alarm is set. */
  async configure(assignment: Assignment): Promise<{ armed: boolean }> {
    this.#adopt(assignment);
    return { armed: await this.#arm() };
  }

  // oxlint-disable-next-line require-await -- an RPC method answers by a promise; this one at once
  async probeNow(requests: ProbeRequest[]): Promise<void> {
    if (this.#bursts >= BURSTS_MAX) return;
    this.#bursts += 1;
    this.#lastBurst = this.#lastBurst.then(() => this.#burst(requests)).catch(complain);
    this.ctx.waitUntil(this.#lastBurst);
  }

  /** Never throws: an alarm that fails seven times is never fired again. */
  override async alarm(): Promise<void> {
    this.#isTicking = true;
    await this.#tick().catch(complain);
    const at = this.#nextAlarmAt();
    const armed = at === undefined ? undefined : this.ctx.storage.setAlarm(at);
    this.#isTicking = false;
    await armed;
  }

  async #tick(): Promise<void> {
    const tickedAt = this.#ports.clock.now();
    await this.#lookout.tick();
    this.#tickedAt = tickedAt;
    this.#publish();
    this.ctx.waitUntil(this.#colo.refresh());
    await settledWithin(this.#ports.clock, this.#courier.run(), SEND_WAIT_MS);
    this.#followUp();
  }

  async #burst(requests: ProbeRequest[]): Promise<void> {
    await this.#lookout.burst(requests).finally(() => {
      this.#bursts -= 1;
    });
    this.#publish();
    this.#followUp();
    this.ctx.waitUntil(this.#tellRest().catch(complain));
    await this.#courier.run();
  }

  /** A burst is asked for because somebody waits: paths that are slow to give up tell in a report of their own. */
  async #tellRest(): Promise<void> {
    if (!(await this.#lookout.outlasted(BURST_PATIENCE_MS))) return;
    this.#publish();
    await this.#courier.run();
  }

  /** Keeps what there is to report as one row; nothing to report is no report. */
  #publish(): void {
    const { observations, controls } = this.#lookout.harvest();
    if (this.#assignment === undefined || observations.length + controls.length === 0) return;
    const { vantage, version } = this.#assignment;
    const colo = this.#colo.code === undefined ? {} : { colo: this.#colo.code };
    const madeAt = this.#ports.clock.now();
    const report = { vantage, version, madeAt, ...colo, observations, controls };
    this.#outbox.append(report, this.#tickedAt, this.#ports.memory());
  }

  /** Sees that the finals of what is still silent do not wait for a tick that is far away. */
  #followUp(): void {
    const next = this.#lookout.nextTickAt();
    if (!this.#lookout.isLooking) return;
    if (next !== undefined && next - this.#ports.clock.now() <= RIDE_MS) return;
    const finals = this.#lookout.landed().then(async (isNews) => {
      if (!isNews) return;
      this.#publish();
      await this.#courier.run();
    });
    this.ctx.waitUntil(finals.catch(complain));
  }

  async #take(reply: ReportReply): Promise<void> {
    if (reply.assignment === undefined) return;
    try {
      this.#adopt(reply.assignment);
      await this.#arm();
    } catch (cause) {
      complain(cause);
    }
  }

  #adopt(assignment: Assignment): void {
    if (assignment.version <= (this.#assignment?.version ?? -1)) return;
    this.#store.keepAssignment(assignment);
    this.#assignment = assignment;
    this.#lookout.adopt(assignment);
  }

  /** Sets the alarm unless it is set early enough; a tick under way will arm it itself. True if it was set. */
  async #arm(): Promise<boolean> {
    if (this.#isTicking) return true;
    const { storage } = this.ctx;
    const set = await storage.getAlarm();
    const now = this.#ports.clock.now();
    const isSet = set !== null && set > now - OVERDUE_MS;
    const next = this.#nextAlarmAt();
    if (next === undefined) await storage.deleteAlarm();
    else if (!isSet || next < set) await storage.setAlarm(next);
    return isSet;
  }

  #nextAlarmAt(): number | undefined {
    const tickAt = this.#lookout.nextTickAt();
    if (tickAt === undefined || !this.#outbox.hasUnsent) return tickAt;
    return Math.min(tickAt, this.#ports.clock.now() + RETRY_MS);
  }
}

const complain = (cause: unknown): void => {
  // oxlint-disable-next-line no-console -- a bug of ours has nowhere else to show itself
  console.error("vantage:", cause);
};
