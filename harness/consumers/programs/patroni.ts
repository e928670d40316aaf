import { run } from "../../lab/namespace.ts";
import type { Consumer, Row, Running } from "../consumer.ts";
import { FaultProxy } from "../faults.ts";
import { Cluster, type ClusterSettings } from "../patroni/cluster.ts";
import { playCut, playDeath, playOutage, playSwitchover, playUnguarded } from "../patroni/stories.ts";
import type { World } from "../world.ts";
import { POSTGRESQL_NEEDS } from "./postgresql.ts";

export const PATRONI_NEEDS: Consumer["needs"] = {
  root: true,
  commands: {
    patroni: "patroni",
    etcd: "etcd-server",
    ...POSTGRESQL_NEEDS.commands,
    curl: "curl",
  },
};

const versionOf = async (): Promise<string> => {
  const [patroni, psql] = await Promise.all([run(["patroni", "--version"]), run(["psql", "--version"])]);
  return `Patroni ${patroni.trim().split(" ").at(-1)}, PostgreSQL ${psql.trim().split(" ")[2]}`;
};

/** Clusters and proxies of their own, so that their minutes pass beside the matrix instead of after it. */
class Stage {
  readonly #world: World;
  readonly #clusters = new Set<Cluster>();
  readonly #proxies: FaultProxy[] = [];
  #isOver = false;

  constructor(world: World) {
    this.#world = world;
  }

  /** A cluster whose promotions our API gates, through a proxy of its own. */
  async guarded(site: string): Promise<{ cluster: Cluster; faults: FaultProxy }> {
    const { detector, readToken: token, program } = this.#world;
    const faults = new FaultProxy({ host: "127.0.0.1", port: detector.port });
    this.#proxies.push(faults);
    const { url } = await faults.open(site);
    const cluster = await this.#start({
      parallax: { url, token, program },
      watched: { site, api: detector.api },
    });
    return { cluster, faults };
  }

  unguarded(): Promise<Cluster> {
    return this.#start({ parallax: null, watched: null });
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all([...this.#clusters].map((cluster) => cluster.stop()));
    await Promise.all(this.#proxies.map((proxy) => proxy.stop()));
  }

  async #start(settings: ClusterSettings): Promise<Cluster> {
    const cluster = await Cluster.start(settings);
    this.#clusters.add(cluster);
    if (this.#isOver) await cluster.stop();
    return cluster;
  }
}

/** Plays beside everything else, from the start; the run asks for the rows at the end. */
const playing = async (world: World, play: (stage: Stage) => Promise<Row[]>): Promise<Running> => {
  const stage = new Stage(world);
  const version = await versionOf();
  const rows = play(stage);
  rows.catch(() => undefined);
  return {
    version,
    observe: async () => ({ did: "" }),
    also: () => rows,
    stop: async () => {
      await stage.stop();
      await rows.catch(() => undefined);
    },
  };
};

const BASE = {
  needs: PATRONI_NEEDS,
  states: [],
  pollMs: 0,
  rounds: 0,
  expects: () => "",
  isSwitch: () => false,
} as const;

/** Patroni whose pre_promote asks us. */
export const patroni: Consumer = {
  ...BASE,
  name: "patroni",
  title: "Patroni, `pre_promote` with `parallax gate`",
  recommended: true,
  example: "examples/patroni",
  start: (world) =>
    playing(world, async (stage) => {
      const { api } = world.detector;
      const calm = async (): Promise<Row[]> => {
        const { cluster } = await stage.guarded("patroni-a");
        const cut = await playCut(cluster, api);
        const death = await playDeath(cluster, api);
        return [cut, death, await playSwitchover(cluster)];
      };
      const troubled = async (): Promise<Row[]> => {
        const { cluster, faults } = await stage.guarded("patroni-b");
        return playOutage(cluster, api, faults);
      };
      return (await Promise.all([calm(), troubled()])).flat();
    }),
};

/** The same cluster without the gate: what a hung Patroni does on a machine that has no watchdog. */
export const patroniAlone: Consumer = {
  ...BASE,
  name: "patroni-alone",
  title: "Patroni without `pre_promote`",
  recommended: false,
  start: (world) =>
    playing(world, async (stage) => {
      const cluster = await stage.unguarded();
      const row = await playUnguarded(cluster);
      await cluster.stop();
      return [row];
    }),
};
