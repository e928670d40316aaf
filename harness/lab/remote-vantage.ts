import type { ChildProcess } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { spawnOn } from "./namespace.ts";
import { LAB_DIR } from "./parent.ts";

const CLI = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
const LOG_LINES = 100;
/** A vantage that could not report tries again at least this often, since the lab waits for recoveries. */
const RETRY_MAX_MS = "5000";

/** `parallax vantage` on the host that has its id. */
export class RemoteVantage {
  readonly id: string;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];

  private constructor(id: string, child: ChildProcess) {
    this.id = id;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => {
        this.#log.push(...bytes.toString().split("\n").filter(Boolean));
        this.#log.splice(0, Math.max(0, this.#log.length - LOG_LINES));
      });
  }

  static async start(id: string, url: string, token: string): Promise<RemoteVantage> {
    const stateDir = `${LAB_DIR}/vantages/${id}`;
    await mkdir(stateDir, { recursive: true });
    const child = spawnOn(
      id,
      [process.execPath, CLI, "vantage", "--state", stateDir, "--retry-max-ms", RETRY_MAX_MS],
      {
        stdio: ["ignore", "pipe", "pipe"],
        env: { PARALLAX_URL: url, PARALLAX_TOKEN: token },
      },
    );
    return new RemoteVantage(id, child);
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get log(): string {
    return this.#log.join("\n");
  }
}
