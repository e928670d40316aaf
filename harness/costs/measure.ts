import { setTimeout as wait } from "node:timers/promises";
import { DetectorApi, type Key } from "../../scripts/detector-api.ts";
import { freePort } from "../../scripts/port.ts";
import { detectorOn, keysOf, untilAlive, VANTAGES } from "../bench/detector.ts";
import { sum, type Tallies, talliesSince, type Tally } from "../bench/tally.ts";
import { Workerd } from "../bench/workerd.ts";
import { NodeProcess } from "../nodes/process.ts";
import { fillBacklog } from "../../test/probe/servers.ts";
import { type Counts, type State, STATES, type Window } from "./counts.ts";
import { countLines } from "./lines.ts";
import { talliesOf } from "./told.ts";

const PRICED = new URL("../bench/worker/priced.ts", import.meta.url);
/** How long nodes take to answer: from the same continent to the other side of the world. */
const ANSWER_MS = [20, 60, 110, 150];
const MORTAL_ANSWER_MS = 60;
/** A window holds three whole rounds of the longest interval. */
const WINDOW_MS = 180_000;
/** After a death bursts, doubts and the verdict of the longest interval are over. */
const SETTLE_MS = 150_000;
const TIMEOUT_MS = 2_000;
/** Four rounds of the longest interval. */
const ALIVE_WITHIN_MS = 240_000;
/** Of the nodes, small, so that it is soon full. */
const BACKLOG = 128;
const BACKLOG_MAX = 8_192;

/** One target in twenty stands on the node that dies first, and one of ten. */
const isMortal = (index: number, targets: number): boolean => index % Math.min(20, targets) === 0;

type Shape = Pick<Window, "targets" | "vantages" | "intervalMs">;

/** What the page is made of, and those that test the linear law, the last a full shard. */
const SHAPES: Shape[] = [
  ...[100, 10].flatMap((targets) =>
    [5_000, 10_000, 30_000, 60_000].map((intervalMs) => ({ targets, vantages: 7, intervalMs })),
  ),
  { targets: 1, vantages: 7, intervalMs: 10_000 },
  { targets: 100, vantages: 5, intervalMs: 10_000 },
  { targets: 500, vantages: 7, intervalMs: 60_000 },
];

class Nodes {
  readonly healthy: NodeProcess[] = [];
  mortal!: NodeProcess;
  control!: NodeProcess;
  #letGo: (() => void)[] = [];

  async start(): Promise<void> {
    const slow = (slowMs: number) => NodeProcess.start({ mode: "slow", slowMs, backlog: BACKLOG });
    for (const answerMs of ANSWER_MS) this.healthy.push(await slow(answerMs));
    this.mortal = await slow(MORTAL_ANSWER_MS);
    this.control = await slow(MORTAL_ANSWER_MS);
  }

  urlFor(index: number, targets: number): string {
    const node = isMortal(index, targets) ? this.mortal : this.healthy[index % this.healthy.length];
    return node?.url ?? "";
  }

  /** Like a host that is gone: its kernel drops what comes. */
  async drop(nodes: NodeProcess[]): Promise<void> {
    for (const node of nodes) {
      node.freeze();
      this.#letGo.push(await fillBacklog(node.port, BACKLOG_MAX));
    }
  }

  async stop(): Promise<void> {
    for (const letGo of this.#letGo) letGo();
    await Promise.all([...this.healthy, this.mortal, this.control].map((node) => node.stop()));
  }
}

class World {
  readonly api: DetectorApi;
  readonly #shape: Shape;
  readonly #workerd: Workerd;

  private constructor(shape: Shape, api: DetectorApi, workerd: Workerd) {
    this.#shape = shape;
    this.api = api;
    this.#workerd = workerd;
  }

  static async start(shape: Shape, nodes: Nodes): Promise<World> {
    const port = await freePort();
    const service = detectorOn(port, PRICED);
    const vars = {
      ...service.vars,
      VANTAGES: VANTAGES.slice(0, shape.vantages).join(","),
      CONTROLS: nodes.control.url,
    };
    const workerd = await Workerd.start([{ ...service, vars }]);
    const world = new World(shape, new DetectorApi(`http://127.0.0.1:${port}`), workerd);
    for (const [index, key] of world.keys.entries())
      await world.api.putTarget(key, {
        url: `${nodes.urlFor(index, shape.targets)}/${key.site}/${key.target}`,
        intervalMs: shape.intervalMs,
        timeoutMs: TIMEOUT_MS,
      });
    return world;
  }

  get keys(): Key[] {
    return keysOf(this.#shape.targets);
  }

  async count(state: State): Promise<Window> {
    const before = await talliesOf(this.api);
    const cpuBefore = this.#workerd.cpuMs();
    const begin = performance.now();
    await wait(WINDOW_MS);
    const told = talliesSince(before, await talliesOf(this.api));
    const windowMs = Math.round(performance.now() - begin);
    return windowOf(this.#shape, state, told, windowMs, Math.round(this.#workerd.cpuMs() - cpuBefore));
  }

  stop(): Promise<void> {
    return this.#workerd.stop();
  }
}

const windowOf = (
  shape: Shape,
  state: State,
  { vantages, aggregator, probers }: Tallies,
  windowMs: number,
  cpuMs: number,
): Window => ({
  ...shape,
  state,
  windowMs,
  ticks: vantages.calls["alarm"] ?? 0,
  rowsWritten: sum(vantages.rows) + sum(aggregator.rows),
  rowsRead: vantages.rowsRead + aggregator.rowsRead,
  calls: sum(vantages.calls) + sum(aggregator.calls),
  alarms: (vantages.calls["alarm"] ?? 0) + (aggregator.calls["alarm"] ?? 0),
  activeMs: vantages.activeMs + aggregator.activeMs,
  cpuMs,
  probers: sum(probers.calls),
  journalRow: rowOf(aggregator, "journal"),
  reportRow: rowOf(vantages, "outbox"),
});

const rowOf = ({ written, rows }: Tally, table: string): number =>
  Math.round((written[table] ?? 0) / (rows[table] ?? 1));

/** All detectors beside each other, from healthy to all dead; a quarter of an hour. */
export const measure = async (tell: (what: string) => void): Promise<Omit<Counts, "countedOn">> => {
  const nodes = new Nodes();
  const worlds: World[] = [];
  try {
    await nodes.start();
    for (const shape of SHAPES) worlds.push(await World.start(shape, nodes));
    tell("waiting until every target is alive …");
    for (const { api, keys } of worlds) await untilAlive(api, keys, ALIVE_WITHIN_MS);
    const lined = worlds.find(({ keys }) => keys.length === 1);
    if (lined === undefined) throw new Error("no detector was started");
    const lines = await countLines(lined.api, lined.keys[0] as Key);
    const windows: Window[] = [];
    for (const state of STATES) {
      if (state === "few dead") await nodes.drop([nodes.mortal]);
      if (state === "all dead") await nodes.drop(nodes.healthy);
      tell(`${state}: ${(SETTLE_MS + WINDOW_MS) / 1_000} s …`);
      await wait(SETTLE_MS);
      windows.push(...(await Promise.all(worlds.map((world) => world.count(state)))));
    }
    return { windows, lines };
  } finally {
    await Promise.all(worlds.map((world) => world.stop()));
    await nodes.stop();
  }
};
