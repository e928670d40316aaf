import { type ChildProcess, spawn } from "node:child_process";
import { inject } from "vitest";
import { endAtExit, signalGroup, signalProcess } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";

const WITHIN_MS = 10_000;
/** Makes every write to a file fail, as a full disk does. */
const NO_FILES = ["bash", "-c", 'ulimit -f 0; exec "$@"', "bash"];

interface LogLine {
  level: string;
  event: string;
  [detail: string]: unknown;
}

/** The built program as a running process, in a process group of its own. */
export class Running {
  readonly child: ChildProcess;
  /** Resolves with the exit code or the signal. */
  readonly ended: Promise<number | string | null>;
  stdout = "";
  stderr = "";

  /** `fullDisk`: the program cannot write any file. */
  constructor(args: string[], env: Record<string, string>, { fullDisk = false } = {}) {
    const line = [inject("oldestNode"), inject("program"), ...args];
    const [command = "", ...rest] = fullDisk ? [...NO_FILES, ...line] : line;
    this.child = spawn(command, rest, {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.child.stdout?.setEncoding("utf8").on("data", (text: string) => (this.stdout += text));
    this.child.stderr?.setEncoding("utf8").on("data", (text: string) => (this.stderr += text));
    const forget = endAtExit(() => this.endGroup());
    this.ended = new Promise((resolve) => {
      // Not "exit": the program's last output may still be on its way then.
      this.child.once("close", (code, signal) => {
        forget();
        resolve(code ?? signal);
      });
    });
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    signalProcess(this.pid, signal);
  }

  signalGroup(signal: NodeJS.Signals): void {
    signalGroup(this.pid, signal);
  }

  /** Kills the program and everything that it started. */
  endGroup(): void {
    signalGroup(this.pid, "SIGKILL");
  }

  /** Signals the program and waits for its end. */
  async end(signal: NodeJS.Signals): Promise<number | string | null> {
    this.signal(signal);
    return this.ended;
  }

  get log(): LogLine[] {
    const lines = this.stderr.split("\n").slice(0, -1);
    return lines.flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
  }

  events(event: string): LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Waits for a line of the program's log. */
  async logged(event: string): Promise<LogLine> {
    return until(() => this.events(event)[0], {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not logged: ${event}; logged: ${this.stderr}`,
    });
  }

  /** Waits for output of the program or of what it started. */
  async printed(text: string): Promise<void> {
    await until(() => this.stdout.includes(text), {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not printed: ${text}; printed: ${this.stdout}; logged: ${this.stderr}`,
    });
  }
}
