import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { inject } from "vitest";
import { endAtExit, signalProcess } from "../../scripts/children.ts";

/** The one-file program as users run it, in a process of its own. */
export class ProgramProcess {
  readonly child: ChildProcess;
  readonly #log: string[] = [];
  readonly #forget: () => void;

  constructor(args: string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [inject("program"), ...args], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
    this.#forget = endAtExit(() => signalProcess(this.child.pid, "SIGKILL"));
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on("data", (bytes: Buffer) => this.#log.push(bytes.toString()));
  }

  get log(): string {
    return this.#log.join("");
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  signal(signal: NodeJS.Signals): void {
    signalProcess(this.child.pid, signal);
  }

  /** The exit code, once the program has ended. */
  async ended(): Promise<number | null> {
    if (!this.hasEnded) await once(this.child, "exit");
    return this.child.exitCode;
  }

  async stop(): Promise<void> {
    if (!this.hasEnded) this.signal("SIGTERM");
    await this.ended();
    this.#forget();
  }
}
