/** A pair for which a group of the detector decides, with `parallax agent --group` beside each node. */
import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type DetectorApi, type Key, pathOf } from "../../../scripts/detector-api.ts";
import type { GroupAnswer, GroupHistory } from "../../../src/domain/group.ts";
import { until } from "../../../scripts/until.ts";
import { asAccount, CELL_DIR } from "../../consumers/patroni/cell.ts";
import { run } from "../namespace.ts";
import { TIMES } from "../../world/world.ts";
import type { Decider } from "./faults.ts";
import type { PgNode } from "./node.ts";
import { type Pair, TRIGGER } from "./pair.ts";
import type { Rule } from "./play.ts";
import type { Leader } from "./writer.ts";

const PROGRAM = fileURLToPath(new URL("../../../dist/parallax.mjs", import.meta.url));
const READ_TOKEN = "local-read";
const HEARTBEAT_MS = 2_000;
const ANSWERS_WITHIN_MS = 1_000;
const LED_WITHIN_MS = 120_000;

/** As short as a confirmation takes: with the default, a second fault within a minute would wait. Many faults follow each other here. */
const POLICY = { leaseMs: 10_000, holdDownMs: 5_000, maxSwitchesPerHour: 60, maxLag: 1_048_576 };

export type LeaseKind = "advisory" | "strict";

/** The settings of a pair's group. */
interface Terms {
  isSynchronous: boolean;
  api: DetectorApi;
  /** The URL that agents and clients use. */
  url: string;
  /** The vantages that probe the nodes; undefined: all. */
  vantages: string[] | undefined;
  decider: Decider;
  /** How long everything must have been well before a fault. */
  restMs: number;
}

const keyOf = ({ site, name }: PgNode): Key => ({ site, target: name });
const groupOf = ({ nodes }: Pair): string => `pg-${nodes[0].site}`;

/** Copies the program, and a Node that the account may run, to `bin`, where every cell sees them. */
const giveProgram = async (node: PgNode): Promise<void> => {
  const bin = join(node.dir, "bin");
  await copyFile(PROGRAM, join(bin, "parallax.mjs"));
  const isReadable = await run([...asAccount, "test", "-x", process.execPath]).then(
    () => true,
    () => false,
  );
  if (!isReadable) await copyFile(process.execPath, join(bin, "node"));
  const line = `exec '${isReadable ? process.execPath : `${CELL_DIR}/bin/node`}' ${CELL_DIR}/bin/parallax.mjs "$@"`;
  await writeFile(join(bin, "parallax"), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
};

const watch = async ({ api, vantages }: Terms, node: PgNode): Promise<void> => {
  const { address, port, witnessPort } = node.place;
  await api.putTarget(keyOf(node), {
    url: `postgres://${address}:${port}`,
    expect: { ready: true },
    witness: `tcp://${address}:${witnessPort}`,
    ...TIMES,
    ...(vantages === undefined ? {} : { vantages }),
    // Nothing restarts a crashed leader: the group decides whether it may.
    policy: { restartGraceMs: 0 },
  });
};

/** An agent whose token is refused ends. A fault of ours may refuse it for a moment, so the agent is started again, as units are. */
const RESTART_S = 1;

/** The unit of examples/postgresql, as a line. */
const serviceOf = ({ url, isSynchronous }: Terms, node: PgNode, pair: Pair, token: string): string =>
  [
    `while :; do env PARALLAX_URL=${url} PARALLAX_TOKEN=${token} PG_SYNCHRONOUS=${isSynchronous ? "on" : "off"}`,
    `parallax agent --site ${node.site} --target ${node.name} --group ${groupOf(pair)} --every-ms ${HEARTBEAT_MS}`,
    `--state ${CELL_DIR}/home --pid-file "$PGDATA/postmaster.pid"`,
    "--on-lead on-lead --on-follow on-follow --on-fence on-fence --position position;",
    `sleep ${RESTART_S}; done`,
  ].join(" ");

const put = async (api: DetectorApi, pair: Pair, lease: LeaseKind): Promise<void> => {
  const members = pair.nodes.map((node) => ({ ...keyOf(node), address: node.address }));
  const body = { mode: "leader", members, policy: { ...POLICY, lease } };
  const { status, text } = await api.ask(`/v1/groups/${groupOf(pair)}`, { method: "PUT", body });
  if (status !== 200 && status !== 201) throw new Error(`PUT group: ${status} ${text}`);
};

/** One group, whose lease can be of either kind. */
export class GroupRule implements Rule {
  name: LeaseKind = "advisory";
  readonly pair: Pair;
  readonly decider: Decider;
  readonly #terms: Terms;

  private constructor(pair: Pair, terms: Terms) {
    this.pair = pair;
    this.#terms = terms;
    this.decider = terms.decider;
  }

  /** Resolves once the detector reports that one node of a new pair leads, and that node has the table. */
  static async start(pair: Pair, terms: Terms): Promise<GroupRule> {
    const { api } = terms;
    const rule = new GroupRule(pair, terms);
    for (const node of pair.nodes) await watch(terms, node);
    await put(api, pair, "advisory");
    for (const node of pair.nodes) {
      await giveProgram(node);
      const { token } = await api.makeToken({ scope: "notify", ...keyOf(node) });
      node.service = serviceOf(terms, node, pair, token);
      node.order(node.service);
    }
    const leads = async (): Promise<PgNode | undefined> => {
      const leader = await rule.leader();
      const node = pair.nodes.find(({ name }) => name === leader?.node);
      const row =
        node &&
        (await pair.ask(node, `select pg_is_in_recovery() or epoch <> ${leader?.epoch} from parallax;`));
      return row?.[0] === "f" ? node : undefined;
    };
    const leader = await until(leads, {
      withinMs: LED_WITHIN_MS,
      everyMs: 300,
      explain: () => rule.explain(),
    });
    await pair.furnish(leader, TRIGGER);
    return rule;
  }

  async use(lease: LeaseKind): Promise<void> {
    await put(this.#terms.api, this.pair, lease);
    this.name = lease;
  }

  readonly leader = async (): Promise<Leader | undefined> => {
    try {
      const answer = await fetch(`${this.#terms.url}/v1/groups/${groupOf(this.pair)}/leader`, {
        headers: { authorization: `Bearer ${READ_TOKEN}` },
        signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      });
      if (!answer.ok) return undefined;
      const { target, address, epoch } = (await answer.json()) as {
        target: string;
        address: string;
        epoch: number;
      };
      return { node: target, address, epoch };
    } catch {
      return undefined;
    }
  };

  /** The group's state, and the last lines of the agents. */
  readonly explain = async (): Promise<string> => {
    const { text } = await this.#terms.api.ask(`/v1/groups/${groupOf(this.pair)}`);
    const { text: history } = await this.#terms.api.ask(`/v1/groups/${groupOf(this.pair)}/history?limit=5`);
    return [text, history, ...this.pair.nodes.map(({ name, tail }) => `${name}:\n${tail}`)].join("\n");
  };

  /** Both alive, and the standby fit to lead. The other pair may have taken the detector away meanwhile: then this waits for it. */
  async ready(): Promise<void> {
    await until(
      async () =>
        (await this.#members().catch(() => undefined))?.every(
          ({ verdict, leads, fit }) => verdict === "alive" && (leads || fit),
        ),
      {
        withinMs: LED_WITHIN_MS,
        everyMs: 500,
        explain: () => this.explain(),
      },
    );
    await new Promise((resolve) => setTimeout(resolve, this.#terms.restMs));
  }

  async history(since: number): Promise<string[]> {
    const { changes } = await this.#get<GroupHistory>("/history?limit=20");
    return changes
      .filter(({ at }) => Date.parse(at) >= since)
      .toReversed()
      .map(({ at, kind, because, heldBy }) => {
        const seconds = ((Date.parse(at) - since) / 1_000).toFixed(1);
        return [
          `${seconds} s ${kind}: ${because}`,
          ...heldBy.map(({ what, detail }) => `${what}, ${detail}`),
        ].join("; ");
      });
  }

  async #members(): Promise<GroupAnswer["members"]> {
    return (await this.#get<GroupAnswer>("")).members;
  }

  async #get<T>(path: string): Promise<T> {
    const { status, text } = await this.#terms.api.ask(`/v1/groups/${groupOf(this.pair)}${path}`);
    if (status !== 200) throw new Error(`GET group${path}: ${status} ${text}`);
    return JSON.parse(text) as T;
  }

  async stop(): Promise<void> {
    await this.#terms.api.ask(`/v1/groups/${groupOf(this.pair)}`, { method: "DELETE" });
    for (const node of this.pair.nodes) await this.#terms.api.ask(pathOf(keyOf(node)), { method: "DELETE" });
    await this.pair.stop();
  }
}
