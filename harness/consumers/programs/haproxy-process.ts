/** HAProxy as it runs in the tests: the shipped configuration, once for each pair, and a socket to observe it. */
import { mkdir, writeFile } from "node:fs/promises";
import { Agent, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import { whom } from "../answers.ts";
import type { Observation } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { versionOf } from "../version.ts";

const READY_WITHIN_MS = 10_000;
/** How long a request waits for a server that does not answer. */
const PATIENCE_MS = 1_000;
const REQUESTS = 4;
/** The type of object that `show stat` lists. */
const SERVERS = 4;

/** How HAProxy sees one server, from `show stat`. */
interface ServerStat {
  status: string;
  /** Number of sessions since its start. */
  sessions: number;
  /** Requests sent to it that failed, were retried or went to another server. */
  failures: number;
}

/** The configuration for one pair, from its name and the address to listen on. */
export type Section = (bind: string) => Promise<string>;

export class HaProxy {
  readonly #daemon: Daemon;
  readonly #socket: string;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #agent = new Agent({ keepAlive: false });

  private constructor(daemon: Daemon, socket: string, ports: ReadonlyMap<string, number>) {
    this.#daemon = daemon;
    this.#socket = socket;
    this.#ports = ports;
  }

  /** Starts one HAProxy in a directory of its own with these sections; each listens on a port of its own. */
  static async start(dir: string, sections: Readonly<Record<string, Section>>): Promise<HaProxy> {
    await mkdir(dir, { recursive: true });
    const socket = join(dir, "stats.sock");
    await writeFile(join(dir, "0-test.cfg"), `global\n  stats socket ${socket} mode 600 level admin\n`);
    const ports = new Map<string, number>();
    for (const [name, section] of Object.entries(sections)) {
      const port = await freePort();
      ports.set(name, port);
      await writeFile(join(dir, `${name}.cfg`), await section(`127.0.0.1:${port}`));
    }
    const files = ["0-test", ...ports.keys()].flatMap((name) => ["-f", join(dir, `${name}.cfg`)]);
    const haproxy = new HaProxy(new Daemon("haproxy", ["haproxy", "-db", ...files]), socket, ports);
    await until(
      () => {
        haproxy.#daemon.mustRun();
        return haproxy.stats([...ports.keys()][0] ?? "").catch(() => undefined);
      },
      { withinMs: READY_WITHIN_MS, explain: () => haproxy.log },
    );
    return haproxy;
  }

  static get version(): string {
    return versionOf("haproxy", ["-v"], /HAProxy version [\d.]+/);
  }

  get log(): string {
    return this.#daemon.log;
  }

  /**
   * The servers of a backend by `BACKEND/SERVER`. HAProxy lists the servers of all backends: by a name it would find the frontend of that
   * name.
   */
  async stats(backend: string): Promise<Map<string, ServerStat>> {
    const text = await ask(this.#socket, `show stat -1 ${SERVERS} -1`);
    const [head = "", ...all] = text.replace("# ", "").trim().split("\n");
    const lines = all.filter((line) => line.startsWith(`${backend},`));
    const columns = head.split(",");
    return new Map(
      lines.map((line) => {
        const cells = line.split(",");
        const of = (name: string): string => cells[columns.indexOf(name)] ?? "";
        const failures = ["econ", "eresp", "wretr", "wredis"].reduce(
          (sum, name) => sum + Number(of(name)),
          0,
        );
        return [
          `${of("pxname")}/${of("svname")}`,
          { status: of("status"), sessions: Number(of("stot")), failures },
        ];
      }),
    );
  }

  /** The status of one request through a frontend; 0 if no answer came in time. */
  ask(name: string): Promise<number> {
    const port = this.#ports.get(name);
    if (port === undefined) throw new Error(`no section ${name}`);
    return new Promise((resolve) => {
      const asked = request(
        { host: "127.0.0.1", port, agent: this.#agent, timeout: PATIENCE_MS },
        (answer) => {
          answer.resume();
          answer.on("end", () => resolve(answer.statusCode ?? 0));
          answer.on("error", () => resolve(0));
        },
      );
      asked.on("timeout", () => asked.destroy());
      asked.on("error", () => resolve(0));
      asked.end();
    });
  }

  /** The servers that get requests now, by HAProxy's own count, and the answers. `servers`: the names of the pair's two servers. */
  async observe(
    name: string,
    servers: readonly [primary: string, standby: string] = ["primary", "standby"],
  ): Promise<Observation> {
    this.#daemon.mustRun();
    const before = await this.stats(name);
    const statuses = await Promise.all(Array.from({ length: REQUESTS }, () => this.ask(name)));
    const after = await this.stats(name);
    const given = (server: string): number =>
      [...after]
        .filter(([key]) => key === `${name}/${server}` || key === `${name}/${server}-unchecked`)
        .reduce((sum, [key, { sessions }]) => sum + sessions - (before.get(key)?.sessions ?? 0), 0);
    const { did, detail } = whom(given(servers[0]), given(servers[1]), "requests");
    const status = servers.map((server) => after.get(`${name}/${server}`)?.status ?? "none");
    return { did, detail: `${detail}; status ${status.join(", ")}; answers ${statuses.join(" ")}` };
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#daemon.stop();
  }
}

const ask = (socket: string, command: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let text = "";
    const connection = connect(socket, () => connection.write(`${command}\n`));
    connection.setTimeout(PATIENCE_MS, () => connection.destroy(new Error("the stats socket is silent")));
    connection.on("data", (bytes: Buffer) => (text += bytes.toString()));
    connection.on("end", () => resolve(text));
    connection.on("error", reject);
  });
