import type { Command } from "../../command.ts";
import { faultsTo, logToStderr } from "../../shared/output/log.ts";
import { streamOf } from "../../shared/output/print.ts";
import { type FenceCause, type Fence, fenceOff } from "./fence.ts";
import { read, type GuardReply, type GuardOrder, write } from "./guard-words.ts";
import { fenceLimitMs, type HeldLease, phaseOf, readingNow } from "./held-lease.ts";
import { killGroup } from "./order.ts";

/** How often the guard reads the clocks. A timer for the deadline itself would be late by as long as this machine slept. */
const LOOK_EVERY_MS = 25;

/**
 * Watches over a service for an agent that may be killed or stopped at any moment: a strict lease that the agent does not renew in time
 * ends here, and the agent's own end ends what it ran.
 */
class Watchman {
  #fence: Fence = { command: undefined, environment: {}, service: undefined };
  #limitMs = 0;
  #hold: HeldLease | null = null;
  #running: number | undefined;
  #fencing: Promise<void> | undefined;
  readonly #done: (code: number) => void;

  constructor(done: (code: number) => void) {
    this.#done = done;
  }

  hear(word: GuardOrder): void {
    if (word.kind === "begin") [this.#fence, this.#limitMs] = [word.fence, word.limitMs];
    // A renewal that comes after the fence has begun comes too late.
    if (word.kind === "hold" && this.#fencing === undefined) this.#hold = word.hold;
    if (word.kind === "running" && !this.#admit(word.group)) return;
    this.#say({ kind: "heard", number: word.number });
    if (word.kind === "fence")
      void this.fenceOff(word.cause).then(() => this.#say({ kind: "fenced", number: word.number }));
    if (word.kind === "stand-down") this.#done(0);
  }

  /** Kills a command that comes after the fence has begun: it must not undo the fence. */
  #admit(group: number | null): boolean {
    this.#running = group ?? undefined;
    if (group === null || (this.#hold !== null && this.#fencing === undefined)) return true;
    killGroup(group);
    this.#running = undefined;
    return false;
  }

  look(): void {
    if (this.#hold !== null && phaseOf(this.#hold, readingNow()) !== "held") void this.fenceOff("lease");
  }

  /** The agent is gone. */
  async forsaken(): Promise<void> {
    logToStderr("error", "agent-gone", { so: "the guard ends what it ran", leading: this.#hold !== null });
    await this.fenceOff("stopping", true);
    this.#done(0);
  }

  /** Only one fence runs at a time. A call meanwhile waits for it, and fences again only if something is left to fence or to kill. */
  async fenceOff(cause: FenceCause, kills = false): Promise<void> {
    if (this.#fencing !== undefined) await this.#fencing;
    // Where the service does not lead there is nothing to fence, except a service that no agent speaks for any more.
    if (this.#hold === null && !kills) return;
    this.#fencing ??= this.#fenceNow(cause, kills);
    await this.#fencing;
  }

  async #fenceNow(cause: FenceCause, kills: boolean): Promise<void> {
    this.#say({ kind: "fencing", cause });
    const hold = this.#hold;
    const mayRun = hold !== null && (hold.isStrict || this.#fence.service !== undefined || !kills);
    await fenceOff({
      fence: mayRun ? this.#fence : { ...this.#fence, command: undefined },
      cause,
      running: this.#running,
      limitMs: hold === null ? 0 : fenceLimitMs(hold, readingNow(), this.#limitMs),
      kills,
      log: logToStderr,
    });
    this.#hold = null;
    this.#running = undefined;
    this.#fencing = undefined;
  }

  #say(word: GuardReply): void {
    write(process.stdout, word);
  }
}

const run = (): Promise<number> =>
  new Promise((resolve) => {
    streamOf("stdout");
    streamOf("stderr");
    // Ending the agent ends the guard. The guard must outlive a signal to all of a unit.
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const)
      process.on(signal, () => undefined);
    const watchman = new Watchman(resolve);
    // A fault must not end the guard.
    process.on("uncaughtException", faultsTo(logToStderr));
    let isForsaken = false;
    const forsaken = (): void => {
      if (!isForsaken) void watchman.forsaken();
      isForsaken = true;
    };
    setInterval(() => watchman.look(), LOOK_EVERY_MS);
    read<GuardOrder>(process.stdin, (word) => watchman.hear(word), forsaken);
  });

/** The command that an agent of a group starts beside itself. Users do not call it. */
export const GUARD = "agent-guard";
export const agentGuard: Command = {
  summary: "stands beside an agent of a group; the agent starts it",
  usage: "parallax agent --group starts this by itself; it is of no use otherwise.\n",
  run,
};
