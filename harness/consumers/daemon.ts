import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endAtExit, signalGroup } from "../../scripts/children.ts";

const LOG_LINES = 100;
const STOPPED_WITHIN_MS = 5_000;

/**
 * A program in the foreground, in its own process group. The kernel ends it with us however we end. Processes that it starts end with its
 * group.
 */
export class Daemon {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #forget: () => void;
  readonly #lines: string[] = [];
  #failed = "";

  constructor(
    name: string,
    line: readonly string[],
    options: { env?: Record<string, string>; cwd?: string } = {},
  ) {
    this.name = name;
    const { env = {}, ...rest } = options;
    this.#child = spawn("setpriv", ["--pdeathsig", "KILL", ...line], {
      ...rest,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...env },
    });
    this.#forget = endAtExit(() => signalGroup(this.#child.pid, "SIGKILL"));
    this.#child.on("error", (error) => (this.#failed = error.message));
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.#lines.push(
          ...bytes
            .toString()
            .split("\n")
            .filter((text) => text.trim() !== ""),
        );
        this.#lines.splice(0, Math.max(0, this.#lines.length - LOG_LINES));
      });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines it wrote. */
  get log(): string {
    return [this.#failed, ...this.#lines].filter((line) => line !== "").join("\n");
  }

  get hasEnded(): boolean {
    return this.#failed !== "" || this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Throws, with its last lines, if it ended by itself. */
  mustRun(): void {
    if (this.hasEnded) throw new Error(`${this.name} ended by itself:\n${this.log}`);
  }

  signal(signal: NodeJS.Signals): void {
    signalGroup(this.#child.pid, signal);
  }

  /** Sends it the signal to end, then kills it. */
  async stop(): Promise<void> {
    if (!this.hasEnded) {
      const gone = once(this.#child, "exit");
      this.signal("SIGTERM");
      const timer = setTimeout(() => this.signal("SIGKILL"), STOPPED_WITHIN_MS);
      await gone;
      clearTimeout(timer);
    }
    // Its children may outlive it.
    this.signal("SIGKILL");
    this.#forget();
  }
}
