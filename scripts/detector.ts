import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endAtExit, signalGroup } from "./children.ts";
import { DetectorApi } from "./detector-api.ts";
import { until } from "./until.ts";

const DEV = fileURLToPath(new URL("./dev.mjs", import.meta.url));
const READY_WITHIN_MS = 45_000;
const STOPPED_WITHIN_MS = 8_000;
const LOG_LINES = 200;

/** How a detector process is started: a script run by this Node, with these arguments. */
export type Launch = (place: { port: number; stateDir: string }) => string[];

/** Where the process runs, if not simply on this machine. */
export interface Place {
  /** The address it listens on. */
  host?: string;
  /** A command that runs the rest of its line elsewhere. */
  within?: readonly string[];
}

/** As `npm run dev` does: wrangler dev, with its state in a directory of its own. */
export const launchDev =
  (vars: Record<string, string> = {}): Launch =>
  ({ port, stateDir }) => [
    DEV,
    "--port",
    String(port),
    "--persist-to",
    stateDir,
    "--log-level",
    "warn",
    ...Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
  ];

/**
 * A whole detector under workerd on a loopback port. Its processes are in groups of their own, which the script reports over IPC as `{
 * group: pid }`, so that none of them outlives a kill.
 */
export class Detector {
  readonly api: DetectorApi;
  readonly port: number;
  readonly stateDir: string;
  readonly #launch: Launch;
  readonly #within: readonly string[];
  readonly #log: string[] = [];
  #child: ChildProcess | undefined;
  #groups = new Set<number>();
  #forget: (() => void) | undefined;

  private constructor(
    launch: Launch,
    port: number,
    stateDir: string,
    { host = "127.0.0.1", within = [] }: Place,
  ) {
    this.#launch = launch;
    this.#within = within;
    this.port = port;
    this.stateDir = stateDir;
    this.api = new DetectorApi(`http://${host}:${port}`);
  }

  /** Starts one on `port` with empty state; resolves once /healthz answers. */
  static async start(launch: Launch, port: number, place: Place = {}): Promise<Detector> {
    const detector = new Detector(launch, port, await mkdtemp(join(tmpdir(), "parallax-")), place);
    try {
      await detector.restart();
      return detector;
    } catch (error) {
      await detector.stop();
      throw error;
    }
  }

  /** Starts the detector on its existing state; resolves once /healthz answers. */
  async restart(): Promise<void> {
    if (this.#child !== undefined) throw new Error("the detector still runs");
    const [command = "", ...line] = [
      ...this.#within,
      process.execPath,
      "--no-warnings",
      ...this.#launch(this),
    ];
    const child = spawn(command, line, {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child = child;
    this.#groups = new Set(child.pid === undefined ? [] : [child.pid]);
    this.#forget = endAtExit(() => {
      this.#signal("SIGKILL");
      rmSync(this.stateDir, { recursive: true, force: true });
    });
    child.on("message", (word: { group?: number }) => {
      if (word.group !== undefined) this.#groups.add(word.group);
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => this.#keep(bytes.toString()));
    await until(() => this.#answers(), {
      withinMs: READY_WITHIN_MS,
      everyMs: 50,
      explain: () => `the detector did not become ready:\n${this.log}`,
    });
  }

  /** SIGKILL to all of its processes at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    const gone = child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
    this.#signal("SIGKILL");
    await gone;
    this.#child = undefined;
    this.#forget?.();
  }

  /** SIGSTOP to all of its processes: seen from outside, it hangs. */
  freeze(): void {
    this.#signal("SIGSTOP");
  }

  thaw(): void {
    this.#signal("SIGCONT");
  }

  /** Sends it the signal to end, then kills it, and removes its state. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child !== undefined && child.exitCode === null && child.signalCode === null) {
      child.kill("SIGTERM");
      await Promise.race([once(child, "exit"), waitMs(STOPPED_WITHIN_MS)]);
    }
    await this.kill();
    await rm(this.stateDir, { recursive: true, force: true, maxRetries: 5 });
  }

  /** The last lines it wrote, for a failure's message. */
  get log(): string {
    return this.#log.join("\n");
  }

  #signal(signal: NodeJS.Signals): void {
    for (const group of this.#groups) signalGroup(group, signal);
  }

  #keep(text: string): void {
    this.#log.push(...text.split("\n").filter((line) => line.trim() !== ""));
    this.#log.splice(0, Math.max(0, this.#log.length - LOG_LINES));
  }

  async #answers(): Promise<boolean> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null)
      throw new Error(`the detector ended before it was ready:\n${this.log}`);
    try {
      return (await this.api.ask("/healthz", { token: null })).status === 200;
    } catch {
      return false;
    }
  }
}

const waitMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
