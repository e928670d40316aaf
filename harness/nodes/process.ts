import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import { freePort } from "../../scripts/port.ts";
import type { Mode, NodeCounts, NodeSettings, Order, Word } from "./mode.ts";

const SERVER = fileURLToPath(new URL("./server.ts", import.meta.url));

/** A real listening process, on loopback by default, that can be killed, revived, frozen and made to misbehave. */
export class NodeProcess {
  readonly port: number;
  readonly #settings: NodeSettings;
  readonly #within: readonly string[];
  #child: ChildProcess | undefined;
  #orders = 0;
  #forget: (() => void) | undefined;

  private constructor(settings: NodeSettings, within: readonly string[] = []) {
    this.#settings = settings;
    this.#within = within;
    this.port = settings.port;
  }

  /** Starts a node on a free port; resolves once it listens. */
  static async start(given: Partial<Omit<NodeSettings, "port">> = {}): Promise<NodeProcess> {
    const node = new NodeProcess({
      protocol: "http",
      mode: "ok",
      slowMs: 1_000,
      ...given,
      port: await freePort(),
    });
    await node.#launch();
    return node;
  }

  /** Starts a node on this address and port; `within`: a command that runs the rest of its line elsewhere. */
  static async startAt(
    place: { host: string; port: number; within: readonly string[] },
    given: Partial<Omit<NodeSettings, "host" | "port">> = {},
  ): Promise<NodeProcess> {
    const { within, ...address } = place;
    const node = new NodeProcess(
      { protocol: "http", mode: "ok", slowMs: 1_000, ...given, ...address },
      within,
    );
    await node.#launch();
    return node;
  }

  get url(): string {
    return `${this.#settings.protocol}://${this.#settings.host ?? "127.0.0.1"}:${this.port}`;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** SIGKILL; resolves once the process has gone and its port refuses. */
  async kill(): Promise<void> {
    const child = this.#running();
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
    this.#child = undefined;
    this.#forget?.();
  }

  /** Starts it again on the same port; resolves once it listens. It answers in the mode it last had. */
  async revive(): Promise<void> {
    if (this.#child !== undefined) throw new Error(`the node on port ${this.port} still runs`);
    await this.#launch();
  }

  /** SIGSTOP: the kernel goes on accepting for it until its backlog is full. */
  freeze(): void {
    this.#running().kill("SIGSTOP");
  }

  /** SIGCONT. */
  thaw(): void {
    this.#running().kill("SIGCONT");
  }

  /** Changes how it answers; resolves once it does. Not for a frozen node. */
  async mode(mode: Mode, slowMs?: number): Promise<void> {
    this.#settings.mode = mode;
    await this.#order({ id: ++this.#orders, mode, slowMs });
  }

  async counts(): Promise<NodeCounts> {
    return this.#order({ id: ++this.#orders });
  }

  /** Ends it if it runs, frozen or not. */
  async stop(): Promise<void> {
    if (this.#child !== undefined) await this.kill();
  }

  #running(): ChildProcess {
    if (this.#child === undefined) throw new Error(`the node on port ${this.port} does not run`);
    return this.#child;
  }

  async #launch(): Promise<void> {
    const [command, ...line] = [
      ...this.#within,
      process.execPath,
      "--no-warnings",
      SERVER,
      JSON.stringify(this.#settings),
    ];
    const child = spawn(command, line, {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#forget = endAtExit(() => void signalProcess(child.pid, "SIGKILL"));
    const [word] = (await Promise.race([
      once(child, "message"),
      once(child, "exit").then(() => [{ failed: "the process ended" }]),
    ])) as [Word];
    if ("failed" in word) {
      child.kill("SIGKILL");
      this.#forget();
      throw new Error(`port ${this.port}: ${word.failed}`);
    }
    this.#child = child;
  }

  #order(order: Order): Promise<NodeCounts> {
    const child = this.#running();
    return new Promise((resolve) => {
      const hear = (word: Word): void => {
        if (!("done" in word) || word.done !== order.id) return;
        child.off("message", hear);
        resolve(word.counts);
      };
      child.on("message", hear);
      child.send(order);
    });
  }
}
