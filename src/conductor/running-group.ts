/**
 * One group at run time. Decides what happens to the group, keeps each decision before anyone else can see it, sets its own alarm, asks the
 * members' shards when what it knows expires, and counts the lease by a timer that no setting of the clock moves.
 */
import { aggregatorOf, type Bindings, type Config, configOf } from "../config.ts";
import type { Asked } from "../domain/audit.ts";
import type { MemberView } from "../domain/group.ts";
import type { Result } from "../domain/problem.ts";
import { decide } from "../group/decide.ts";
import { asksNow, nextAt, NEVER_DUE } from "../group/due.ts";
import type { GroupEvent } from "../group/group-event.ts";
import { type GroupState, memberName, newGroup } from "../group/group-state.ts";
import { heeded } from "../replay/setback.ts";
import type { Count } from "./countdown.ts";
import { announce, type Asking, inTime, pull } from "./pull.ts";
import { ConductorStore } from "./conductor-store.ts";
import { auditOf, messageOf } from "./group-messages.ts";

/** An alarm is set at least this far ahead: an earlier one would only make the object loop. */
const SHORTEST_ALARM_MS = 100;
/** How soon shard 0 is sent again what it did not take. */
const TELL_AGAIN_MS = 5_000;
const WORDS_AT_ONCE = 50;
/** Members are asked for at most once a second, however much waits for them. */
const PULL_EVERY_MS = 1_000;

/** The state without what a restart loses and recovers: the members' views, when members asked, and how far the lease was renewed. */
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
    lease: lease && [lease.isOver, lease.isReleased, lease.isStrict, lease.leaseMs],
  });

/** Counts a lease of the object, and calls `end` once the lease has surely run out. */
export type Counting = (ctx: DurableObjectState, leaseMs: number, end: () => void) => Count;

export class Group {
  readonly config: Config;
  readonly store: ConductorStore;
  readonly #ctx: DurableObjectState;
  readonly #env: Bindings;
  readonly #counting: Counting;
  #state: GroupState;
  #durable: string;
  #alarmAt: number | null = null;
  #lease: { renewal: number; count: Count } | null = null;
  #pulling: Promise<void> | null = null;
  #pulledAt = 0;
  #telling = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** When each member's shard gave the view we have, by the shard's own clock: an older view that arrives later is ignored. */
  readonly #saidAt = new Map<string, number>();

  constructor(ctx: DurableObjectState, env: Bindings, counting: Counting) {
    this.#ctx = ctx;
    this.#counting = counting;
    this.#env = env;
    this.config = configOf(env);
    this.store = new ConductorStore(ctx.storage);
    const kept = this.store.load();
    this.#state = kept ?? newGroup("", Date.now());
    this.#durable = durable(this.#state);
    if (kept !== null) this.happen({ kind: "restarted" });
    if (this.#hasToTell) this.armBy(Date.now() + TELL_AGAIN_MS);
  }

  /** Whether shard 0 or other shards still have to be sent something. */
  get #hasToTell(): boolean {
    return this.store.unsettled() !== null || this.store.words(1).length > 0;
  }

  /** Runs `work` after all work begun before has ended, so that changes that call other objects run one at a time. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** The state as of now. */
  get state(): GroupState {
    return { ...this.#state, at: this.now() };
  }

  /** Sets the group's name, which the object cannot know by itself. */
  named(group: string): void {
    if (this.#state.group === "") this.#state = { ...this.#state, group };
  }

  /** Epoch milliseconds, by which everything here is decided; never before the last decision. */
  now(): number {
    const { now, isSetBack } = heeded(this.#state.at, Date.now());
    if (isSetBack) this.#decide({ kind: "set-back", byMs: this.#state.at - now }, now, null);
    return now;
  }

  /** Decides one event, keeps the result, and starts what follows from it. `asked`: the request that caused it. */
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
    if (event.kind === "set-back") this.#stopCount();
    this.#countLease();
    this.armBy(nextAt(state));
    if (asksNow(state)) this.#ctx.waitUntil(this.pull());
    if (words.length > 0) {
      // If this object ends before shard 0 takes the words, the alarm wakes it again.
      this.armBy(now + TELL_AGAIN_MS);
      this.#ctx.waitUntil(this.tell());
    }
    return result;
  }

  /** The views of members that a shard sent by itself. */
  hear(views: MemberView[]): void {
    const fresh = views.filter((view) => view.at >= (this.#saidAt.get(memberName(view)) ?? -Infinity));
    this.#hear(fresh, this.now(), []);
  }

  /** `heardAt`: the views are no older than this instant. Shards' clocks differ from ours, so how recent a view is goes by our clock. */
  #hear(views: readonly MemberView[], heardAt: number, unheard: string[]): void {
    for (const view of views) this.#saidAt.set(memberName(view), view.at);
    const ours = views.map((view) => {
      const ahead = Math.max(0, view.at - heardAt);
      const validUntil = view.validUntil === null ? null : view.validUntil - ahead;
      return { ...view, at: heardAt, validUntil };
    });
    this.happen({ kind: "views", views: ours, unheard });
  }

  /** Asks the shards of all members; all callers that wait share one call. */
  pull(): Promise<void> {
    this.#pulling ??= this.#pull().finally(() => {
      this.#pulling = null;
    });
    return this.#pulling;
  }

  async #pull(): Promise<void> {
    const { config } = this.#state;
    const now = this.now();
    if (config === null || Math.abs(now - this.#pulledAt) < PULL_EVERY_MS) return;
    this.#pulledAt = now;
    const { views, unheard } = await pull(this.asking, config.members.map(memberName));
    // The clock may have been set back meanwhile.
    this.#hear(views, Math.min(now, this.now()), unheard);
  }

  /** Everything needed to ask shards for this group. */
  get asking(): Asking {
    return { env: this.#env, config: this.config, group: this.#state.group };
  }

  /** Called before shards hear that the group is to have these members: until `announce` they may hold a wrong picture of the group. */
  unsettle(members: string[]): void {
    this.store.unsettle({ group: this.#state.group, members });
    this.armBy(this.now() + TELL_AGAIN_MS);
  }

  /** Sends the shards the group's members, and shard 0 whether the group exists. If one does not answer, all of this is repeated later. */
  async announce(): Promise<void> {
    const unsettled = this.store.unsettled();
    if (unsettled === null) return;
    this.named(unsettled.group);
    try {
      await announce(this.asking, unsettled.members, this.#state.config);
      this.store.settle();
    } catch (error) {
      console.warn(JSON.stringify({ event: "group not announced", error: String(error) }));
      this.armBy(this.now() + TELL_AGAIN_MS);
    }
  }

  /** Sends shard 0 what it is to keep and deliver. What shard 0 does not take is sent again. */
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
        this.store.told(await inTime(first.takeFromGroup(this.#state.group, words)));
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
      if (this.store.unsettled() !== null) await this.alone(() => this.announce());
    } finally {
      // Whatever went wrong, set an alarm: without one the object never wakes again.
      if (this.#alarmAt === null && this.#state.config !== null) this.armBy(Date.now() + TELL_AGAIN_MS);
    }
  }

  /** Makes the alarm ring by `at` (epoch milliseconds); NEVER_DUE sets none. */
  armBy(at: number): void {
    if (at === NEVER_DUE || (this.#alarmAt !== null && this.#alarmAt <= at)) return;
    this.#alarmAt = Math.max(at, Date.now() + SHORTEST_ALARM_MS);
    this.#ctx.waitUntil(this.#ctx.storage.setAlarm(this.#alarmAt));
  }

  /** Also called when the clock was set back: the timer under way may wait until the clock has come that far again. */
  #stopCount(): void {
    this.#lease?.count.stop();
    this.#lease = null;
  }

  /** Makes the lease end in time, counted from now if it was just granted or renewed. */
  #countLease(): void {
    const { lease } = this.#state;
    const renewal = lease === null || lease.isOver ? null : lease.renewal;
    if (this.#lease?.renewal === renewal) return;
    this.#stopCount();
    if (lease === null || renewal === null) return;
    const end = (): void => {
      this.happen({ kind: "lease-over", renewal });
    };
    this.#lease = { renewal, count: this.#counting(this.#ctx, lease.leaseMs, end) };
  }
}
