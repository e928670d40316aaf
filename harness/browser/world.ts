/** One real detector with real processes under it, each in a site named after its fault. */
import { mkdir } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DetectorApi, type Key, pathOf, type TargetBody } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { freePort } from "../../scripts/port.ts";
import type { MatrixAnswer } from "../../src/domain/matrix.ts";
import type { VerdictAnswer } from "../../src/domain/verdict.ts";
import { Daemon } from "../consumers/daemon.ts";
import { startDetector } from "../consumers/world.ts";
import type { NodeProcess } from "../nodes/process.ts";
import { LiveWorld, TIMES } from "../world/world.ts";

const PROGRAM = fileURLToPath(new URL("../../dist/parallax.mjs", import.meta.url));
/** A vantage like one that a site's own people run, which probes this site alone. */
export const REMOTE = "hel-1";
/** As if no supervisor would revive a process: waiting ten seconds for a supervisor shows nothing here. */
const POLICY = { restartGraceMs: 0 };
const WITHIN_MS = 90_000;

/** Would run if the page treated a node's text as more than text. */
export const HOSTILE = "<script>top.ran=1</script><img src=x onerror=top.ran=1>";

/** Speaks the protocol of Redis, and sends hostile text to a browser that shows its answer. */
const startHostile = async (): Promise<{ url: string; close: () => Promise<void> }> => {
  const port = await freePort();
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => open.delete(socket));
    socket.on("data", () => socket.write(`-ERR ${HOSTILE}\r\n`));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    url: `redis://127.0.0.1:${port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
};

/** Targets with a process of their own, since a fault hits them. */
const OWN = ["killed", "frozen", "mute"] as const;
type Own = (typeof OWN)[number];
/** Sites whose two targets form a group. */
const GROUPED = ["pool", "withheld", "freeze"] as const;
/** Targets that answer as long as the harness is healthy. */
const STEADY: readonly Key[] = [
  ...["well", "killed", "frozen", "cut", "drill", "mute", "fallen", ...GROUPED].map((site) => ({
    site,
    target: "db-2",
  })),
  ...["well", "cut", "drill", "override", "vantage", "fallen", ...GROUPED].map((site) => ({
    site,
    target: "db-1",
  })),
];

export class World {
  readonly detector: Detector;
  readonly #dir: string;
  readonly #live: LiveWorld;
  readonly #nodes = new Map<Own, NodeProcess>();
  /** Identifies the client that asked whether to fail over. */
  askerId = "";
  #remote: Daemon | undefined;
  #steady = "";

  private constructor(detector: Detector, dir: string) {
    this.detector = detector;
    this.#dir = dir;
    this.#live = new LiveWorld(detector.api);
    this.#live.endWith(() => detector.stop());
  }

  /** A detector that has not been asked anything yet. */
  static async start(dir: string): Promise<World> {
    return new World(await startDetector(dir), dir);
  }

  get api(): DetectorApi {
    return this.detector.api;
  }

  get origin(): string {
    return this.api.url;
  }

  /** Starts all processes and has the detector watch them; resolves once all are well, except the hostile target, which never is. */
  async furnish(): Promise<void> {
    const witness = await this.#live.witness();
    const steady = await this.#live.node();
    this.#steady = steady.url;
    const hostile = await startHostile();
    this.#live.endWith(() => hostile.close());
    this.#remote = await this.#startRemote();
    for (const key of STEADY) await this.#watch(key, { url: steady.url, witness: witness.url });
    for (const site of OWN) {
      const node = await this.#live.node();
      this.#nodes.set(site, node);
      await this.#watch({ site, target: "db-1" }, { url: node.url, witness: witness.url });
    }
    await this.#watch({ site: "hostile", target: "db-1" }, { url: hostile.url });
    const all = [...STEADY, ...OWN.map((site) => ({ site, target: "db-1" }))];
    await Promise.all(all.map((key) => this.reach(key, ({ verdict }) => verdict === "alive")));
    await this.reach({ site: "hostile", target: "db-1" }, ({ evidence }) => evidence.length >= 7);
    await this.reach({ site: "vantage", target: "db-1" }, ({ evidence }) =>
      evidence.some(({ vantage }) => vantage === REMOTE),
    );
  }

  /** Adds targets to a site, all answered by one process, until the detector watches `count` of them. */
  async crowd(site: string, count: number): Promise<void> {
    const { text } = await this.api.ask("/v1/matrix");
    const there = (JSON.parse(text) as MatrixAnswer).targets.length;
    const names = Array.from(
      { length: count - there },
      (_, index) => `node-${String(index + 1).padStart(3, "0")}`,
    );
    const body = { ...TIMES, url: this.#steady, intervalMs: 300_000 };
    const work = async (): Promise<void> => {
      for (let target = names.pop(); target !== undefined; target = names.pop())
        await this.api.putTarget({ site, target }, body);
    };
    await Promise.all(Array.from({ length: 8 }, work));
  }

  node(own: Own): NodeProcess {
    const node = this.#nodes.get(own);
    if (node === undefined) throw new Error(`${own} has no process yet`);
    return node;
  }

  async loseVantage(): Promise<void> {
    await this.#remote?.stop();
  }

  /** Asks `/failover`, as a program does that could take over. */
  async askToFailOver(key: Key): Promise<string> {
    const { id, token } = await this.api.makeToken({ scope: "read", note: "a standby" });
    const { status } = await this.api.ask(`${pathOf(key)}/failover`, { token });
    if (status !== 200) throw new Error(`/failover says ${status} of ${pathOf(key)}`);
    await this.reach(key, ({ told }) => told.some(({ by }) => by === id));
    this.askerId = id;
    return id;
  }

  /** Waits for a target's verdict. */
  reach(key: Key, holds: (verdict: VerdictAnswer) => boolean): Promise<VerdictAnswer> {
    return this.#live.reach(key, holds, { withinMs: WITHIN_MS, everyMs: 250 });
  }

  async stop(): Promise<void> {
    await this.#live.stop().catch((error: unknown) => console.error(String(error)));
  }

  async #watch(key: Key, body: TargetBody): Promise<void> {
    await this.#live.watch(key, { policy: POLICY, ...body });
  }

  async #startRemote(): Promise<Daemon> {
    const { token } = await this.api.registerVantage({
      id: REMOTE,
      region: "eu-north",
      provider: "own",
      sites: ["vantage"],
    });
    const state = join(this.#dir, REMOTE);
    await mkdir(state);
    const line = [process.execPath, "--no-warnings", PROGRAM, "vantage", "--state", state];
    const remote = new Daemon(REMOTE, line, { env: { PARALLAX_URL: this.origin, PARALLAX_TOKEN: token } });
    this.#live.endWith(() => remote.stop());
    return remote;
  }
}
