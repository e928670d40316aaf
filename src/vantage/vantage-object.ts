import { DurableObject } from "cloudflare:workers";
import { Colo } from "../colo.ts";
import { type Bindings, configOf } from "../config.ts";
import { isPrivatePlace } from "../domain/address.ts";
import type { Attempt, AttemptsAnswer, CompleteAttemptRequest } from "../domain/attempt.ts";
import {
  type AssignedTarget,
  type Assignment,
  placesOf,
  type ProbeRequest,
  type ReportReply,
} from "../domain/report.ts";
import type { VantageRpc } from "../domain/rpc.ts";
import { type Clock, heedful } from "../schedule/clock.ts";
import { Sender } from "../schedule/sender.ts";
import { RoundProber } from "../schedule/rounds.ts";
import { Outbox } from "../schedule/outbox.ts";
import type { ScheduledSpec } from "../schedule/starter.ts";
import { Watch } from "../schedule/watch.ts";
import { livePorts, type WorkersPorts, type ProberExports } from "./workers-ports.ts";
import { openVantageStore, type VantageStore } from "./vantage-store.ts";
import { endIfStill } from "../still.ts";

interface AttemptExports {
  Prober: { attempt(request: CompleteAttemptRequest): Promise<Attempt[]> };
}

/** With reports unsent the next alarm comes no later than this, even if nothing is due. */
const RETRY_MS = 15_000;
/** An alarm overdue by this much will not come any more. */
const OVERDUE_MS = 60_000;

/**
 * The region-pinned Durable Object that probes. A tick: probe, keep one report, send it, arm the next alarm. Nothing is written before the
 * probes have ended, as an unconfirmed write holds back outgoing connections. If the object dies meanwhile, the platform fires its alarm
 * again.
 */
export class Vantage extends DurableObject<Bindings> implements VantageRpc {
  /** How objects made from now on reach the world; tests put another world here. */
  static ports: (env: Bindings, exports: ProberExports) => WorkersPorts = livePorts;

  readonly #ports: WorkersPorts;
  readonly #clock: Clock;
  readonly #store: VantageStore;
  readonly #outbox: Outbox;
  readonly #prober: RoundProber;
  readonly #watch: Watch;
  readonly #colo: Colo;
  #isTicking = false;

  constructor(ctx: DurableObjectState, env: Bindings) {
    super(ctx, env);
    const ports = Vantage.ports(env, ctx.exports as unknown as ProberExports);
    this.#ports = ports;
    this.#store = openVantageStore(ctx.storage.sql);
    this.#outbox = new Outbox(this.#store);
    const { inherited } = this.#outbox;
    if (inherited !== undefined) ports.recall(inherited.row.memory);
    const clock = heedful(ports.clock, (shiftMs) => this.#prober.retime(shiftMs));
    this.#clock = clock;
    const start = (spec: ScheduledSpec) => ports.start(spec, this.#assignment?.vantage ?? "");
    this.#prober = new RoundProber(clock, start, ports.slots);
    this.#colo = new Colo(clock.now, () => this.#prober.hold(() => ports.readColo()), inherited?.report.colo);
    this.#watch = new Watch(
      {
        clock,
        prober: this.#prober,
        outbox: this.#outbox,
        sender: new Sender(
          this.#outbox,
          clock,
          (reports) => ports.aggregator(this.#assignment?.shard ?? 0).report(reports),
          (reply) => this.#take(reply),
        ),
        memory: () => ports.memory(),
        colo: () => this.#colo.code,
        background: (work) => ctx.waitUntil(work.catch(complain)),
      },
      permitted(env, this.#store.assignment()),
    );
  }

  get #assignment(): Assignment | undefined {
    return this.#watch.assignment;
  }

  /** An assignment no newer than the current one changes nothing, but the alarm is set if it was not. */
  async configure(assignment: Assignment): Promise<{ armed: boolean }> {
    await endIfStill(this.ctx);
    this.#adopt(assignment);
    return { armed: await this.#arm() };
  }

  // oxlint-disable-next-line require-await -- an RPC method answers by a promise; this one at once
  async probeNow(requests: ProbeRequest[]): Promise<void> {
    this.#watch.probe(requests);
  }

  async attempt(request: CompleteAttemptRequest): Promise<Pick<AttemptsAnswer, "colo" | "attempts">> {
    const attempts = await (this.ctx.exports as unknown as AttemptExports).Prober.attempt(request);
    await this.#colo.refresh();
    return { colo: this.#colo.code ?? null, attempts };
  }

  /** Never throws: an alarm that fails seven times is never fired again. */
  override async alarm(): Promise<void> {
    this.#isTicking = true;
    await this.#watch.tick().catch(complain);
    this.ctx.waitUntil(this.#colo.refresh());
    const at = this.#nextAlarmAt();
    const armed = at === undefined ? undefined : this.ctx.storage.setAlarm(at);
    this.#isTicking = false;
    await armed;
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
    const mine = permitted(this.env, assignment);
    this.#store.keepAssignment(mine);
    this.#watch.adopt(mine);
    this.#ports.retain(placesOf(mine));
  }

  /** Sets the alarm unless it is set early enough; a tick under way sets it itself. True if it was set before. */
  async #arm(): Promise<boolean> {
    if (this.#isTicking) return true;
    const { storage } = this.ctx;
    const set = await storage.getAlarm();
    const now = this.#clock.now();
    const isSet = set !== null && set > now - OVERDUE_MS;
    const next = this.#nextAlarmAt();
    if (next === undefined) await storage.deleteAlarm();
    else if (!isSet || next < set) await storage.setAlarm(next);
    return isSet;
  }

  #nextAlarmAt(): number | undefined {
    const tickAt = this.#prober.nextTickAt();
    if (tickAt === undefined || !this.#outbox.hasUnsent) return tickAt;
    return Math.min(tickAt, this.#clock.now() + RETRY_MS);
  }
}

/** Removes targets in private places if the deployment forbids them: an assignment made before it did must not lead to one more look. */
function permitted(env: Bindings, assignment: Assignment): Assignment;
function permitted(env: Bindings, assignment: Assignment | undefined): Assignment | undefined;
function permitted(env: Bindings, assignment: Assignment | undefined): Assignment | undefined {
  if (assignment === undefined || configOf(env).allowPrivate) return assignment;
  const isPublic = ({ url, witness }: AssignedTarget): boolean =>
    !isPrivatePlace(url) && (witness === undefined || !isPrivatePlace(witness));
  return { ...assignment, targets: assignment.targets.filter(isPublic) };
}

const complain = (cause: unknown): void => {
  // oxlint-disable-next-line no-console -- a bug of ours has nowhere else to show itself
  console.error("vantage:", cause);
};
