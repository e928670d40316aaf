/** A group while the world stands still: it is woken when something is due, and comes to rest. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { GroupChange } from "../../src/domain/group.ts";
import { fromInstant } from "../../src/domain/instant.ts";
import { leaseAnswer } from "../../src/group/group-answer.ts";
import { brakesOn } from "../../src/group/brakes.ts";
import { decide } from "../../src/group/decide.ts";
import { nextAt } from "../../src/group/due.ts";
import type { GroupEvent } from "../../src/group/group-event.ts";
import { switchUntil } from "../../src/group/leader.ts";
import { poolHeld } from "../../src/group/pool.ts";
import type { GroupState } from "../../src/group/group-state.ts";
import { groupRuns } from "../runs.ts";
import { nameAt, viewOf } from "./made.ts";
import { type Condition, CONDITIONS, conditions, lists, MEMBERS, play } from "./random.ts";

const RUNS = 40;
const SECOND_MS = 1_000;

/** A world in which nothing changes any more. */
interface World {
  conditions: Condition[];
  /** Whether a program beside each member that is alive asks for the lease. */
  hasAgents: boolean;
}

const worlds: fc.Arbitrary<World> = fc.record({
  conditions: fc.array(conditions, { minLength: MEMBERS, maxLength: MEMBERS }),
  hasAgents: fc.boolean(),
});

class Stillness {
  state: GroupState;
  readonly lines: GroupChange[] = [];
  readonly #world: World;
  #askAt: number;
  #lease: { renewal: number; endsAt: number } | null = null;

  constructor(state: GroupState, world: World) {
    this.state = state;
    this.#world = world;
    this.#askAt = state.at;
    this.#happens({ kind: "tick" }, state.at);
  }

  #happens(event: GroupEvent, at: number): void {
    const { state, lines } = decide(this.state, event, at);
    this.state = state;
    this.lines.push(...lines);
    const { lease, config } = state;
    if (lease === null || lease.isOver) this.#lease = null;
    else if (lease.renewal !== this.#lease?.renewal)
      this.#lease = {
        renewal: lease.renewal,
        endsAt: at + 1.05 * Math.max(lease.leaseMs, config?.policy.leaseMs ?? 0),
      };
  }

  /** Asks every shard, and does what is due. */
  #wakes(at: number): void {
    const views = this.#world.conditions.map((condition, index) => viewOf(index, at, CONDITIONS[condition]));
    this.#happens({ kind: "views", views, unheard: [] }, at);
    this.#happens({ kind: "tick" }, at);
  }

  #asks(at: number): void {
    const { leaseMs } = this.state.config?.policy ?? { leaseMs: 15_000 };
    this.#askAt = at + Math.floor(leaseMs / 3);
    if (!this.#world.hasAgents) return;
    for (const [index, condition] of this.#world.conditions.entries()) {
      const member = nameAt(index);
      const { leader, epoch } = this.state;
      if (condition !== "alive") continue;
      this.#happens({ kind: "lease", member, released: null }, at);
      if (leader === member && leaseAnswer(this.state, member) === null)
        this.#happens({ kind: "lease", member, released: epoch }, at);
    }
  }

  /** `everyMs`: how often the group is woken; null: whenever something is due. */
  run(until: number, everyMs: number | null): this {
    let wakeAt = this.state.at;
    for (let at = wakeAt; at <= until; at = Math.min(wakeAt, this.#askAt, this.#lease?.endsAt ?? Infinity)) {
      if (this.#lease !== null && at >= this.#lease.endsAt)
        this.#happens({ kind: "lease-over", renewal: this.#lease.renewal }, at);
      if (at >= this.#askAt) this.#asks(at);
      if (at >= wakeAt) this.#wakes(at);
      // An earlier wake-up stays due, whatever happens before it.
      const earlier = at >= wakeAt ? Infinity : wakeAt;
      wakeAt = Math.min(earlier, everyMs === null ? nextAt(this.state) : at + everyMs);
    }
    return this;
  }

  /** Lets time pass in which nothing wakes the group. */
  sleeps(forMs: number): void {
    this.state = { ...this.state, at: this.state.at + forMs };
  }
}

const stopped = fc.tuple(fc.oneof(lists("leader", 30), lists()), worlds);

describe("a world that stands still", () => {
  test("brings a group to rest", () => {
    fc.assert(
      fc.property(stopped, ([list, world]) => {
        const still = new Stillness(play(list).state, world);
        for (let hours = 0; hours < 9; hours += 3) {
          still.run(still.state.at + 180 * SECOND_MS, null);
          still.sleeps(3 * 3_600_000);
        }
        const before = still.lines.length;
        still.run(still.state.at + 120 * SECOND_MS, null);
        const restAt = still.state.at;
        still.run(restAt + 120 * SECOND_MS, null);
        expect(still.lines.filter(({ at }) => fromInstant(at) > restAt)).toEqual([]);
        expect(before).toBeLessThan(60);
      }),
      { numRuns: groupRuns(RUNS) },
    );
  });

  test("is told of in time to a group that sleeps until something is due", () => {
    const told = ({ lines }: Stillness) =>
      lines.filter(({ kind }) => kind !== "withheld").map(({ kind, to }) => [kind, to]);
    const times = ({ lines }: Stillness) =>
      lines.filter(({ kind }) => kind !== "withheld").map(({ at }) => fromInstant(at));
    fc.assert(
      fc.property(stopped, ([list, world]) => {
        const { state } = play(list);
        const [awake, asleep] = [SECOND_MS / 4, null].map((everyMs) =>
          new Stillness(state, world).run(state.at + 100 * SECOND_MS, everyMs),
        );
        const until = state.at + 90 * SECOND_MS;
        const count = times(awake!).filter((at) => at < until).length;
        expect(told(asleep!).slice(0, count)).toEqual(told(awake!).slice(0, count));
        for (const [index, at] of times(awake!).slice(0, count).entries())
          expect(times(asleep!)[index]! - at).toBeLessThanOrEqual(5 * SECOND_MS);
      }),
      { numRuns: groupRuns(RUNS) },
    );
  });
});

describe("a clock that was set back", () => {
  const waits = (state: GroupState) => {
    const { config, switching, frozen, at, lease } = state;
    const left = (until: number | null) => (until === null ? null : until - at);
    return {
      brakes: brakesOn(state, at).map(({ what, until }) => [what, left(until)]),
      pool: poolHeld(state).flatMap(({ what, member, until }) =>
        what === "hold-down" ? [[member, left(until)]] : [],
      ),
      switching: config && switching && left(switchUntil(config, switching.since)),
      frozen: frozen && left(frozen.until),
      lease: lease && left(lease.until),
    };
  };

  test("leaves everything to wait as long as before", () => {
    fc.assert(
      fc.property(lists(), ({ config, steps }) => {
        const { state } = play({ config, steps: [...steps, { afterMs: 0, act: { kind: "tick" } }] });
        for (const byMs of [5_000, 3_600_000, 86_400_000]) {
          const back = decide(state, { kind: "set-back", byMs }, state.at - byMs);
          expect(waits(back.state)).toEqual(waits(state));
          expect(back.lines.filter(({ kind }) => kind !== "withheld")).toEqual([]);
        }
      }),
      { numRuns: groupRuns(10 * RUNS) },
    );
  });
});
