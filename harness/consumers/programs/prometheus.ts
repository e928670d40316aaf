/** Prometheus with the shipped rules, Alertmanager behind it, and a receiver behind that. */
import { execFile } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import type { Consumer, Observation, Row, Running } from "../consumer.ts";
import { Daemon } from "../daemon.ts";
import { exampleFile, fillExample } from "../example.ts";
import { type State, STATES } from "../state.ts";
import type { World } from "../world.ts";
import { Pager } from "./pager.ts";

const execute = promisify(execFile);

const READY_WITHIN_MS = 20_000;
/** Alertmanager repeats the dead man's switch this often, by the example. */
const REPEAT_MS = 60_000;

/** Which alert is owed for which state; none for all others. */
const OWED: Partial<Record<State, string>> = {
  dead: "ParallaxNodeDead",
  crashed: "ParallaxTargetDown",
  hung: "ParallaxTargetDown",
  unreachable: "ParallaxTargetDown",
};
const TOLD = /^told of /;

interface Alert {
  state: "pending" | "firing";
  labels: Record<string, string>;
}

interface Discovered {
  activeTargets: { labels: Record<string, string>; scrapeUrl: string; health: string }[];
}

/** What is asked of the running programs. */
class Monitoring {
  readonly #world: World;
  readonly #dir: string;
  readonly #api: string;
  readonly #pager: Pager;

  constructor(world: World, dir: string, api: string, pager: Pager) {
    this.#world = world;
    this.#dir = dir;
    this.#api = api;
    this.#pager = pager;
  }

  async ask<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.#api}/api/v1/${path}`, { signal: AbortSignal.timeout(5_000) });
    const { status, data, error } = (await answer.json()) as { status: string; data: T; error?: string };
    if (status !== "success") throw new Error(`${path}: ${error}`);
    return data;
  }

  /** The pages that are out about a pair, and whether there is one about us. */
  async observe(state: State): Promise<Observation> {
    const { alerts } = await this.ask<{ alerts: Alert[] }>("alerts");
    const out = alerts.filter((alert) => alert.state === "firing" && alert.labels["severity"] === "page");
    const nameOf = ({ labels }: Alert): string => labels["alertname"] ?? "";
    const { primary, standby } = this.#world.pairs[state];
    const about = out.filter(({ labels }) =>
      [primary, standby].some(({ key }) => key.site === labels["site"] && key.target === labels["target"]),
    );
    // What is said of a group is of another pair's, or is held by promtool.
    const isOurs = ({ site, group }: Alert["labels"]): boolean => site === undefined && group === undefined;
    const ours = out.filter(({ labels }) => isOurs(labels)).map(nameOf);
    const said =
      about.length === 0
        ? "quiet"
        : `told of ${about.map((alert) => `${alert.labels["target"]} ${nameOf(alert)}`).join()}`;
    return { did: [said, ...ours].join(", "), detail: `${alerts.length} alerts` };
  }

  async also(): Promise<Row[]> {
    const isFine = await this.ask<Discovered>("targets");
    const checks: [string, string, () => Promise<[did: string, detail: string]>][] = [
      ["targets page", "all discovered", () => this.#targets(isFine)],
      ["promtool check metrics", "clean", () => this.#metrics()],
      ["promtool check config, test rules; amtool check-config", "clean", () => this.#configs()],
      ["Grafana dashboard", "every query answered", () => this.#dashboard()],
      ["pages sent", "each state's own", () => this.#pages()],
      ["ParallaxBlind sent", "while the API fails, and its end", () => this.#blind()],
      ["dead man's switch", "called again and again", () => this.#deadMan()],
    ];
    const rows: Row[] = [];
    for (const [what, expected, check] of checks) {
      const [did, detail] = await check().catch((error: Error): [string, string] => [
        "failed",
        error.message.slice(0, 300),
      ]);
      const violations = what === "pages sent" && did !== expected ? 1 : 0;
      const ok = did === expected;
      rows.push({
        scenario: `prometheus: ${what}`,
        verdict: "",
        fault: "",
        expected,
        did,
        ok,
        seconds: 0,
        violations,
        detail,
      });
    }
    return rows;
  }

  async #targets({ activeTargets }: Discovered): Promise<[string, string]> {
    const known = Object.values(this.#world.pairs).flatMap(({ primary, standby }) => [primary, standby]);
    const found = known.filter(({ key, address }) =>
      activeTargets.some(
        ({ labels, scrapeUrl }) =>
          labels["site"] === key.site &&
          labels["target"] === key.target &&
          scrapeUrl === `http://${address}:9100/metrics`,
      ),
    );
    const us = activeTargets.find(({ labels }) => labels["job"] === "parallax");
    const isRight = us?.health === "up" && found.length === known.length;
    return [
      isRight ? "all discovered" : "not as it should be",
      `parallax ${us?.health}, ${found.length} of ${known.length} targets`,
    ];
  }

  async #metrics(): Promise<[string, string]> {
    const { text } = await this.#world.detector.api.ask("/v1/metrics", { token: this.#world.readToken });
    const file = join(this.#dir, "metrics.txt");
    await writeFile(file, text);
    await execute("sh", ["-c", 'promtool check metrics < "$0"', file]);
    return ["clean", `${text.split("\n").filter((line) => /^[^#]/.test(line)).length} samples`];
  }

  async #configs(): Promise<[string, string]> {
    await execute("promtool", ["check", "config", join(this.#dir, "prometheus.yml")]);
    await execute("promtool", ["test", "rules", exampleFile("prometheus/alerts.test.yml")]);
    await execute("amtool", ["check-config", join(this.#dir, "alertmanager.yml")]);
    return ["clean", ""];
  }

  async #dashboard(): Promise<[string, string]> {
    const text = await readFile(exampleFile("prometheus/grafana-dashboard.json"), "utf8");
    const { panels } = JSON.parse(text) as { panels: { title: string; targets: { expr: string }[] }[] };
    const empty: string[] = [];
    let asked = 0;
    for (const { title, targets } of panels)
      for (const { expr } of targets) {
        const query = expr.replaceAll(/\$(site|target|vantage)/g, ".*").replaceAll("$__rate_interval", "1m");
        const { result } = await this.ask<{ result: unknown[] }>(`query?query=${encodeURIComponent(query)}`);
        asked += 1;
        if (result.length === 0) empty.push(title);
      }
    return ["every query answered", `${asked} queries; without a value: ${empty.join(", ") || "none"}`];
  }

  /** Every page that was ever sent about a target, against those owed; a page taken back while its cause lasts is wrong. */
  async #pages(): Promise<[string, string]> {
    // Others bring their own sites, whose nodes really die and come back.
    const told = this.#pager
      .told("/pager")
      .filter(({ labels }) => STATES.some((state) => state === labels["site"]));
    const wrong = told.filter(({ status, labels }) => {
      const owed = labels["target"] === "primary" ? OWED[labels["site"] as State] : undefined;
      return status === "resolved" || owed !== labels["alertname"];
    });
    const sent = new Set(told.map(({ labels }) => labels["site"]));
    const missing = STATES.filter((state) => OWED[state] !== undefined && !sent.has(state));
    const shown = wrong.map(({ status, labels }) => `${status} ${labels["alertname"]} ${labels["site"]}`);
    return [
      wrong.length === 0 && missing.length === 0 ? "each state's own" : "not as it should be",
      [`${sent.size} sites`, ...shown, ...missing.map((state) => `nothing of ${state}`)].join("; "),
    ];
  }

  async #blind(): Promise<[string, string]> {
    const told = () =>
      this.#pager.told("/pager").filter(({ labels }) => labels["alertname"] === "ParallaxBlind");
    const has = (status: string): boolean => told().some((one) => one.status === status);
    // Its end waits for the group's next turn.
    await until(() => has("firing") && has("resolved"), {
      withinMs: 1.5 * REPEAT_MS,
      explain: () => `${told().length} notifications`,
    });
    return ["while the API fails, and its end", `${told().length} notifications`];
  }

  async #deadMan(): Promise<[string, string]> {
    const calls = () => this.#pager.told("/dead-man").length;
    await until(() => calls() >= 2, { withinMs: 2 * REPEAT_MS, explain: () => `${calls()} calls` });
    return ["called again and again", `${calls()} calls`];
  }
}

/** Writes the shipped files with the placeholders filled in. */
const furnish = async (world: World, dir: string, pager: Pager, alertmanager: number): Promise<void> => {
  const door = await world.door("prometheus");
  await mkdir(dir);
  await writeFile(join(dir, "token"), `${world.readToken}\n`);
  await copyFile(exampleFile("prometheus/alerts.yml"), join(dir, "alerts.yml"));
  await writeFile(
    join(dir, "prometheus.yml"),
    await fillExample("prometheus/prometheus.yml", {
      PARALLAX: `127.0.0.1:${door.port}`,
      SCHEME: "http",
      TOKEN_FILE: join(dir, "token"),
      ALERTMANAGER: `127.0.0.1:${alertmanager}`,
    }),
  );
  await writeFile(
    join(dir, "alertmanager.yml"),
    await fillExample("prometheus/alertmanager.yml", {
      PAGER_URL: pager.url("/pager"),
      TEAM_URL: pager.url("/team"),
      DEAD_MAN_URL: pager.url("/dead-man"),
    }),
  );
};

const isReady = async (daemon: Daemon, port: number): Promise<void> => {
  await until(
    async () => {
      daemon.mustRun();
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => null);
      return answer?.status === 200;
    },
    { withinMs: READY_WITHIN_MS, explain: () => `${daemon.name} is not ready:\n${daemon.log}` },
  );
};

const start = async (world: World): Promise<Running> => {
  const dir = join(world.dir, "prometheus");
  const pager = await Pager.start();
  const [port, alertmanager] = [await freePort(), await freePort()];
  await furnish(world, dir, pager, alertmanager);
  const daemons = [
    new Daemon("Alertmanager", [
      "prometheus-alertmanager",
      `--config.file=${join(dir, "alertmanager.yml")}`,
      `--storage.path=${join(dir, "alertmanager")}`,
      `--web.listen-address=127.0.0.1:${alertmanager}`,
      "--cluster.listen-address=",
    ]),
    new Daemon("Prometheus", [
      "prometheus",
      `--config.file=${join(dir, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(dir, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ]),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(daemons.map((daemon) => daemon.stop()));
    await pager.stop();
  };
  try {
    for (const [index, daemon] of daemons.entries()) await isReady(daemon, [alertmanager, port][index] ?? 0);
    const { stdout } = await execute("prometheus", ["--version"]);
    const monitoring = new Monitoring(world, dir, `http://127.0.0.1:${port}`, pager);
    return {
      version: `Prometheus ${/version (\S+)/.exec(stdout)?.[1] ?? ""}`,
      observe: (state) => monitoring.observe(state),
      also: () => monitoring.also(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
};

/** What people are told: of each target what it is, and of our outage that it is ours. */
export const prometheus: Consumer = {
  name: "prometheus",
  title: "Prometheus with the shipped alerts, and Alertmanager: who is paged",
  recommended: true,
  example: "examples/prometheus/prometheus.yml",
  needs: {
    commands: {
      prometheus: "prometheus",
      promtool: "prometheus",
      "prometheus-alertmanager": "prometheus-alertmanager",
      amtool: "prometheus-alertmanager",
    },
  },
  states: STATES,
  pollMs: 5_000,
  rounds: 4,
  start,
  expects: (state, fault) => {
    const owed = OWED[state];
    const said = owed === undefined ? "quiet" : `told of primary ${owed}`;
    return fault === "fine" || fault === "slow" ? said : `${said}, ParallaxBlind`;
  },
  isSwitch: (did) => TOLD.test(did),
};
