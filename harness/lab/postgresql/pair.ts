import { until } from "../../../scripts/until.ts";
import { PgNode } from "./node.ts";
import type { Places } from "./place.ts";
import { Session } from "./session.ts";

const WHOLE_WITHIN_MS = 90_000;
const ASK_WITHIN_MS = 3_000;

const TABLE = "create table numbered (n bigint, writer text, node text, epoch bigint)";
/** The check of the epoch, for the table that is written. */
export const TRIGGER =
  "create trigger parallax before insert or update or delete or truncate on numbered execute function parallax_check()";

/** Two nodes with PostgreSQL. */
export class Pair {
  readonly nodes: readonly [PgNode, PgNode];

  private constructor(nodes: readonly [PgNode, PgNode]) {
    this.nodes = nodes;
  }

  /** Two nodes that are on, without a database. */
  static async bare([first, second]: Places): Promise<Pair> {
    return new Pair(await Promise.all([PgNode.start(first), PgNode.start(second)]));
  }

  /** The first node has its database, as examples/postgresql/README.md says, and no node leads yet. */
  static async start(places: Places): Promise<Pair> {
    const pair = await Pair.bare(places);
    try {
      await pair.nodes[0].create();
      return pair;
    } catch (error) {
      await pair.stop();
      throw error;
    }
  }

  /** Creates the table that is written, and whatever belongs to it. */
  async furnish(leader: PgNode, ...sql: readonly string[]): Promise<void> {
    const words = [TABLE, ...sql].map((order) => `-c "${order}"`);
    await leader.do(`psql -XAtq -h ${leader.address} -U postgres -d postgres ${words.join(" ")}`);
  }

  other(node: PgNode): PgNode {
    return node === this.nodes[0] ? this.nodes[1] : this.nodes[0];
  }

  /** One answer of a node's database, asked on the node's own host; undefined if it gives none. */
  async ask({ place: { host, address, port } }: PgNode, sql: string): Promise<string[] | undefined> {
    const session = new Session({ from: host, to: address, port });
    try {
      return await session.ask(sql, ASK_WITHIN_MS);
    } finally {
      session.close();
    }
  }

  /** Waits until one node takes writes and the other streams from it. Returns which node leads, and how long it took. */
  async whole(
    isSynchronous: boolean,
    withinMs = WHOLE_WITHIN_MS,
  ): Promise<{ leader: PgNode; seconds: number }> {
    const begin = performance.now();
    let last = "";
    const leader = await until(
      async () => {
        const states = await Promise.all(
          this.nodes.map((node) =>
            this.ask(
              node,
              `select pg_is_in_recovery(), current_setting('synchronous_standby_names') <> '' and (select synchronous from parallax), (select string_agg(state || sync_state, ',') from pg_stat_replication);`,
            ),
          ),
        );
        last = JSON.stringify(states);
        const want = isSynchronous ? "f|t|streamingsync" : "f|f|streamingasync";
        const at = states.findIndex((state) => state?.[0] === want);
        return states[1 - at]?.[0]?.startsWith("t|") === true ? this.nodes[at] : undefined;
      },
      {
        withinMs,
        everyMs: 300,
        explain: () => `not whole: ${last}\n${this.nodes.map((n) => `${n.name}: ${n.tail}`).join("\n")}`,
      },
    );
    return { leader, seconds: (performance.now() - begin) / 1_000 };
  }

  /** The numbers of all rows that a node has. */
  async rowsOf(node: PgNode): Promise<Set<number>> {
    const rows = await this.ask(node, "select n from numbered;");
    if (rows === undefined) throw new Error(`${node.name} does not tell its rows`);
    return new Set(rows.map(Number));
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.stop()));
  }
}
