/** A process on a host of the lab that is started again when it ends, while it is wanted. */
import type { ChildProcess } from "node:child_process";
import { spawnOn } from "../lab/namespace.ts";
import type { Host } from "../lab/topology.ts";
import { monotonic } from "./recorder.ts";

const LOG_LINES = 500;

interface Settings {
  host: Host;
  line: readonly string[];
  env?: NodeJS.ProcessEnv;
  /** How long it stays away before a supervisor starts it again. */
  againAfterMs: number;
  heard?: (word: Record<string, unknown>) => void;
  started?: (pid: number) => void;
  ended?: (at: number) => void;
}

export class Program {
  readonly #settings: Settings;
  readonly log: string[] = [];
  #child: ChildProcess | undefined;
  #isWanted = true;

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#start();
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Not started again until `wanted` is called. */
  unwanted(): void {
    this.#isWanted = false;
  }

  wanted(): void {
    this.#isWanted = true;
    if (this.#child === undefined) this.#start();
  }

  #start(): void {
    const { host, line, env, heard, started, ended, againAfterMs } = this.#settings;
    const child = spawnOn(host, line, {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      ...(env === undefined ? {} : { env }),
    });
    this.#child = child;
    if (child.pid !== undefined) started?.(child.pid);
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => this.#keep(bytes.toString()));
    if (heard !== undefined) child.on("message", heard);
    child.once("exit", (code, signal) => {
      ended?.(monotonic());
      this.#keep(`ended: ${code ?? signal}`);
      this.#child = undefined;
      setTimeout(() => {
        if (this.#isWanted && this.#child === undefined) this.#start();
      }, againAfterMs);
    });
  }

  #keep(text: string): void {
    const at = monotonic().toFixed(0);
    this.log.push(...text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [`${at} ${line}`])));
    this.log.splice(0, Math.max(0, this.log.length - LOG_LINES));
  }
}
