/**
 * A group whose members have programs beside them that hold its lease, in a world in which messages are late, lost and doubled, programs
 * are paused, the detector restarts and forgets, its clock is set, shards are wrong, and operators do what they like.
 */
import type { GroupConfig, LeaseAnswer } from "../../../src/domain/group.ts";
import { Draw } from "../../../harness/sim/draw.ts";
import { configOf, DEAD, LOST, nameAt, viewOf } from "../made.ts";
import { Agent } from "./agent.ts";
import { Conductor } from "./conductor.ts";
import { Happenings } from "./happenings.ts";

const MEMBERS = 3;
const BY = "ADMIN_TOKEN";
const SECOND_MS = 1_000;
const LEASES_MS = [3_000, 6_000, 9_000];

/** A law of the simulation that was broken. */
export class Broken extends Error {}

export interface Outcome {
  /** Epochs in which a member led. */
  epochs: number;
  writes: number;
  refusedWrites: number;
}

class World {
  readonly time = new Happenings();
  readonly draw: Draw;
  readonly conductor: Conductor;
  readonly agents: Agent[];
  readonly outcome: Outcome = { epochs: 0, writes: 0, refusedWrites: 0 };
  readonly #lease: "advisory" | "strict";
  readonly #conditions: object[] = Array.from({ length: MEMBERS }, () => ({}));
  readonly #cutUntil = Array.from({ length: MEMBERS }, () => 0);
  readonly #leaders = new Map<number, number>();
  /** The newest epoch that the store has seen. */
  #fence = 0;

  constructor(seed: number, lease: "advisory" | "strict") {
    this.#lease = lease;
    this.draw = new Draw(seed);
    this.conductor = new Conductor(this.time, (now) =>
      this.#conditions.map((condition, index) => viewOf(index, now, condition)),
    );
    this.agents = Array.from({ length: MEMBERS }, (_, index) => {
      const ask = (released: number | null, answered: (answer: LeaseAnswer | null) => void): void =>
        this.#carry(index, () => {
          const answer = this.conductor.lease(nameAt(index), released);
          this.#carry(index, () => answered(answer));
        });
      return new Agent(this.time, this.draw.between(0.98, 1.02), ask, () => this.#check(index));
    });
  }

  /** A message to or from a member's program: often soon, at times late, twice, or never. */
  #carry(index: number, arrives: () => void): void {
    const { draw, time } = this;
    const copies = draw.isHit(0.05) ? 2 : 1;
    for (let copy = 0; copy < copies; copy += 1) {
      const delayMs = Math.round(draw.isHit(0.1) ? draw.exponential(5 * SECOND_MS) : draw.between(1, 50));
      if (draw.isHit(0.05)) continue;
      time.after(delayMs, () => {
        if (time.now >= (this.#cutUntil[index] ?? 0)) arrives();
      });
    }
  }

  #config(): GroupConfig {
    const { draw } = this;
    const policy = {
      lease: this.#lease,
      leaseMs: draw.pick(LEASES_MS),
      holdDownMs: draw.pick([0, 0, 5_000]),
      maxSwitchesPerHour: 60,
      failback: draw.pick(["never", "automatic"]),
      failbackAfterMs: 10_000,
    };
    return configOf("leader", MEMBERS, policy);
  }

  /** Checks that one member leads in each epoch, and that by a strict lease two never lead at once. */
  #check(index: number): void {
    const epoch = this.agents[index]?.epoch ?? 0;
    const first = this.#leaders.get(epoch);
    if (first !== undefined && first !== index)
      throw new Broken(`${nameAt(first)} and ${nameAt(index)} led in epoch ${epoch}`);
    this.#leaders.set(epoch, index);
    this.outcome.epochs = this.#leaders.size;
    if (this.#lease === "advisory") return;
    for (const [other, one] of this.agents.entries())
      if (other !== index && one.leads)
        throw new Broken(`${nameAt(other)} and ${nameAt(index)} lead at once, at ${this.time.now} ms`);
  }

  /** A write to a store that refuses epochs older than its newest: for each epoch it accepts only one member's writes. */
  #write(index: number): void {
    const { agents, time, outcome } = this;
    const agent = agents[index];
    if (agent === undefined || !agent.leads || agent.epoch === null || time.now < agent.pausedUntil) return;
    const { epoch } = agent;
    time.after(Math.round(this.draw.exponential(SECOND_MS)), () => {
      outcome[epoch < this.#fence ? "refusedWrites" : "writes"] += 1;
      this.#fence = Math.max(this.#fence, epoch);
      if (this.#leaders.get(epoch) !== index)
        throw new Broken(`a stale write was accepted in epoch ${epoch}`);
    });
  }

  readonly #faults: (() => void)[] = [
    () => {
      this.#conditions[this.#any()] = this.draw.pick([{}, {}, {}, DEAD, DEAD, LOST]);
      if (this.draw.isHit(0.5)) this.conductor.pull();
    },
    () => {
      const leader = this.agents.findIndex(({ leads }) => leads);
      if (leader >= 0) this.#conditions[leader] = DEAD;
    },
    () => {
      this.#cutUntil[this.#any()] = this.time.now + this.draw.between(0, 30 * SECOND_MS);
    },
    () => {
      const agent = this.agents[this.#any()];
      if (agent !== undefined) agent.pausedUntil = this.time.now + this.draw.between(0, 20 * SECOND_MS);
    },
    () => this.conductor.restarts(),
    () => {
      this.conductor.aheadMs += this.draw.pick([-5, -1, 5]) * SECOND_MS;
    },
    () => {
      const to = this.draw.pick([null, 0, 1, 2]);
      this.conductor.pull();
      this.conductor.happens({
        kind: "switch",
        to: to === null ? null : nameAt(to),
        reason: "a kernel",
        by: BY,
      });
    },
    () => this.conductor.happens({ kind: "configured", config: this.#config(), by: BY }),
    () => {
      if (this.draw.isHit(0.5)) this.conductor.happens({ kind: "deleted", by: BY });
      else this.conductor.happens({ kind: "configured", config: configOf("pool", MEMBERS), by: BY });
      if (this.draw.isHit(0.3)) this.conductor.restarts();
      this.conductor.happens({ kind: "configured", config: this.#config(), by: BY });
    },
    () => {
      const until = this.conductor.now() + 5 * SECOND_MS;
      this.conductor.happens({ kind: "freeze", reason: "a move", until, by: BY });
    },
  ];

  #any(): number {
    return Math.floor(this.draw.uniform() * MEMBERS);
  }

  #every(everyMs: () => number, what: () => void): void {
    this.time.after(Math.round(everyMs()), () => {
      what();
      this.#every(everyMs, what);
    });
  }

  run(forMs: number): Outcome {
    const { conductor, agents, draw } = this;
    conductor.happens({ kind: "configured", config: this.#config(), by: BY });
    for (const [index, agent] of agents.entries()) {
      this.#every(
        () => draw.between(800, 1_200),
        () => {
          if (this.time.now >= agent.pausedUntil) agent.asks();
        },
      );
      this.#every(
        () => draw.between(500, 1_500),
        () => this.#write(index),
      );
    }
    this.#every(
      () => draw.exponential(4 * SECOND_MS),
      () => draw.pick(this.#faults)(),
    );
    this.#every(
      () => Math.min(conductor.dueMs(), 5 * SECOND_MS),
      () => conductor.wakes(),
    );
    this.time.run(forMs);
    return this.outcome;
  }
}

/** Plays a world; throws Broken where a law does not hold. */
export const simulate = (seed: number, lease: "advisory" | "strict", forMs = 120 * SECOND_MS): Outcome =>
  new World(seed, lease).run(forMs);
