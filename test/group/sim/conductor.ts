/**
 * The conductor of a group as it runs: what it stores, what it forgets at a restart, the timer of its lease, and a clock that may be set.
 */
import type { LeaseAnswer, MemberView } from "../../../src/domain/group.ts";
import { leaseAnswer } from "../../../src/group/group-answer.ts";
import { decide } from "../../../src/group/decide.ts";
import { asksNow, nextAt } from "../../../src/group/due.ts";
import type { GroupEvent } from "../../../src/group/group-event.ts";
import { type GroupState, newGroup } from "../../../src/group/group-state.ts";
import { heeded } from "../../../src/replay/setback.ts";
import type { Happenings } from "./happenings.ts";

const LEASE_MARGIN = 0.05;
const BEGIN_MS = 1_000_000_000;

/** The part of the state that the conductor stores at once. The rest may be lost at a restart. */
const durable = ({ at: _at, lease, members, ...rest }: GroupState): string =>
  JSON.stringify([
    rest,
    lease && [lease.isOver, lease.isReleased, lease.isStrict],
    Object.entries(members).map(
      ([name, { view: _view, askedAt: _askedAt, unheardAt: _unheardAt, ...member }]) => [name, member],
    ),
  ]);

export class Conductor {
  /** How far its clock is ahead. */
  aheadMs = 0;
  state: GroupState = newGroup("db", BEGIN_MS);
  #kept = JSON.stringify(this.state);
  #life = 0;
  #renewal: number | null = null;
  readonly #time: Happenings;
  readonly #views: (now: number) => MemberView[];

  constructor(time: Happenings, views: (now: number) => MemberView[]) {
    this.#time = time;
    this.#views = views;
  }

  now(): number {
    const { now, isSetBack } = heeded(this.state.at, BEGIN_MS + this.#time.now + this.aheadMs);
    if (isSetBack) this.#decide({ kind: "set-back", byMs: this.state.at - now }, now);
    return now;
  }

  happens(event: GroupEvent): void {
    this.#decide(event, this.now());
    if (asksNow(this.state)) this.pull();
  }

  pull(): void {
    const now = this.now();
    this.#decide({ kind: "views", views: this.#views(now), unheard: [] }, now);
  }

  /** The answer to a member that asks for the lease; null for a refusal. */
  lease(member: string, released: number | null): LeaseAnswer | null {
    this.happens({ kind: "lease", member, released });
    if (released === null && this.state.leader === null) {
      this.pull();
      this.happens({ kind: "lease", member, released });
    }
    return leaseAnswer(this.state, member);
  }

  wakes(): void {
    this.pull();
    this.happens({ kind: "tick" });
  }

  restarts(): void {
    this.#life += 1;
    this.#renewal = null;
    this.state = JSON.parse(this.#kept) as GroupState;
    this.happens({ kind: "restarted" });
  }

  #decide(event: GroupEvent, now: number): void {
    const before = this.state;
    const { state, lines } = decide(before, event, now);
    this.state = state;
    if (lines.length > 0 || durable(state) !== durable(before)) this.#kept = JSON.stringify(state);
    this.#countLease();
  }

  #countLease(): void {
    const { lease } = this.state;
    const renewal = lease === null || lease.isOver ? null : lease.renewal;
    if (renewal === this.#renewal) return;
    this.#renewal = renewal;
    if (lease === null || renewal === null) return;
    const life = this.#life;
    this.#time.after(lease.leaseMs * (1 + LEASE_MARGIN), () => {
      if (life === this.#life) this.happens({ kind: "lease-over", renewal });
    });
  }

  /** The time until the conductor must be woken, in the time of the simulation. */
  dueMs(): number {
    return Math.max(100, nextAt(this.state) - this.state.at);
  }
}
