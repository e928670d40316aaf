import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { endAtExit, signalProcess } from "../../../scripts/children.ts";
import { childrenOf } from "../offspring.ts";
import { inCell } from "./cell.ts";

/** Patroni logs this for a promotion that pre_promote denied. */
const REFUSED = /pre_promote script `.*` exited with [1-9]/;
const LOG_LINES = 4_000;
const ANSWERS_WITHIN_MS = 2_000;
const TOLD_WITHIN_MS = 60_000;

export interface MemberSettings {
  name: string;
  /** Ports on loopback: Patroni's REST API and PostgreSQL. */
  rest: number;
  postgres: number;
  /** The directory that its cell sees as `CELL_DIR`. */
  dir: string;
  /** Patroni's file, by its path in the cell, and the variables that differ between members. */
  configuration: string;
  environment: Record<string, string>;
}

/** One node of a cluster: Patroni and its PostgreSQL, in a cell that dies as a whole. */
export class Member {
  readonly settings: MemberSettings;
  /** When promotions were denied, by `Date.now()`. */
  readonly refusals: number[] = [];
  readonly #log: string[] = [];
  #child: ChildProcess | undefined;
  #forget: (() => void) | undefined;

  constructor(settings: MemberSettings) {
    this.settings = settings;
  }

  /** Starts Patroni, which creates or finds its database. */
  start(): void {
    if (this.#child !== undefined) throw new Error(`${this.settings.name} still runs`);
    const [command, ...line] = inCell(this.settings.dir);
    const child = spawn(command, [...line, "patroni", this.settings.configuration], {
      stdio: ["ignore", "pipe", "pipe"],
      env: this.settings.environment,
    });
    this.#child = child;
    this.#forget = endAtExit(() => void signalProcess(child.pid, "SIGKILL"));
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => this.#keep(bytes.toString()));
  }

  /** SIGKILL to Patroni and PostgreSQL at once, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    if (child.exitCode === null && child.signalCode === null) {
      // Its pipes close when the last process of the cell is gone.
      const gone = once(child, "close");
      child.kill("SIGKILL");
      await gone;
    }
    this.#child = undefined;
    this.#forget?.();
  }

  /** SIGSTOP to Patroni alone: its PostgreSQL goes on serving, but its leader key is not renewed. */
  async freezePatroni(): Promise<void> {
    for (const pid of await this.#patronis()) signalProcess(pid, "SIGSTOP");
  }

  async thawPatroni(): Promise<void> {
    for (const pid of await this.#patronis()) signalProcess(pid, "SIGCONT");
  }

  /** The answer of Patroni's REST API at a path; undefined if none comes in time. */
  async ask<T>(path: string): Promise<T | undefined> {
    try {
      const url = `http://127.0.0.1:${this.settings.rest}${path}`;
      const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
      return (await answer.json()) as T;
    } catch {
      return undefined;
    }
  }

  /** A POST to Patroni's REST API; throws unless Patroni accepts it. */
  async tell(path: string, body: object): Promise<void> {
    const url = `http://127.0.0.1:${this.settings.rest}${path}`;
    const answer = await fetch(url, {
      method: "POST",
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TOLD_WITHIN_MS),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  /** The last lines of Patroni and PostgreSQL. */
  get log(): string {
    return this.#log.join("\n");
  }

  #keep(text: string): void {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    for (const line of lines) if (REFUSED.test(line)) this.refusals.push(Date.now());
    this.#log.push(...lines);
    this.#log.splice(0, Math.max(0, this.#log.length - LOG_LINES));
  }

  /** All Patroni processes of the cell: its first one, and the child that does the work. */
  async #patronis(): Promise<number[]> {
    const first = (await childrenOf(this.#child?.pid))[0];
    const pids = first === undefined ? [] : [first, ...(await childrenOf(first))];
    const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8")));
    const found = pids.filter((_, index) => lines[index]?.includes(this.settings.configuration));
    if (found.length < 2) throw new Error(`${this.settings.name}: no Patroni found`);
    return found;
  }
}
