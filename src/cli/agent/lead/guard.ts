import { type ChildProcess, spawn } from "node:child_process";
import type { Log } from "../../shared/output/log.ts";
import { after } from "../../shared/process/machine.ts";
import type { FenceCause } from "./fence.ts";
import { GUARD } from "./guard-program.ts";
import { read, type GuardReply, type GuardOrder, write } from "./guard-words.ts";

/** From a start to the first answer: the program loads in a third of a second, and in ten times that on a machine that is far too busy. */
const START_WITHIN_MS = 15_000;

/** An order without its number. */
type Word = GuardOrder extends infer T ? (T extends GuardOrder ? Omit<T, "number"> : never) : never;

interface Events {
  /** The guard begins to fence, on an order or by itself. */
  fencing: (cause: FenceCause) => void;
  /** The guard is gone without an order to stand down. */
  gone: () => void;
  log: Log;
}

/** A guard at work, as its agent sees it. */
export class Guard {
  readonly #child: ChildProcess;
  readonly #events: Events;
  /** The pending answers, by the kind of the answer and the number of the order. */
  readonly #waiting = new Map<string, (isHeard: boolean) => void>();
  #number = 0;
  #isGone = false;
  #isStoodDown = false;

  constructor(events: Events) {
    this.#events = events;
    const { PARALLAX_TOKEN: _token, ...env } = process.env;
    // In a session of its own: a signal to the agent's process group must not kill its guard.
    this.#child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? "", GUARD], {
      detached: true,
      env,
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#child.stdin?.on("error", () => undefined);
    this.#child.once("error", ({ message }) => this.#end(message));
    this.#child.once("exit", (code, signal) => this.#end(`it ended with ${signal ?? code}`));
    const hear = (said: GuardReply): void => {
      if (said.kind === "fencing") events.fencing(said.cause);
      else this.#answer(`${said.kind} ${said.number}`, true);
    };
    if (this.#child.stdout !== null) read<GuardReply>(this.#child.stdout, hear, () => undefined);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Resolves to whether the guard has acknowledged. A guard that does not answer in time is stopped or hangs, and is killed. */
  tell(word: Word, withinMs = START_WITHIN_MS): Promise<boolean> {
    return this.#tell(word, withinMs).heard;
  }

  /** Resolves to true when nothing leads any more; to false where the guard is gone before. */
  async fence(cause: FenceCause, withinMs: number): Promise<boolean> {
    const { heard, number } = this.#tell({ kind: "fence", cause }, withinMs);
    const fenced = this.#answerTo("fenced", number);
    return (await heard) && fenced;
  }

  async standDown(): Promise<void> {
    this.#isStoodDown = true;
    await this.tell({ kind: "stand-down" });
  }

  #tell(word: Word, withinMs: number): { heard: Promise<boolean>; number: number } {
    const number = ++this.#number;
    const heard = this.#answerTo("heard", number);
    if (!this.#isGone) write(this.#child.stdin, { ...word, number } as GuardOrder);
    const cancel = after(withinMs, () => {
      this.#child.kill("SIGKILL");
      this.#end(`it did not answer in ${Math.round(withinMs)} ms`);
    });
    void heard.then(cancel);
    return { heard, number };
  }

  #answerTo(kind: GuardReply["kind"], number: number): Promise<boolean> {
    if (this.#isGone) return Promise.resolve(false);
    return new Promise((resolve) => this.#waiting.set(`${kind} ${number}`, resolve));
  }

  #answer(name: string, isHeard: boolean): void {
    this.#waiting.get(name)?.(isHeard);
    this.#waiting.delete(name);
  }

  #end(why: string): void {
    if (this.#isGone) return;
    this.#isGone = true;
    for (const name of this.#waiting.keys()) this.#answer(name, false);
    if (this.#isStoodDown) return;
    this.#events.log("error", "guard-gone", { reason: why });
    this.#events.gone();
  }
}
