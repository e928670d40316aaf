/** The real checkers, on the lab's console, each watching the same four nodes; and how each is asked directly. */
import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { join } from "node:path";
import { until } from "../../scripts/until.ts";
import { Daemon } from "../consumers/daemon.ts";
import { PATH } from "../lab/namespace.ts";

/** `site/target` and where it answers. */
export type Nodes = ReadonlyMap<string, string>;
/** Up or down by `site/target`; what is not there is not known. */
type States = Map<string, boolean>;

export interface Checker {
  name: "prometheus" | "haproxy" | "kuma";
  /** Arguments of `parallax shadow` before the detector's. */
  args: string[];
  env: Record<string, string>;
  /** From a fault until it is down here, at most. */
  slowestMs: number;
  /** Rejects where it does not answer. */
  ask: () => Promise<States>;
  start: () => Promise<void>;
  /** SIGKILL. */
  kill: () => Promise<void>;
}

const READY_WITHIN_MS = 60_000;
const ASK_MS = 5_000;

/** One program that is started again and again by the same line. */
class Program {
  #daemon: Daemon | undefined;
  readonly #make: () => Daemon;

  constructor(make: () => Daemon) {
    this.#make = make;
  }

  async start(ask: () => Promise<unknown>): Promise<void> {
    const daemon = this.#make();
    this.#daemon = daemon;
    await until(
      () =>
        ask().then(
          () => true,
          () => false,
        ),
      {
        withinMs: READY_WITHIN_MS,
        everyMs: 200,
        explain: () => `${daemon.name} does not answer:\n${daemon.log}`,
      },
    );
  }

  async kill(): Promise<void> {
    this.#daemon?.signal("SIGKILL");
    await this.#daemon?.stop();
  }
}

const get = async (url: string, authorization?: string): Promise<string> => {
  const answer = await fetch(url, {
    headers: authorization === undefined ? {} : { authorization },
    signal: AbortSignal.timeout(ASK_MS),
  });
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status}`);
  return answer.text();
};

const PROMETHEUS_PORT = 9090;
const BLACKBOX_PORT = 9115;

/** With blackbox_exporter, which is never killed: a probe that fails to run is Prometheus' own business. */
export const prometheus = async (dir: string, nodes: Nodes): Promise<Checker> => {
  await mkdir(dir, { recursive: true });
  await writeFile(
    join(dir, "blackbox.yml"),
    "modules: {http_2xx: {prober: http, timeout: 2s, http: {preferred_ip_protocol: ip4}}}\n",
  );
  await writeFile(
    join(dir, "prometheus.yml"),
    JSON.stringify({
      global: { scrape_interval: "5s", scrape_timeout: "3s" },
      scrape_configs: [
        {
          job_name: "blackbox",
          metrics_path: "/probe",
          params: { module: ["http_2xx"] },
          static_configs: [{ targets: [...nodes.values()] }],
          relabel_configs: [
            { source_labels: ["__address__"], target_label: "__param_target" },
            { source_labels: ["__param_target"], target_label: "instance" },
            { target_label: "__address__", replacement: `127.0.0.1:${BLACKBOX_PORT}` },
          ],
        },
      ],
    }),
  );
  // Its names are addresses: they are mapped by hand.
  const map = Object.fromEntries([...nodes].map(([name, url]) => [url, name]));
  await writeFile(join(dir, "map.yaml"), JSON.stringify(map));
  const blackbox = new Program(
    () =>
      new Daemon("blackbox_exporter", [
        "prometheus-blackbox-exporter",
        `--config.file=${join(dir, "blackbox.yml")}`,
        `--web.listen-address=127.0.0.1:${BLACKBOX_PORT}`,
      ]),
  );
  await blackbox.start(() => get(`http://127.0.0.1:${BLACKBOX_PORT}/-/healthy`));
  const url = `http://127.0.0.1:${PROMETHEUS_PORT}`;
  const program = new Program(
    () =>
      new Daemon("prometheus", [
        "prometheus",
        `--config.file=${join(dir, "prometheus.yml")}`,
        `--storage.tsdb.path=${join(dir, "data")}`,
        `--web.listen-address=127.0.0.1:${PROMETHEUS_PORT}`,
      ]),
  );
  const ask = async (): Promise<States> => {
    const text = await get(`${url}/api/v1/query?query=probe_success`);
    const { data } = JSON.parse(text) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] };
    };
    return new Map(
      data.result.map(({ metric, value }) => [map[metric["instance"] ?? ""] ?? "", value[1] === "1"]),
    );
  };
  return {
    name: "prometheus",
    args: ["prometheus", url, "--map-file", join(dir, "map.yaml")],
    env: {},
    slowestMs: 5_000 + 3_000 + 2_000,
    ask,
    start: () => program.start(ask),
    kill: () => program.kill(),
  };
};

const showStat = (socket: string): Promise<string> =>
  new Promise((done, fail) => {
    let text = "";
    const connection = connect(socket, () => connection.end("show stat\n"));
    connection.setTimeout(ASK_MS, () => connection.destroy(new Error("silent")));
    connection.on("data", (bytes: Buffer) => (text += bytes.toString()));
    connection.on("end", () => done(text));
    connection.on("error", fail);
  });

/** Its names are SITE/TARGET as import would have them; one server is no target of ours. */
export const haproxy = async (dir: string, nodes: Nodes): Promise<Checker> => {
  await mkdir(dir, { recursive: true });
  const socket = join(dir, "stats.sock");
  const sites = [...new Set([...nodes.keys()].map((name) => name.split("/")[0] ?? ""))];
  const backends = sites.map((site) => {
    const servers = [...nodes].filter(([name]) => name.startsWith(`${site}/`));
    const lines = servers.map(
      ([name, url]) => `  server ${name.split("/")[1]} ${new URL(url).host} check inter 2s fall 3 rise 2`,
    );
    return `backend ${site}\n  option httpchk GET /\n  timeout check 2s\n${lines.join("\n")}\n`;
  });
  const stranger = "backend strangers\n  server nobody 127.0.0.1:9\n";
  const head = `global\n  stats socket ${socket} mode 600 level user\ndefaults\n  mode http\n  timeout connect 1s\n  timeout client 5s\n  timeout server 5s\n`;
  await writeFile(join(dir, "haproxy.cfg"), `${head}${backends.join("")}${stranger}`);
  const program = new Program(
    () => new Daemon("haproxy", ["haproxy", "-db", "-f", join(dir, "haproxy.cfg")]),
  );
  const ask = async (): Promise<States> =>
    new Map(
      (await showStat(socket)).split("\n").flatMap((line): [string, boolean][] => {
        const cells = line.split(",");
        const name = `${cells[0]}/${cells[1]}`;
        return nodes.has(name) ? [[name, cells[17]?.startsWith("UP") === true]] : [];
      }),
    );
  return {
    name: "haproxy",
    args: ["haproxy", socket],
    env: {},
    slowestMs: 3 * (2_000 + 2_000) + 2_000,
    ask,
    start: () => program.start(ask),
    kill: () => program.kill(),
  };
};

const KUMA_PORT = 3001;
const LOGIN = { username: "admin", password: "Proof-2026-x" };

/** As much of socket.io's client as is needed. */
interface Socket {
  emit: (event: string, ...args: unknown[]) => void;
  once: (event: string, heard: () => void) => void;
  close: () => void;
}

/** Its monitors are called as our targets are. */
export const kuma = async (dir: string, nodes: Nodes, home: string): Promise<Checker> => {
  await mkdir(dir, { recursive: true });
  const url = `http://127.0.0.1:${KUMA_PORT}`;
  const authorization = `Basic ${btoa(`${LOGIN.username}:${LOGIN.password}`)}`;
  const program = new Program(
    () =>
      new Daemon(
        "kuma",
        ["node", "server/server.js", `--data-dir=${dir}/`, "--host=127.0.0.1", `--port=${KUMA_PORT}`],
        // Its SQLite is built for the Node that installed it, which may not be the one that runs this.
        {
          cwd: home,
          env: { UPTIME_KUMA_DB_TYPE: "sqlite", NODE_ENV: "production", PATH: withoutOurs(PATH) },
        },
      ),
  );
  await program.start(() => get(`${url}/`));
  const { io } = createRequire(join(home, "package.json"))("socket.io-client") as {
    io: (url: string, options: object) => Socket;
  };
  const socket = io(url, { transports: ["websocket"] });
  await new Promise<void>((connected) => socket.once("connect", connected));
  const tell = (event: string, ...args: unknown[]): Promise<void> =>
    new Promise((done, fail) =>
      socket.emit(event, ...args, (answer: { ok: boolean; msg?: string }) =>
        answer.ok ? done() : fail(new Error(`${event}: ${answer.msg}`)),
      ),
    );
  await tell("setup", LOGIN.username, LOGIN.password);
  await tell("login", { ...LOGIN, token: "" });
  for (const [name, target] of nodes) await tell("add", monitorOf(name, target));
  socket.close();
  const ask = async (): Promise<States> => {
    const text = await get(`${url}/metrics`, authorization);
    return new Map(
      [...text.matchAll(/^monitor_status\{monitor_name="([^"]+)".*\} (\d)/gm)].flatMap(
        ([, name = "", status]): [string, boolean][] =>
          status === "0" || status === "1" ? [[name, status === "1"]] : [],
      ),
    );
  };
  return {
    name: "kuma",
    args: ["kuma", url],
    env: { CHECKER_BASIC: `${LOGIN.username}:${LOGIN.password}` },
    slowestMs: 20_000 + 3_000 + 4_000,
    ask,
    start: () => program.start(ask),
    kill: () => program.kill(),
  };
};

const withoutOurs = (path: string): string =>
  path
    .split(":")
    .filter((one) => !one.includes("node_modules"))
    .join(":");

/** 20 s is the shortest interval it takes. */
const monitorOf = (name: string, url: string) => ({
  type: "http",
  name,
  url,
  method: "GET",
  interval: 20,
  retryInterval: 20,
  resendInterval: 0,
  maxretries: 0,
  timeout: 2,
  notificationIDList: {},
  ignoreTls: false,
  upsideDown: false,
  packetSize: 56,
  expiryNotification: false,
  maxredirects: 10,
  accepted_statuscodes: ["200-299"],
  dns_resolve_type: "A",
  dns_resolve_server: "1.1.1.1",
  kafkaProducerBrokers: [],
  kafkaProducerSaslOptions: { mechanism: "None" },
});
