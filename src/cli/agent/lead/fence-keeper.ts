import type { Log } from "../../shared/output/log.ts";
import { type FenceCause, type Fence, fenceOff } from "./fence.ts";
import { Guard } from "./guard.ts";
import { answerWithinMs, fenceLimitMs, type HeldLease, readingNow } from "./held-lease.ts";

interface Wiring {
  fence: Fence;
  limitMs: number;
  log: Log;
  /** Notes which guard is at work now. */
  mark: (guard: number) => void;
  /** The guard has begun to fence, by itself or on our order. */
  fencing: (cause: FenceCause) => void;
}

/**
 * Fences by a guard that outlives the agent, or by the agent itself while there is no guard. A guard that is gone is replaced at once, and
 * the new guard receives the lease and the command of the moment.
 */
export class FenceKeeper {
  readonly #wiring: Wiring;
  #guard: Guard;
  /** Resolves to whether the guard has taken up its work. */
  #ready: Promise<boolean>;
  #isReady = false;
  #hold: HeldLease | null = null;
  #running: number | null = null;
  #fencing: Promise<void> | undefined;
  #isClosed = false;

  constructor(wiring: Wiring) {
    this.#wiring = wiring;
    this.#guard = this.#start();
    this.#ready = this.#begin(this.#guard);
  }

  /** Resolves to whether a guard watches over this lease. */
  async hold(hold: HeldLease | null): Promise<boolean> {
    this.#hold = hold;
    return (await this.#ready) && this.#guard.tell({ kind: "hold", hold }, this.#patienceMs);
  }

  /** Passes on the group of a command that makes the service lead; null: it has ended. Resolves to whether the guard would kill it. */
  async running(group: number | null): Promise<boolean> {
    this.#running = group;
    return (await this.#ready) && this.#guard.tell({ kind: "running", group }, this.#patienceMs);
  }

  /** Resolves when nothing leads here. Only one fence runs at a time; concurrent callers share it. */
  fence(cause: FenceCause): Promise<void> {
    this.#fencing ??= this.#fence(cause).finally(() => (this.#fencing = undefined));
    return this.#fencing;
  }

  async standDown(): Promise<void> {
    this.#isClosed = true;
    await this.#guard.standDown();
  }

  async #fence(cause: FenceCause): Promise<void> {
    const { fence, limitMs, log } = this.#wiring;
    const isFenced = this.#isReady && (await this.#guard.fence(cause, this.#patienceMs));
    if (!isFenced) {
      const left = this.#hold === null ? limitMs : fenceLimitMs(this.#hold, readingNow(), limitMs);
      const running = this.#running ?? undefined;
      await fenceOff({ fence, cause, running, limitMs: left, kills: false, log });
    }
    this.#hold = null;
    this.#running = null;
    // A guard that was started meanwhile has received the lease that has ended now.
    if (!isFenced) void this.hold(null);
  }

  get #patienceMs(): number {
    return answerWithinMs(this.#hold);
  }

  #start(): Guard {
    const { fencing, log } = this.#wiring;
    const guard: Guard = new Guard({ log, fencing, gone: () => this.#replace(guard) });
    return guard;
  }

  async #begin(guard: Guard): Promise<boolean> {
    const { fence, limitMs, mark } = this.#wiring;
    if (guard.pid !== undefined) mark(guard.pid);
    if (!(await guard.tell({ kind: "begin", fence, limitMs }))) return false;
    void guard.tell({ kind: "running", group: this.#running }, this.#patienceMs);
    if (!(await guard.tell({ kind: "hold", hold: this.#hold }, this.#patienceMs))) return false;
    this.#isReady = this.#guard === guard;
    this.#wiring.log("info", "guarded", { guard: guard.pid });
    return true;
  }

  #replace(gone: Guard): void {
    this.#isReady = false;
    if (this.#isClosed || gone !== this.#guard) return;
    this.#guard = this.#start();
    this.#ready = this.#begin(this.#guard);
  }
}
