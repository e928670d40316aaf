import { type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, copyFile, mkdir, readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import { signalProcess } from "../../../scripts/children.ts";
import { until } from "../../../scripts/until.ts";
import type { Host } from "../topology.ts";
import { ACCOUNT, CELL_DIR, inCell } from "../../consumers/patroni/cell.ts";
import { offspringOf } from "../../consumers/offspring.ts";
import { NodeProcess } from "../../nodes/process.ts";
import type { Fault } from "../fault.ts";
import { onHost, run, spawnOn } from "../namespace.ts";
import type { Place } from "./place.ts";
import { PASSWORD } from "./session.ts";

const EXAMPLE = fileURLToPath(new URL("../../../examples/postgresql", import.meta.url));
const BIN = "/usr/lib/postgresql/15/bin";
/** Beside a node's database: the settings that differ between the nodes, although the configuration is a copy. */
const HERE = "here.conf";
const LOG_LINES = 400;
const DONE_WITHIN_MS = 60_000;

// The first process of a cell: it runs each line it reads beside the others, and reaps the processes that databases leave behind.
const INIT = String.raw`n=0; while read -r line; do n=$((n + 1)); ( eval "$line"; echo "#ended $n $?" ) < /dev/null & done`;

/** One node with PostgreSQL: processes in their own cell, as on a machine, and a witness beside it. */
export class PgNode {
  readonly place: Place;
  readonly witness: NodeProcess;
  /** The line that runs from the node's start on, as a service of the machine would. */
  service: string | undefined;
  readonly #environment: Record<string, string>;
  readonly #log: string[] = [];
  readonly #ended = new Map<number, number>();
  #child: ChildProcess | undefined;
  #orders = 0;

  private constructor(place: Place, witness: NodeProcess) {
    this.place = place;
    this.witness = witness;
    this.#environment = {
      PATH: [`${CELL_DIR}/bin`, BIN, process.env["PATH"] ?? ""].join(":"),
      LANG: "C.UTF-8",
      PGDATA: `${CELL_DIR}/home/data`,
      PGPORT: String(place.port),
      PGPASSFILE: `${CELL_DIR}/home/pgpass`,
    };
  }

  /** A node with the example's scripts, but without a database. */
  static async start(place: Place): Promise<PgNode> {
    const { host, address, witnessPort } = place;
    const witness = { host: address, port: witnessPort, within: onHost(host) };
    const node = new PgNode(place, await NodeProcess.startAt(witness, { protocol: "tcp" }));
    await node.#furnish();
    node.boot();
    return node;
  }

  get site(): string {
    return this.place.site;
  }

  get name(): string {
    return this.place.name;
  }

  get host(): Host {
    return this.place.host;
  }

  get address(): string {
    return this.place.address;
  }

  get dir(): string {
    return this.place.dir;
  }

  get log(): string {
    return this.#log.join("\n");
  }

  /** Starts its processes: the machine is on. */
  boot(): void {
    if (this.#child !== undefined) throw new Error(`${this.name} is on`);
    this.#ended.clear();
    this.#orders = 0;
    this.#child = spawnOn(this.host, [...inCell(this.dir), "bash", "-c", INIT], {
      stdio: ["pipe", "pipe", "pipe"],
      env: this.#environment,
    });
    this.#child.stdin?.on("error", () => undefined);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on("data", (bytes: Buffer) => this.#keep(bytes.toString()));
    if (this.service !== undefined) this.order(this.service);
  }

  /** Starts a command on it, beside everything else; returns its number. */
  order(line: string): number {
    this.#child?.stdin?.write(`${line}\n`);
    return ++this.#orders;
  }

  /** Runs a command on it as the account; throws unless the command succeeds. */
  async do(line: string): Promise<void> {
    const order = this.order(line);
    const code = await until(() => this.#ended.get(order), {
      withinMs: DONE_WITHIN_MS,
      explain: () => `${this.name}: ${line} did not end\n${this.tail}`,
    });
    if (code !== 0) throw new Error(`${this.name}: ${line} ended with ${code}\n${this.tail}`);
  }

  /** Creates the example's database. Its configuration is copied to the other node, which listens elsewhere. */
  create(): Promise<void> {
    const include = `include_if_exists = '../${HERE}'`;
    return this.do(`create "\${PGDATA%/*}/password" && echo "${include}" >> "$PGDATA/postgresql.conf"`);
  }

  /** All processes of its PostgreSQL, the first process before its children. */
  async postgres(): Promise<number[]> {
    const own = (await offspringOf(this.#child?.pid)).filter(
      ({ name, state }) => name === "postgres" && state !== "Z",
    );
    const isChild = ({ parent }: { parent: number }): boolean => own.some(({ pid }) => pid === parent);
    return own.toSorted((a, b) => Number(isChild(a)) - Number(isChild(b))).map(({ pid }) => pid);
  }

  /** SIGKILL to the first process of PostgreSQL. The supervisor on the node undoes it. */
  killPostmaster(): Fault {
    return {
      apply: async () => {
        const [postmaster] = await this.postgres();
        if (postmaster === undefined) throw new Error(`${this.name} runs no PostgreSQL`);
        signalProcess(postmaster, "SIGKILL");
      },
      undo: async () => undefined,
    };
  }

  /** SIGSTOP to all of its PostgreSQL, while its supervisor runs on. */
  freeze(): Fault {
    let frozen: number[] = [];
    return {
      apply: async () => {
        frozen = await this.postgres();
        for (const pid of frozen) signalProcess(pid, "SIGSTOP");
      },
      undo: async () => {
        const still = await this.postgres();
        for (const pid of still) if (frozen.includes(pid)) signalProcess(pid, "SIGCONT");
        frozen = [];
      },
    };
  }

  /** Cuts the cable first, then ends every process at once; undone: the node boots. */
  powerOff(): Fault {
    const { cable } = this.place;
    let isOff = false;
    return {
      apply: async () => {
        isOff = true;
        await cable?.apply();
        await Promise.all([this.halt(), this.witness.kill()]);
      },
      undo: async () => {
        await cable?.undo();
        if (!isOff) return;
        isOff = false;
        await this.witness.revive();
        this.boot();
      },
    };
  }

  async stop(): Promise<void> {
    await Promise.all([this.halt(), this.witness.stop()]);
  }

  /** All its processes except the witness end at once. */
  async halt(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "close");
    child.kill("SIGKILL");
    await gone;
  }

  get tail(): string {
    return this.#log.slice(-25).join("\n");
  }

  async #furnish(): Promise<void> {
    const [bin, home] = [join(this.dir, "bin"), join(this.dir, "home")];
    for (const path of [bin, home]) await mkdir(path, { recursive: true });
    for (const name of await readdir(EXAMPLE)) await copyFile(join(EXAMPLE, name), join(bin, name));
    await writeFile(join(home, HERE), `listen_addresses = '${this.address}'\n`);
    await writeFile(join(home, "password"), `${PASSWORD}\n`);
    await writeFile(join(home, "pgpass"), `*:*:*:*:${PASSWORD}\n`, { mode: 0o600 });
    const [uid, gid] = await Promise.all(
      ["-u", "-g"].map(async (flag) => Number(await run(["id", flag, ACCOUNT]))),
    );
    for (const path of [home, join(home, "pgpass")]) await chown(path, uid ?? 0, gid ?? 0);
    await chmod(home, 0o700);
    await chown(join(home, "password"), uid ?? 0, gid ?? 0);
  }

  #keep(text: string): void {
    const lines = text.split("\n").filter((line) => line.trim() !== "");
    for (const line of lines) {
      const [, order, code] = /^#ended (\d+) (\d+)$/.exec(line) ?? [];
      if (order === undefined) this.#log.push(line);
      else this.#ended.set(Number(order), Number(code));
    }
    this.#log.splice(0, Math.max(0, this.#log.length - LOG_LINES));
  }
}
