import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { spawnOn } from "./namespace.ts";
import type { Host } from "./topology.ts";

/** One of the small programs in `hosts/`, running on a host of the lab. */
export class Helper {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves once the program reports that it is ready. `secret` goes to its standard input instead of its command line. */
  static async start(
    host: Host,
    script: string,
    { open, secret }: { open?: unknown; secret?: unknown },
  ): Promise<Helper> {
    const path = fileURLToPath(new URL(`./hosts/${script}.ts`, import.meta.url));
    const line = [
      process.execPath,
      "--no-warnings",
      path,
      ...(open === undefined ? [] : [JSON.stringify(open)]),
    ];
    const child = spawnOn(host, line, { stdio: ["pipe", "inherit", "inherit", "ipc"] });
    child.stdin?.end(secret === undefined ? "" : JSON.stringify(secret));
    const ended = once(child, "exit").then(() => {
      throw new Error(`${script} on ${host} ended before it was ready`);
    });
    await Promise.race([once(child, "message"), ended]);
    ended.catch(() => undefined);
    return new Helper(child);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
