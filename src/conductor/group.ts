/**
 * One group at run time: decides what happens to it, keeps each decision before anybody hears of it, wakes itself in time, asks the
 * members' shards when what it knows runs out, and counts the lease by a timer, which no setting of the clock moves.
 */
import { aggregatorOf, type Bindings, type Config, configOf } from "../config.ts";
import type { Asked } from "../domain/audit.ts";
import type { MemberView } from "../domain/group.ts";
import type { Result } from "../domain/problem.ts";
import { decide } from "../group/decide.ts";
import { asksNow, nextAt, NEVER } from "../group/due.ts";
import type { GroupEvent } from "../group/events.ts";
import { type GroupState, nameOf, newGroup } from "../group/state.ts";
import { heeded } from "../replay/setback.ts";
import { pull } from "./pull.ts";
import { Store } from "./store.ts";
import { auditOf, messageOf } from "./words.ts";

/** An alarm is not set for less than this ahead: it would only run in circles. */
const SHORTEST_ALARM_MS = 100;
/** The holder counts from the sending of its request, we from the receipt: what clocks run apart by within a lease is far less than this. */
const LEASE_MARGIN = 0.05;
/** How soon shard 0 is told again of what it did not take. */
const TELL_AGAIN_MS = 5_000;
const WORDS_AT_ONCE = 50;
/** Members are asked for once a second at most, whatever waits for them. */
const PULL_EVERY_MS = 1_000;

/** The state without what is lost at a restart and found anew: what members say, when they asked, and how far the lease was renewed. */
const durable = ({ at: _at, members, lease, ...rest }: GroupState): string =>
  JSON.stringify({
    ...rest,
    members: Object.entries(members).map(([name, { fellAt, servesSince, fitSince, outSince, askedAt }]) => [
      name,
      fellAt,
      servesSince,
      fitSince,
      outSince,
      askedAt === null,
    ]),
    lease: lease && [lease.isOver, lease.isReleased, lease.isStrict],
  });

export class Group {
  readonly config: Config;
  readonly store: Store;
  readonly #ctx: DurableObjectState;
  readonly #env: Bindings;
  #state: GroupState;
  #durable: string;
  #alarmAt: number | null = null;
  #lease: { renewal: number; timer: ReturnType<typeof setTimeout> } | null = null;
  #pulling: Promise<void> | null = null;
  #pulledAt = 0;
  #telling = false;
  /** When each member's shard said what is known, by its own clock: what it said before that, and comes later, is passed over. */
  readonly #saidAt = new Map<string, number>();

  constructor(ctx: DurableObjectState, env: Bindings) {
    this.#ctx = ctx;
    this.#env = env;
    this.config = configOf(env);
    this.store = new Store(ctx.storage);
    const kept = this.store.load();
    this.#state = kept ?? newGroup("", Date.now());
    this.#durable = kept === null ? "" : durable(kept);
    if (kept !== null) this.happen({ kind: "restarted" });
  }

  /** As it stands now. */
  get state(): GroupState {
    return { ...this.#state, at: this.now() };
  }

  /** The group's name, which an object of its own does not know. */
  named(group: string): void {
    if (this.#state.group === "") this.#state = { ...this.#state, group };
  }

  /** Epoch milliseconds, by which everything here is decided: never before the last decision. */
  now(): number {
    const { now, isSetBack } = heeded(this.#state.at, Date.now());
    if (isSetBack) this.#decide({ kind: "set-back", byMs: this.#state.at - now }, now, null);
    return now;
  }

  /** Decides one event, keeps what came of it, and sees to what follows. `asked`: who asked for it. */
  happen(event: GroupEvent, asked: Asked | null = null): Result<null> {
    return this.#decide(event, this.now(), asked);
  }

  #decide(event: GroupEvent, now: number, asked: Asked | null): Result<null> {
    const before = this.#state;
    const { state, lines, result } = decide(before, event, now);
    if (!result.ok) return result;
    const words = [
      ...lines.flatMap((line) => messageOf(state, before, line)),
      ...(asked === null ? [] : [auditOf(state, before, asked)]),
    ];
    const text = durable(state);
    if (text !== this.#durable || lines.length > 0 || words.length > 0) this.store.keep(state, lines, words);
    this.#durable = text;
    this.#state = state;
    this.#countLease();
    this.armBy(nextAt(state));
    if (asksNow(state)) this.#ctx.waitUntil(this.pull());
    if (words.length > 0) this.#ctx.waitUntil(this.tell());
    return result;
  }

  /** Members' words as a shard told them by itself. */
  hear(views: MemberView[]): void {
    const fresh = views.filter((view) => view.at >= (this.#saidAt.get(nameOf(view)) ?? -Infinity));
    this.#hear(fresh, this.now(), []);
  }

  /** `heardAt`: since when a shard's word cannot be older than that. Clocks of shards differ from ours: what counts as recent goes by ours. */
  #hear(views: readonly MemberView[], heardAt: number, unheard: string[]): void {
    for (const view of views) this.#saidAt.set(nameOf(view), view.at);
    const ours = views.map((view) => {
      const ahead = Math.max(0, view.at - heardAt);
      const validUntil = view.validUntil === null ? null : view.validUntil - ahead;
      return { ...view, at: heardAt, validUntil };
    });
    this.happen({ kind: "views", views: ours, unheard });
  }

  /** Asks the shards of all members, once for all who wait for it. */
  pull(): Promise<void> {
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  async #pull(): Promise<void> {
    const { config, group } = this.#state;
    const now = this.now();
    if (config === null || Math.abs(now - this.#pulledAt) < PULL_EVERY_MS) return;
    this.#pulledAt = now;
    const asking = { env: this.#env, config: this.config, group };
    const { views, unheard } = await pull(asking, config.members.map(nameOf));
    this.#hear(views, now, unheard);
  }

  /** Tells shard 0 what it is to keep and send. What it does not take is told again. */
  async tell(): Promise<void> {
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (
        let words = this.store.words(WORDS_AT_ONCE);
        words.length > 0;
        words = this.store.words(WORDS_AT_ONCE)
      ) {
        const first = aggregatorOf(this.#env, this.config, 0);
        this.store.told(await first.takeFromGroup(this.#state.group, words));
      }
    } catch (error) {
      console.warn(JSON.stringify({ event: "group's words not taken", error: String(error) }));
      this.armBy(this.now() + TELL_AGAIN_MS);
    } finally {
      this.#telling = false;
    }
  }

  /** The alarm has rung. */
  async wake(): Promise<void> {
    this.#alarmAt = null;
    try {
      await this.pull();
      this.happen({ kind: "tick" });
      await this.tell();
    } finally {
      // Whatever went wrong, an alarm that is not set again is dead for ever.
      if (this.#alarmAt === null && this.#state.config !== null) this.armBy(Date.now() + TELL_AGAIN_MS);
    }
  }

  /** Has the alarm ring by `at` (epoch milliseconds); NEVER for not at all. */
  armBy(at: number): void {
    if (at === NEVER || (this.#alarmAt !== null && this.#alarmAt <= at)) return;
    this.#alarmAt = Math.max(at, Date.now() + SHORTEST_ALARM_MS);
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(this.#alarmAt));
  }

  /** Sees to it that the lease ends when it does, counted from now where it was given or renewed. */
  #countLease(): void {
    const { lease, config } = this.#state;
    const renewal = lease === null || lease.isOver ? null : lease.renewal;
    if (this.#lease?.renewal === renewal) return;
    if (this.#lease !== null) clearTimeout(this.#lease.timer);
    this.#lease = null;
    if (renewal === null) return;
    const leaseMs = config?.policy.leaseMs ?? 0;
    const end = (): void => {
      this.happen({ kind: "lease-over", renewal });
    };
    this.#lease = { renewal, timer: setTimeout(end, leaseMs * (1 + LEASE_MARGIN)) };
  }
}
