import { Colo, readColo } from "../colo.ts";
import { migrate } from "../migrations.ts";
import { parseConfig, vantageOf, type Bindings, type Config } from "../config.ts";
import type { Counters } from "../domain/snapshot.ts";
import type { EvidenceEvent } from "../domain/evidence.ts";
import { keyOf } from "../domain/name.ts";
import type { Assignment, ProbeRequest, Report } from "../domain/report.ts";
import type { Vantage } from "../domain/vantage.ts";
import type { Webhook } from "../domain/webhook.ts";
import type { Judgement } from "../verdict/judge.ts";
import { NEVER } from "../verdict/memory/judge-state.ts";
import { assignmentFor, type AssignmentSource, type Permission } from "./assignment.ts";
import { type Deployed, deployedBy } from "./deployed.ts";
import { Dispatcher, type DeliveryPorts } from "../webhooks/delivery/dispatcher.ts";
import { retimeDrills } from "./drills.ts";
import { Flow } from "./flow.ts";
import { learnFromFirstShard } from "./learning.ts";
import { introduce } from "./introduction.ts";
import { Ledger } from "./ledger.ts";
import { ProbeRequests } from "./probe-requests.ts";
import { Followers } from "./members.ts";
import { Notices } from "./condition.ts";
import { Peers } from "./peers.ts";
import { Rerun } from "./rerun.ts";
import { Catalogue } from "./store/catalogue.ts";
import { GoAheadTable } from "./store/go-ahead-table.ts";
import { Journal } from "./store/journal.ts";
import { MuteTable } from "./store/mute-table.ts";
import { DeliveryTable } from "../webhooks/delivery/delivery-table.ts";
import { NodeMessages } from "./said.ts";
import { heeded } from "../replay/setback.ts";
import { dated, noteSetBack } from "./clock-setback.ts";
import { Readings } from "./readings.ts";
import { Registry } from "./store/registry.ts";
import { MIGRATIONS } from "./store/schema.ts";
import { Vetting } from "./vetting.ts";
import { Visits } from "./visits.ts";
import { closeWebhook } from "./webhook-registry.ts";
import { COLO } from "./whereabouts.ts";

/** An alarm is not set for less than this ahead: otherwise it would only run in circles. */
const SHORTEST_ALARM_MS = 100;
/** Heartbeats that wait for the next judgement, at most. */
const MAX_UNTOLD = 256;
/** How long to wait for shard 0 or a vantage. An object that missed something asks for it within a minute. */
const CALL_LIMIT_MS = 10_000;

/**
 * One shard at run time: judges the events that it gets, keeps them, wakes itself in time, and carries out what the judge asks of the
 * vantages. Its knowledge is in the ledger and the catalogue.
 */
export class Shard {
  readonly config: Config;
  readonly deployed: Deployed;
  readonly catalogue: Catalogue;
  readonly registry: Registry;
  readonly journal: Journal;
  readonly outbox: DeliveryTable;
  readonly dispatcher: Dispatcher;
  readonly ledger: Ledger;
  readonly mailbox = new ProbeRequests();
  readonly peers: Peers;
  readonly counters: Counters = { bursts: 0, burstProbes: 0 };
  readonly #ctx: DurableObjectState;
  readonly #env: Bindings;
  readonly #sendMessage: DeliveryPorts["send"];
  readonly goAheads: GoAheadTable;
  readonly mutes: MuteTable;
  /** Groups that follow the shard's targets. */
  readonly followers: Followers;
  readonly #readings: Readings;
  readonly #flow = new Flow();
  readonly #vetting = new Vetting(
    () => this.assignmentSource(),
    () => this.catalogue.version(),
  );
  readonly notices = new Notices();
  readonly visits: Visits;
  readonly colo: Colo;
  readonly said = new NodeMessages();
  readonly #following = new Rerun(() => learnFromFirstShard(this), CALL_LIMIT_MS);
  /** Assignments on their way, by vantage. */
  readonly #pushes = new Map<string, Rerun>();
  #untold: EvidenceEvent[] = [];
  #remote: Vantage[];
  #webhooks: Webhook[];
  #alarmAt: number | null = null;
  #verified = false;

  constructor(ctx: DurableObjectState, env: Bindings, send: DeliveryPorts["send"]) {
    this.#ctx = ctx;
    this.#env = env;
    this.#sendMessage = send;
    this.config = parseConfig(env);
    migrate(ctx.storage, MIGRATIONS);
    this.catalogue = new Catalogue(ctx.storage.sql);
    this.registry = new Registry(ctx.storage.sql);
    this.#remote = this.registry.vantages();
    this.visits = new Visits(this.catalogue, () => this.#remote.map(({ id }) => id));
    this.#webhooks = this.registry.webhooks();
    this.colo = new Colo(
      () => Date.now(),
      () => (this.config.allowPrivate ? Promise.resolve(undefined) : readColo()),
      this.catalogue.fact(COLO) ?? undefined,
    );
    this.deployed = deployedBy(this.config, this.catalogue);
    this.peers = new Peers(ctx, env, this.config, this.catalogue);
    this.journal = new Journal(ctx.storage.sql);
    this.outbox = new DeliveryTable(ctx.storage.sql);
    this.goAheads = new GoAheadTable(ctx.storage.sql);
    this.mutes = new MuteTable(ctx.storage.sql);
    this.followers = new Followers(ctx.storage.sql, env, this.config);
    this.#readings = new Readings(this.goAheads, this.mutes);
    this.dispatcher = this.#newDispatcher();
    this.ledger = new Ledger(ctx.storage, this.journal, this.dispatcher, this.mutes);
    introduce(this);
  }

  get number(): number {
    return this.peers.number;
  }

  /** All vantages, in staggering order. */
  get roster(): Vantage[] {
    return [...this.deployed.vantages, ...this.#remote];
  }

  get permission(): Permission {
    return { roster: this.roster, allowPrivate: this.deployed.allowPrivate };
  }

  /** Keeps all of `change`, or nothing. */
  transact(change: () => void): void {
    this.#ctx.storage.transactionSync(change);
  }

  /** Call this when the remote vantages have changed. */
  enrol(): void {
    this.#remote = this.registry.vantages();
    introduce(this);
  }

  get webhooks(): readonly Webhook[] {
    return this.#webhooks;
  }

  /** Call this when the webhooks have changed. */
  resubscribe(): void {
    this.#webhooks = this.registry.webhooks();
    this.dispatcher.sync();
  }

  /** Passes a node's own message to the judge, at once or with the next event. */
  hear(event: EvidenceEvent, isUrgent: boolean): void {
    if (event.kind === "heartbeat")
      this.said.noteBeat(keyOf(event.heartbeat.site, event.heartbeat.target), event.heartbeat.at);
    this.#untold.push(event);
    if (isUrgent || this.#untold.length >= MAX_UNTOLD) this.tell([]);
  }

  /** Epoch milliseconds: the clock by which the shard judges and keeps everything. Never before the last judgement. */
  now(): number {
    const { now, isSetBack } = heeded(this.ledger.state.judgedAt, Date.now());
    if (isSetBack) this.#setBack(now);
    return now;
  }

  /** The clock was set back: nothing may wait longer than it was meant to. */
  #setBack(now: number): void {
    noteSetBack(this.catalogue, this.ledger.state.judgedAt - now, now);
    this.#readings.clear();
    this.said.clear();
    this.#untold = [];
    this.#alarmAt = null;
    retimeDrills(this.catalogue, now, now - this.ledger.state.judgedAt);
    this.dispatcher.hasten(now);
    this.mutes.setBack(now);
    this.#tell([], now, true);
  }

  /**
   * Takes the part of a vantage's next report that was asked for. False where the vantage has sent too much at once and has to send the
   * report again.
   */
  take(report: Report): boolean {
    const now = this.now();
    const vetted = this.#vetting.vet(report, now);
    if (vetted.kind === "taken") {
      this.notices.reported(vetted.report, this.catalogue.version(), now);
      this.tell([{ kind: "report", report: dated(vetted.report, now) }]);
    }
    return vetted.kind !== "later";
  }

  /** Judges events now, keeps them, and carries out what follows. `push`: the assignments changed. */
  tell(events: EvidenceEvent[], push = false): Judgement {
    return this.#tell(events, this.now(), push);
  }

  #tell(events: EvidenceEvent[], now: number, push: boolean): Judgement {
    const all = [...this.#untold, ...events];
    const judgement = this.#apply(all, now);
    this.#untold = [];
    for (const event of all) if (event.kind === "removed") this.said.forget(keyOf(event.site, event.target));
    this.#readings.clear();
    this.#flow.count(events, now);
    this.notices.punctuality.heard(events, now);
    const { nextAt } = this.ledger;
    if (nextAt !== NEVER) this.armBy(nextAt + this.#flow.slackMs(now));
    const asked = new Map(judgement.wanted.map(({ vantage, requests }) => [vantage, requests]));
    if (asked.size > 0) this.counters.bursts += 1;
    for (const requests of asked.values()) this.counters.burstProbes += requests.length;
    if (push) this.pushAssignments(asked);
    else for (const [id, requests] of asked) this.#send(id, false, requests);
    this.dispatcher.start();
    const changed = judgement.changes.map(({ site, target }) => keyOf(site, target));
    if (changed.length > 0) this.#ctx.waitUntil(this.followers.tell(this, changed));
    return judgement;
  }

  #apply(events: EvidenceEvent[], now: number): Judgement {
    try {
      const judgement = this.ledger.apply(events, now);
      this.notices.kept();
      return judgement;
    } catch (error) {
      this.notices.unkept(error, now);
      throw error;
    }
  }

  /** Hands every vantage its present assignment, and then the probes asked of it. */
  pushAssignments(asked: ReadonlyMap<string, ProbeRequest[]> = new Map()): void {
    for (const { id } of this.roster) this.#send(id, true, asked.get(id) ?? []);
  }

  /** The ready-made answer about a target, as `encodeReading` writes it; null where there is none. */
  read(key: string): string | null {
    // Passes the ledger and not its state: `now` may notice that the clock was set back, and then makes another state.
    return this.#readings.of(this.ledger, key, this.now());
  }

  /** Drops the answers about these targets, because something in them other than the verdict has changed. */
  unread(keys: Iterable<string>): void {
    for (const key of keys) this.#readings.forget(key);
  }

  assignmentSource(): AssignmentSource {
    const now = this.now();
    return {
      version: this.catalogue.version(),
      shard: this.number,
      controls: this.deployed.controls,
      drills: this.catalogue.drillsAt(now),
      targets: this.catalogue.targets(),
      ...this.permission,
    };
  }

  /** Makes the alarm ring by `at` (epoch milliseconds) at the latest. */
  armBy(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = Math.max(at, Date.now() + SHORTEST_ALARM_MS);
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(this.#alarmAt));
  }

  /** The alarm has rung: the passing of time may have changed what holds. */
  wake(): void {
    // The alarm's time is unknown after a restart: then the object was away, and the alarm is late for another reason than load.
    if (this.#alarmAt !== null) this.notices.punctuality.rang(this.#alarmAt, Date.now());
    this.#alarmAt = null;
    try {
      const now = this.now();
      // With nothing due there is nothing to judge, and no row to write except the next alarm.
      const { nextAt } = this.ledger;
      if (nextAt <= now) this.tell([]);
      else if (nextAt !== NEVER) this.armBy(nextAt);
      this.ledger.compact();
      this.dispatcher.start();
    } finally {
      // Whatever went wrong, an alarm that is not set again never rings again.
      if (this.#alarmAt === null && this.hasWork) this.armBy(Date.now() + 60_000);
    }
  }

  /** Whether the shard needs an alarm for anything. */
  get hasWork(): boolean {
    return this.ledger.state.targets.size > 0 || this.dispatcher.hasPending;
  }

  /** Settles once all writes are stored. Rejects where they cannot be, and then the platform makes the object anew. */
  synced(): Promise<void> {
    return this.#ctx.storage.sync();
  }

  /** The alarm's instant as stored, or null where none is set. */
  storedAlarm(): Promise<number | null> {
    return this.#ctx.storage.getAlarm();
  }

  /** Starts a vantage again; true where it had indeed stopped. Nobody can start a remote vantage. */
  async rearm(vantage: string, assignment: Assignment): Promise<boolean> {
    if (this.#isRemote(vantage)) return false;
    const { armed } = await vantageOf(this.#env, this.number, vantage).configure(assignment);
    return !armed;
  }

  /** Call this before anything about a site is kept or answered: it throws where SHARDS was changed. */
  async verify(): Promise<void> {
    if (this.#verified) return;
    const problem = await this.peers.problem();
    if (problem !== null) throw new Error(problem);
    await this.follow();
    this.#verified = true;
  }

  /** Learns from shard 0 which remote vantages and webhooks there are. Without an answer, the ones known before stay in force. */
  async follow(): Promise<void> {
    if (this.number === 0) return;
    await this.#following.run().catch((error: unknown) => {
      console.warn(JSON.stringify({ event: "vantages and webhooks not learnt", error: String(error) }));
    });
  }

  #newDispatcher(): Dispatcher {
    return new Dispatcher(this.number, this.outbox, this.journal, {
      now: () => Date.now(),
      random: () => Math.random(),
      send: this.#sendMessage,
      keepAlive: (work) => this.#ctx.waitUntil(work),
      armBy: (at) => this.armBy(at),
      transact: (change) => this.transact(change),
      webhooks: () => this.#webhooks,
      gone: ({ id, revision }, reason) => closeWebhook(this, id, revision, reason),
    });
  }

  #isRemote(vantage: string): boolean {
    return this.#remote.some(({ id }) => id === vantage);
  }

  /** Pushes assignments to a regional vantage: each run hands over the assignment that holds then. */
  #pushOf(vantage: string): Rerun {
    const known = this.#pushes.get(vantage);
    if (known !== undefined) return known;
    const hand = () => this.rearm(vantage, assignmentFor(vantage, this.assignmentSource()));
    // A vantage whose clock stands still ends itself when it is called, and is a new object at the next call.
    const push = new Rerun(() => hand().catch(hand), CALL_LIMIT_MS);
    this.#pushes.set(vantage, push);
    return push;
  }

  /** Hands a vantage its assignment, if that has changed, and the probes wanted of it, in that order, without waiting. */
  #send(vantage: string, hasChanged: boolean, requests: ProbeRequest[]): void {
    if (this.#isRemote(vantage)) {
      // A remote vantage asks for its assignment by the version that it has.
      if (requests.length > 0) this.mailbox.put(vantage, requests, this.now());
      return;
    }
    const send = async (): Promise<void> => {
      if (hasChanged) await this.#pushOf(vantage).run();
      if (requests.length > 0) await vantageOf(this.#env, this.number, vantage).probeNow(requests);
    };
    this.#ctx.waitUntil(
      send().catch((error: unknown) =>
        // The vantage asks for its assignment with its next report, and the judge asks for its probes again when still in doubt.
        console.warn(JSON.stringify({ event: "vantage not reached", vantage, error: String(error) })),
      ),
    );
  }
}
