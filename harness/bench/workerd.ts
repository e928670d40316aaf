import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleWorker } from "../../scripts/bundle-worker.ts";
import { endAtExit, signalProcess } from "../../scripts/children.ts";
import { COMPATIBILITY_DATE, COMPATIBILITY_FLAGS } from "../../scripts/compatibility.ts";
import { until } from "../../scripts/until.ts";

const READY_WITHIN_MS = 30_000;
/** For the detector and for the Worker that it is compared with. */
const COMPATIBILITY = `compatibilityDate = "${COMPATIBILITY_DATE}", compatibilityFlags = ${JSON.stringify(COMPATIBILITY_FLAGS)}`;

/** One Worker of a workerd process, on a socket of its own. */
export interface Service {
  name: string;
  port: number;
  /** Its main module in TypeScript. */
  entry: URL;
  /** Durable Object classes by the binding's name, all with SQLite. */
  objects: Record<string, string>;
  vars: Record<string, string>;
  /** HTTP servers that the Worker reaches by a binding, whatever the network allows; addresses by the binding's name. */
  servers?: Record<string, string>;
  /**
   * The runtime itself blocks private addresses: a connection that slips through the detector's own checks fails, and shows in `said`.
   * Miniflare and the programs that run on it have no such option: there the network is open to all.
   */
  isPublicOnly?: boolean;
}

/** The packages that Miniflare depends on, so that no version is pinned here. */
const require = createRequire(import.meta.url);
const { default: binary } = createRequire(require.resolve("miniflare"))("workerd") as { default: string };

/** A plain workerd: no proxy in front, no wrangler, no Miniflare. Its state is gone when it stops, unless it has a folder of its own. */
export class Workerd {
  readonly #child: ChildProcess;
  readonly #dir: string;
  readonly #forget: () => void;
  readonly #log: string[];

  private constructor(child: ChildProcess, dir: string, log: string[], forget: () => void) {
    this.#child = child;
    this.#dir = dir;
    this.#log = log;
    this.#forget = forget;
  }

  /** Resolves once every service answers HTTP, with whatever status. `state`: an existing folder that is not removed. */
  static async start(services: Service[], state?: string): Promise<Workerd> {
    const dir = await mkdtemp(join(tmpdir(), "parallax-bench-"));
    if (state === undefined) await mkdir(join(dir, "state"));
    else await symlink(state, join(dir, "state"));
    for (const { name, entry } of services) await bundleWorker(entry.pathname, join(dir, `${name}.js`));
    await writeFile(join(dir, "config.capnp"), configOf(services));
    const child = spawn(binary, ["serve", "config.capnp"], { cwd: dir, stdio: ["ignore", "pipe", "pipe"] });
    const log: string[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream?.on("data", (bytes: Buffer) => {
        log.push(bytes.toString());
        log.splice(0, log.length - 50);
      });
    const forget = endAtExit(() => {
      signalProcess(child.pid, "SIGKILL");
      rmSync(dir, { recursive: true, force: true });
    });
    const workerd = new Workerd(child, dir, log, forget);
    try {
      await Promise.all(services.map(({ port }) => workerd.#answers(port)));
      return workerd;
    } catch (error) {
      await workerd.stop();
      throw error;
    }
  }

  /** CPU time it has used so far; NaN if the system does not report it this finely. */
  cpuMs(): number {
    const tasks = `/proc/${this.#child.pid}/task`;
    try {
      const spent = readdirSync(tasks).map((id) => readFileSync(`${tasks}/${id}/schedstat`, "utf8"));
      // The first number is the time on a CPU in nanoseconds.
      return spent.reduce((sum, text) => sum + Number(text.split(" ")[0]), 0) / 1e6;
    } catch {
      return NaN;
    }
  }

  /** Its memory in bytes; NaN if the system does not report it. */
  residentBytes(): number {
    try {
      const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1_024;
    } catch {
      return NaN;
    }
  }

  /** Its last output. */
  get said(): string {
    return this.#log.join("");
  }

  /** Ends it at once (SIGKILL), without a warning. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, "exit");
      this.#child.kill("SIGKILL");
      await gone;
    }
    this.#forget();
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 });
  }

  async #answers(port: number): Promise<void> {
    const ask = async (): Promise<boolean> => {
      if (this.#child.exitCode !== null) throw new Error(`workerd ended:\n${this.#log.join("")}`);
      try {
        await fetch(`http://127.0.0.1:${port}/healthz`, { signal: AbortSignal.timeout(5_000) });
        return true;
      } catch {
        return false;
      }
    };
    await until(ask, {
      withinMs: READY_WITHIN_MS,
      everyMs: 50,
      explain: () => `workerd did not answer on port ${port}:\n${this.#log.join("")}`,
    });
  }
}

const serversOf = (services: Service[]): [name: string, address: string][] =>
  services.flatMap(({ name, servers = {} }) =>
    Object.entries(servers).map(([binding, address]): [string, string] => [`${name}-${binding}`, address]),
  );

/** The configuration in Cap'n Proto's text form, whose strings are close enough to JSON's. */
const configOf = (services: Service[]): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    ${services.map(({ name }) => `(name = "${name}", worker = .${name}),`).join("\n    ")}
    (name = "disk", disk = (path = "state", writable = true)),
    (name = "internet", network = (allow = [${services.some(({ isPublicOnly }) => isPublicOnly) ? '"public"' : '"public", "private"'}])),
    ${serversOf(services)
      .map(([name, address]) => `(name = "${name}", external = (address = "${address}", http = ())),`)
      .join("\n    ")}
  ],
  sockets = [
    ${services.map(({ name, port }) => `(name = "${name}", address = "127.0.0.1:${port}", http = (), service = "${name}"),`).join("\n    ")}
  ],
);
${services.map(workerOf).join("")}`;

const workerOf = ({
  name,
  objects,
  vars,
  servers = {},
}: Service): string => `const ${name} :Workerd.Worker = (
  modules = [(name = "index.js", esModule = embed "${name}.js")],
  ${COMPATIBILITY},
  bindings = [
    ${Object.entries(vars)
      .map(([key, value]) => `(name = "${key}", text = ${JSON.stringify(value)}),`)
      .join("\n    ")}
    ${Object.entries(objects)
      .map(([key, className]) => `(name = "${key}", durableObjectNamespace = "${className}"),`)
      .join("\n    ")}
    ${Object.keys(servers)
      .map((key) => `(name = "${key}", service = "${name}-${key}"),`)
      .join("\n    ")}
  ],
  durableObjectNamespaces = [
    ${Object.values(objects)
      .map(
        (className) => `(className = "${className}", uniqueKey = "${name}-${className}", enableSql = true),`,
      )
      .join("\n    ")}
  ],
  durableObjectStorage = (localDisk = "disk"),
);
`;
