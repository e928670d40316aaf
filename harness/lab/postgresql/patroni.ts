/** The same pair under Patroni, with an etcd in place of the detector. */
import { readFile, writeFile } from "node:fs/promises";
import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "../../../scripts/until.ts";
import { CELL_DIR } from "../../consumers/patroni/cell.ts";
import { spawnOn } from "../namespace.ts";
import { LAB_DIR } from "../parent.ts";
import { addressOf, DETECTOR } from "../topology.ts";
import type { Decider } from "./faults.ts";
import type { PgNode } from "./node.ts";
import type { Pair } from "./pair.ts";
import type { Rule } from "./play.ts";
import { PASSWORD } from "./session.ts";
import type { Leader } from "./writer.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/patroni/patroni.yml", import.meta.url));
const REST_PORT = 8008;
const ETCD_PORT = 2379;
const READY_WITHIN_MS = 20_000;
const BORN_WITHIN_MS = 60_000;
const ANSWERS_WITHIN_MS = 1_000;

const ETCD_URL = `http://${addressOf(DETECTOR)}:${ETCD_PORT}`;

/** One etcd on the detector's host; it keeps its data when it is killed. */
export class LabEtcd implements Decider {
  #child: ChildProcess | undefined;

  async restart(): Promise<void> {
    const peer = "http://127.0.0.1:2380";
    const line = [
      "setpriv",
      "--pdeathsig",
      "KILL",
      "etcd",
      "--name",
      "one",
      "--data-dir",
      join(LAB_DIR, "etcd"),
    ];
    line.push("--listen-client-urls", ETCD_URL, "--advertise-client-urls", ETCD_URL);
    line.push(
      "--listen-peer-urls",
      peer,
      "--initial-advertise-peer-urls",
      peer,
      "--initial-cluster",
      `one=${peer}`,
    );
    this.#child = spawnOn(DETECTOR, line, { stdio: "ignore" });
    await until(async () => (await statusOf(`${ETCD_URL}/health`)) === 200, {
      withinMs: READY_WITHIN_MS,
      explain: () => "etcd did not become healthy",
    });
  }

  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }
}

const statusOf = async (url: string): Promise<number | undefined> => {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
};

const serviceOf = ({ place: { name, address, port } }: PgNode): string => {
  const environment = {
    PATRONI_NAME: name,
    PATRONI_RESTAPI_LISTEN: `${address}:${REST_PORT}`,
    PATRONI_RESTAPI_CONNECT_ADDRESS: `${address}:${REST_PORT}`,
    PATRONI_POSTGRESQL_LISTEN: `${address}:${port}`,
    PATRONI_POSTGRESQL_CONNECT_ADDRESS: `${address}:${port}`,
    PATRONI_POSTGRESQL_DATA_DIR: `${CELL_DIR}/home/data`,
    PATRONI_POSTGRESQL_PGPASS: `${CELL_DIR}/home/patroni-pgpass`,
    PATRONI_ETCD3_HOSTS: `${addressOf(DETECTOR)}:${ETCD_PORT}`,
    PATRONI_SUPERUSER_PASSWORD: PASSWORD,
    PATRONI_REPLICATION_PASSWORD: PASSWORD,
  };
  const words = Object.entries(environment).map(([key, value]) => `${key}=${value}`);
  return `exec env ${words.join(" ")} patroni ${CELL_DIR}/bin/patroni.yml`;
};

/** `examples/patroni` without `pre_promote`, synchronous or not, on a pair without a database. */
export const underPatroni = async (pair: Pair, isSynchronous: boolean, etcd: Decider): Promise<Rule> => {
  const text = (await readFile(EXAMPLE, "utf8"))
    .replace(/^ *pre_promote:.*\n/m, "")
    .replace("scope: main", `scope: ${pair.nodes[0].name}`)
    .replace(/^( *)ttl: /m, `$1synchronous_mode: ${isSynchronous}\n$1ttl: `);
  for (const node of pair.nodes) {
    await writeFile(join(node.dir, "bin/patroni.yml"), text);
    node.service = serviceOf(node);
    node.order(node.service);
  }
  const leader = async (): Promise<Leader | undefined> => {
    const found = await Promise.all(
      pair.nodes.map(async ({ name, address }) =>
        (await statusOf(`http://${address}:${REST_PORT}/primary`)) === 200
          ? { node: name, address }
          : undefined,
      ),
    );
    const first = found.find((one) => one !== undefined);
    return first && { ...first, epoch: 0 };
  };
  const first = await until(leader, {
    withinMs: BORN_WITHIN_MS,
    explain: () => `nobody leads\n${pair.nodes.map(({ tail }) => tail).join("\n")}`,
  });
  const node = pair.nodes.find(({ name }) => name === first.node) ?? pair.nodes[0];
  // The row by which the lab sees whether a pair is whole; Patroni does not need it.
  await pair.furnish(node, `create table parallax as select 0 as epoch, ${isSynchronous} as synchronous`);
  return { name: "Patroni", pair, decider: etcd, leader, stop: () => pair.stop() };
};
