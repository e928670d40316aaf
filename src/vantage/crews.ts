import { attempt } from "../probe/deadline.ts";
import type { Clock } from "../schedule/clock.ts";
import { type CrewRpc, type CrewDone, type HeldCrew, PLACES } from "./crew.ts";

/** An idle crew is released after this time: the next turn of the same tick comes within it. */
const IDLE_MS = 50;

interface Member {
  held: Promise<HeldCrew>;
  /** Places that its probes may take; `left`: places that given-up dials have taken for good. */
  taken: number;
  left: number;
  running: number;
}

/**
 * Workers ends a dial that was given up on only when the invocation that made it ends: `close()` waits for the dial, about 21 s
 * (workerd#2060), and it holds one of the invocation's six connections until then. So probes run in invocations of their own,
 * as few as have room for them. Each is ended as soon as it is idle.
 */
export class Crews {
  readonly #open: () => Promise<HeldCrew>;
  readonly #clock: Clock;
  readonly #members = new Set<Member>();

  constructor(open: () => Promise<HeldCrew>, clock: Clock) {
    this.#open = open;
    this.#clock = clock;
  }

  /** How many crews there are now. */
  get size(): number {
    return this.#members.size;
  }

  /** Runs one probe that holds at most `places` connections. Rejects if the probe could not be run, or has not ended after `limitMs`. */
  async run(places: number, limitMs: number, probe: (crew: CrewRpc) => Promise<CrewDone>): Promise<CrewDone> {
    const member = this.#join(places);
    let left = PLACES;
    try {
      const ended = await attempt(
        member.held.then(({ crew }) => probe(crew)),
        limitMs,
      );
      if (ended.kind === "late") throw new Error("it never ended");
      if (ended.kind === "failed") throw ended.error;
      ({ left } = ended.value);
      return ended.value;
    } finally {
      member.taken -= places;
      member.left += left;
      member.running -= 1;
      this.#review(member);
    }
  }

  #join(places: number): Member {
    const found = [...this.#members].find(({ taken, left }) => taken + left + places <= PLACES);
    const member = found ?? { held: this.#open(), taken: 0, left: 0, running: 0 };
    member.held.catch(() => undefined);
    this.#members.add(member);
    member.taken += places;
    member.running += 1;
    return member;
  }

  #review(member: Member): void {
    if (member.running > 0) return;
    if (member.left > 0) this.#letGo(member);
    else
      this.#clock.after(IDLE_MS, () => {
        if (member.running === 0) this.#letGo(member);
      });
  }

  #letGo(member: Member): void {
    if (!this.#members.delete(member)) return;
    member.held.then(({ letGo }) => letGo()).catch(() => undefined);
  }
}
