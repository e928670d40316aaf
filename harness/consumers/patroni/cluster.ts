import { chmod, chown, copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { endAtExit } from "../../../scripts/children.ts";
import type { DetectorApi, Key } from "../../../scripts/detector-api.ts";
import { freePort } from "../../../scripts/port.ts";
import { until } from "../../../scripts/until.ts";
import { run } from "../../lab/namespace.ts";
import { ACCOUNT, asAccount, CELL_DIR } from "./cell.ts";
import { Etcd } from "./etcd.ts";
import { Member } from "./member.ts";
import { Roles } from "./roles.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/patroni", import.meta.url));
const PASSWORD = "of-no-worth";
const WHOLE_WITHIN_MS = 60_000;
const LEADER_WITHIN_MS = 10_000;
const ALIVE_WITHIN_MS = 60_000;
const INTERVAL_MS = 5_000;
const TIMEOUT_MS = 2_000;

/** Patroni's answer about its cluster at /cluster. */
interface Shown {
  members: { name: string; role: string; state: string; lag?: number | string }[];
}

export interface ClusterSettings {
  /** The detector that pre_promote asks; null: no pre_promote at all. */
  parallax: { url: string; token: string; program: string } | null;
  /** The site of its targets; null: the detector does not watch the cluster. */
  watched: { site: string; api: DetectorApi } | null;
}

/** Two PostgreSQL nodes under Patroni as `examples/patroni` has it, with an etcd of their own. */
export class Cluster {
  readonly roles: Roles;
  readonly members: readonly Member[];
  readonly #dir: string;
  readonly #etcd: Etcd;
  readonly #watched: ClusterSettings["watched"];
  readonly #forget: () => void;

  private constructor(
    dir: string,
    etcd: Etcd,
    members: readonly Member[],
    watched: ClusterSettings["watched"],
  ) {
    this.#dir = dir;
    this.#etcd = etcd;
    this.members = members;
    this.#watched = watched;
    const ports = members.map(({ settings: { name, postgres } }) => [name, postgres] as const);
    this.roles = new Roles(Object.fromEntries(ports), PASSWORD);
    this.#forget = endAtExit(() => rmSync(dir, { recursive: true, force: true }));
  }

  /** Resolves once one node leads, the other streams from it, and the detector reports both as alive. */
  static async start(settings: ClusterSettings): Promise<Cluster> {
    const dir = await mkdtemp(join(tmpdir(), "parallax-patroni-"));
    await chmod(dir, 0o755);
    const etcd = await Etcd.start(dir);
    const cluster = new Cluster(dir, etcd, await furnish(dir, etcd, settings), settings.watched);
    try {
      for (const member of cluster.members) member.start();
      await cluster.whole();
      await cluster.#watch();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** The target of a member. */
  keyOf({ settings: { name } }: Member): Key {
    return { site: this.#watched?.site ?? "", target: name };
  }

  /** The member that takes writes, and the other one. On a busy machine no answer may be fresh for a moment: waits for a fresh one. */
  async pair(): Promise<{ leader: Member; standby: Member }> {
    const name = await until(() => this.roles.writable[0], {
      withinMs: LEADER_WITHIN_MS,
      explain: () => `no leader\n${this.log}`,
    });
    const leader = this.members.find((member) => member.settings.name === name);
    const standby = this.members.find((member) => member !== leader);
    if (leader === undefined || standby === undefined) throw new Error(`no member ${name}`);
    return { leader, standby };
  }

  /** Waits until one member takes writes and the other streams from it, by the answers of all. Returns how long it took. */
  async whole(withinMs = WHOLE_WITHIN_MS): Promise<number> {
    const begin = performance.now();
    await until(() => this.#isWhole(), {
      withinMs,
      everyMs: 250,
      explain: () => `the cluster is not whole after ${withinMs} ms\n${this.log}`,
    });
    return performance.now() - begin;
  }

  /** Writes one row to the given member; throws if it refuses. */
  async write({ settings: { postgres } }: Member): Promise<void> {
    const sql =
      "create table if not exists written (at timestamptz default now()); insert into written default values";
    const url = `postgresql://postgres:${PASSWORD}@127.0.0.1:${postgres}/postgres`;
    await run(["psql", url, "-Xqc", `set client_min_messages = error; ${sql}`]);
  }

  get log(): string {
    return this.members
      .map((member) => `${member.settings.name}:\n${member.log.split("\n").slice(-60).join("\n")}`)
      .join("\n");
  }

  async stop(): Promise<void> {
    this.roles.stop();
    await Promise.all(this.members.map((member) => member.kill()));
    await this.#etcd.stop();
    await rm(this.#dir, { recursive: true, force: true, maxRetries: 5 });
    this.#forget();
  }

  async #isWhole(): Promise<boolean> {
    const [leader, ...others] = this.roles.writable;
    if (leader === undefined || others.length > 0) return false;
    const shown = await Promise.all(this.members.map((member) => member.ask<Shown>("/cluster")));
    return shown.every(
      (one) =>
        one?.members.length === 2 &&
        one.members.every(({ name, role, state, lag = 0 }) =>
          name === leader
            ? role === "leader" && state === "running"
            : role === "replica" && ["running", "streaming"].includes(state) && lag === 0,
        ),
    );
  }

  async #watch(): Promise<void> {
    if (this.#watched === null) return;
    const { api } = this.#watched;
    for (const member of this.members)
      await api.putTarget(this.keyOf(member), {
        url: `tcp://127.0.0.1:${member.settings.postgres}`,
        // Another process of the host, which does not die with Patroni, as sshd would be.
        witness: `tcp://127.0.0.1:${this.#etcd.port}`,
        intervalMs: INTERVAL_MS,
        timeoutMs: TIMEOUT_MS,
        // The leader's key lasts longer than any restart here takes, and Patroni retries a refused promotion only a TTL later.
        policy: { restartGraceMs: 0 },
      });
    await this.alive();
  }

  /** Waits until the detector reports both as alive. */
  async alive(): Promise<void> {
    const api = this.#watched?.api;
    if (api === undefined) return;
    let last: string[] = [];
    await until(
      async () => {
        const verdicts = await Promise.all(this.members.map((member) => api.verdict(this.keyOf(member))));
        last = verdicts.map(({ target, verdict }) => `${target} ${verdict}`);
        return verdicts.every(({ verdict }) => verdict === "alive");
      },
      { withinMs: ALIVE_WITHIN_MS, explain: () => last.join(", ") },
    );
  }
}

/** Creates the files that the account may read, as examples/patroni/README.md says, and a directory for each member. */
const furnish = async (
  dir: string,
  etcd: Etcd,
  { parallax, watched }: ClusterSettings,
): Promise<Member[]> => {
  const [bin, conf] = [join(dir, "bin"), join(dir, "conf")];
  for (const path of [bin, conf]) await mkdir(path);
  const account = await idsOf();
  const text = await readFile(join(EXAMPLE, "patroni.yml"), "utf8");
  await writeFile(
    join(conf, "patroni.yml"),
    parallax === null ? text.replace(/^ *pre_promote:.*\n/m, "") : text,
  );
  const members: Member[] = [];
  for (const name of ["pg-1", "pg-2"]) {
    const home = join(dir, name);
    await mkdir(join(home, "state"), { recursive: true });
    for (const path of [home, join(home, "state")]) await chown(path, account.uid, account.gid);
    const [rest, postgres] = [await freePort(), await freePort()];
    const environment = {
      PATH: [`${CELL_DIR}/bin`, process.env["PATH"] ?? ""].join(":"),
      LANG: "C.UTF-8",
      PARALLAX_CONF: `${CELL_DIR}/conf`,
      PARALLAX_STATE: `${CELL_DIR}/${name}/state`,
      PATRONI_NAME: name,
      PATRONI_RESTAPI_LISTEN: `127.0.0.1:${rest}`,
      PATRONI_RESTAPI_CONNECT_ADDRESS: `127.0.0.1:${rest}`,
      PATRONI_POSTGRESQL_LISTEN: `127.0.0.1:${postgres}`,
      PATRONI_POSTGRESQL_CONNECT_ADDRESS: `127.0.0.1:${postgres}`,
      PATRONI_POSTGRESQL_DATA_DIR: `${CELL_DIR}/${name}/data`,
      PATRONI_POSTGRESQL_PGPASS: `${CELL_DIR}/${name}/pgpass`,
      PATRONI_ETCD3_HOSTS: `127.0.0.1:${etcd.port}`,
      PATRONI_SUPERUSER_PASSWORD: PASSWORD,
      PATRONI_REPLICATION_PASSWORD: PASSWORD,
    };
    members.push(
      new Member({ name, rest, postgres, dir, configuration: `${CELL_DIR}/conf/patroni.yml`, environment }),
    );
  }
  if (parallax === null) return members;
  for (const script of (await readdir(EXAMPLE)).filter((name) => name.startsWith("parallax-")))
    await copyFile(join(EXAMPLE, script), join(bin, script));
  await copyFile(parallax.program, join(bin, "parallax.mjs"));
  const line = `exec '${await readableNode(bin)}' ${CELL_DIR}/bin/parallax.mjs "$@"`;
  await writeFile(join(bin, "parallax"), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  await writeFile(join(conf, "url"), `${parallax.url}\n`);
  await writeFile(join(conf, "token"), `${parallax.token}\n`, { mode: 0o600 });
  await chown(join(conf, "token"), account.uid, account.gid);
  const lines = members.map(
    ({ settings: { name, rest } }) => `http://127.0.0.1:${rest} ${watched?.site}/${name}`,
  );
  await writeFile(join(conf, "members"), `${lines.join("\n")}\n`);
  return members;
};

const idsOf = async (): Promise<{ uid: number; gid: number }> => {
  const [uid, gid] = await Promise.all([run(["id", "-u", ACCOUNT]), run(["id", "-g", ACCOUNT])]);
  return { uid: Number(uid), gid: Number(gid) };
};

/** The path of a Node that the account may run: this one, or a copy if this one is in somebody's home. */
const readableNode = async (bin: string): Promise<string> => {
  try {
    await run([...asAccount, "test", "-x", process.execPath]);
    return process.execPath;
  } catch {
    await copyFile(process.execPath, join(bin, "node"));
    return `${CELL_DIR}/bin/node`;
  }
};
