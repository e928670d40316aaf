import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { endAtExit, signalGroup, signalProcess } from "../../scripts/children.ts";
import { until } from "../../scripts/until.ts";

const ENTRY = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));
const WITHIN_MS = 10_000;

interface LogLine {
  level: string;
  event: string;
  [detail: string]: unknown;
}

interface Given {
  url: string;
  args?: string[];
  env?: Record<string, string>;
  command?: string[];
}

/** `parallax agent` as a real process, in a process group of its own. */
export class RunningAgent {
  readonly child: ChildProcess;
  readonly ended: Promise<number | string | null>;
  stdout = "";
  stderr = "";

  constructor({ url, args = [], env = {}, command }: Given) {
    const own = ["--site", "fra", "--target", "web-1", "--every-ms", "1000", ...args];
    const beside = command === undefined ? [] : ["--exec", "--", ...command];
    const { PATH = "" } = process.env;
    this.child = spawn(process.execPath, [ENTRY, "agent", ...own, ...beside], {
      env: { PATH, PARALLAX_URL: url, PARALLAX_TOKEN: "local-notify", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    this.child.stdout?.on("data", (chunk) => (this.stdout += String(chunk)));
    this.child.stderr?.on("data", (chunk) => (this.stderr += String(chunk)));
    const forget = endAtExit(() => this.endGroup());
    this.ended = new Promise((resolve) => {
      this.child.once("exit", (code, signal) => {
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

  /** Ends it, its child and whatever that started. */
  endGroup(): void {
    signalGroup(this.pid, "SIGKILL");
  }

  get log(): LogLine[] {
    return this.stderr
      .split("\n")
      .flatMap((line) => (line.startsWith("{") ? [JSON.parse(line) as LogLine] : []));
  }

  events(event: string): LogLine[] {
    return this.log.filter((line) => line.event === event);
  }

  /** Waits for a line of its log. */
  async logged(event: string): Promise<LogLine> {
    return until(() => this.events(event)[0], {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not logged: ${event}; logged: ${this.stderr}`,
    });
  }

  /** The pid of the service, once it is known. */
  async service(): Promise<number> {
    return Number((await this.logged("started"))["pid"]);
  }

  /** Waits for what the service wrote. */
  async printed(text: string): Promise<void> {
    await until(() => this.stdout.includes(text), {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not printed: ${text}; printed: ${this.stdout}; logged: ${this.stderr}`,
    });
  }
}
