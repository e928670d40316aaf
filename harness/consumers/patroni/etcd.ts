import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { endAtExit, signalProcess } from "../../../scripts/children.ts";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";

const READY_WITHIN_MS = 20_000;

/** A single etcd on loopback, with its data in a given directory. */
export class Etcd {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #forget: () => void;

  private constructor(port: number, child: ChildProcess) {
    this.port = port;
    this.#child = child;
    this.#forget = endAtExit(() => void signalProcess(child.pid, "SIGKILL"));
  }

  /** Resolves once it is healthy. */
  static async start(dir: string): Promise<Etcd> {
    const [port, peers] = [await freePort(), await freePort()];
    const [clientUrl, peerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peers}`];
    const line = ["--pdeathsig", "KILL", "etcd", "--name", "one", "--data-dir", join(dir, "etcd")];
    line.push("--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl);
    line.push("--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl);
    line.push("--initial-cluster", `one=${peerUrl}`);
    const etcd = new Etcd(port, spawn("setpriv", line, { stdio: "ignore" }));
    try {
      await until(() => etcd.#isHealthy(clientUrl), {
        withinMs: READY_WITHIN_MS,
        explain: () => "etcd did not become healthy",
      });
      return etcd;
    } catch (error) {
      await etcd.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    }
    this.#forget();
  }

  async #isHealthy(url: string): Promise<boolean> {
    if (this.#child.exitCode !== null) throw new Error(`etcd ended with ${this.#child.exitCode}`);
    try {
      const answer = await fetch(`${url}/health`, { signal: AbortSignal.timeout(1_000) });
      return ((await answer.json()) as { health: string }).health === "true";
    } catch {
      return false;
    }
  }
}
