import { expect } from "vitest";
import type { Detector } from "../../scripts/detector.ts";
import { until } from "../../scripts/until.ts";
import type { AuditEntry } from "../../src/domain/audit.ts";
import type { TransitionsAnswer } from "../../src/domain/verdict.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import { NodeProcess } from "../../harness/nodes/process.ts";
import { EventClient } from "./event-client.ts";
import { Operations, siteOfEach } from "./operations.ts";
import { HttpReceiver } from "./receiver.ts";
import { startDetector, stopDetector } from "./scene.ts";

export const SHARDS = 3;
/** One site for each shard. */
export const SITES = siteOfEach(SHARDS);
export const TARGET = "/v1/sites/{site}/targets/{target}";
/** Statuses of the checks for a node that is alive, and for one whose state is unknown. */
export const CHECKS = { up: 200, avoid: 409, failover: 409, consul: 200, health: 200 };

/** The files that the detector serves, and the page. */
const FILES = "openapi.json docs page.css page.mjs replay.mjs page.svg cli.mjs"
  .split(" ")
  .map((one) => `/${one}`)
  .concat("/");

const SOON_MS = 10_000;
export const ALIVE_WITHIN_MS = 40_000;

/** The sites named in a text. */
export const sitesIn = (text: string): string[] => SITES.filter((site) => text.includes(site));

/** Runs `work` for every site in turn. */
export const ofEach = async <T>(work: (site: string) => Promise<T>): Promise<T[]> => {
  const answers: T[] = [];
  for (const site of SITES) answers.push(await work(site));
  return answers;
};

/** The transitions that a receiver took, as `target sequence`. */
export const toldTo = ({ taken }: HttpReceiver): string[] =>
  taken.flatMap(({ message }) =>
    message.type === "transition" ? [`${message.data.target} ${message.data.transition.sequence}`] : [],
  );

/**
 * A real detector of three shards with a site in each. In each site, `db-1` is a real node. `op-` with the site's name is a target that no
 * vantage probes: only an operator's override changes its verdict.
 */
export class Spread {
  readonly detector: Detector;
  readonly node: NodeProcess;
  readonly operations: Operations;
  readonly #receivers: HttpReceiver[] = [];
  readonly #streams: EventClient[] = [];
  #words = 0;

  private constructor(detector: Detector, node: NodeProcess) {
    this.detector = detector;
    this.node = node;
    this.operations = new Operations(detector.api, SHARDS);
  }

  static async start(): Promise<Spread> {
    const detector = await startDetector({ vars: { SHARDS: String(SHARDS) }, altered: "muted" });
    return new Spread(detector, await NodeProcess.start());
  }

  async stop(): Promise<void> {
    for (const stream of this.#streams) stream.cut();
    await Promise.all(this.#receivers.map((receiver) => receiver.down()));
    await stopDetector(this.detector);
    await this.node.stop();
  }

  soon(what: string, holds: () => boolean | Promise<boolean>, withinMs = SOON_MS): Promise<unknown> {
    return until(holds, { withinMs, explain: () => `never came: ${what}\n${this.detector.log}` });
  }

  /** The configuration of `db-1`. */
  get watched() {
    return { url: this.node.url, intervalMs: 5_000, timeoutMs: 2_000 };
  }

  /** Adds both targets of every site. */
  watch(): Promise<unknown> {
    const op = { url: "http://127.0.0.1:9/", paused: true };
    return ofEach(async (site) => {
      await this.operations.ask(`PUT ${TARGET}`, { site, target: "db-1", body: this.watched, status: 201 });
      await this.operations.ask(`PUT ${TARGET}`, { site, target: `op-${site}`, body: op, status: 201 });
    });
  }

  /** Changes one field of a site's real node, and sends back the target as shown then, which changes nothing. */
  async patch(site: string): Promise<void> {
    const asked = { site, target: "db-1" };
    await this.operations.ask(`PATCH ${TARGET}`, { ...asked, body: { timeoutMs: 1_900 } });
    const { text } = await this.operations.ask(`GET ${TARGET}`, asked);
    const back = await this.detector.api.ask(`/v1/sites/${site}/targets/db-1`, {
      method: "PUT",
      body: JSON.parse(text) as object,
    });
    expect(JSON.parse(back.text)).toEqual(JSON.parse(text));
  }

  /** Resolves once every node is alive with this many vantages in its evidence, and health is good. */
  async alive(vantages: number): Promise<void> {
    const isAlive = async (site: string): Promise<boolean> => {
      const asked = { site, target: "db-1" };
      const { text } = await this.operations.ask(`GET ${TARGET}/verdict`, asked);
      const { verdict, evidence } = JSON.parse(text) as { verdict: string; evidence: object[] };
      return verdict === "alive" && evidence.length === vantages;
    };
    await ofEach((site) => this.soon(`${site} alive`, () => isAlive(site), ALIVE_WITHIN_MS));
    await this.soon("health", () => this.isWell(), ALIVE_WITHIN_MS);
  }

  /** The detector's health, which the API itself remembers for a second. */
  health(): Promise<HealthAnswer> {
    return this.operations.json<HealthAnswer>("GET /healthz");
  }

  async isWell(): Promise<boolean> {
    return (await this.health()).ok;
  }

  /** Changes the verdict on this site's `op` target. */
  async move(site: string): Promise<void> {
    const verdict = this.#words++ % 2 === 0 ? "node_dead" : "gray";
    const body = { verdict, reason: "a story", ttlMs: 3_600_000 };
    await this.operations.ask(`PUT ${TARGET}/override`, { site, target: `op-${site}`, body });
  }

  /** Changes the verdict on every site's `op` target. Returns the new transitions as `target sequence`. */
  async moveAll(): Promise<string[]> {
    const verdict = this.#words++ % 2 === 0 ? "isolated" : "alive";
    return ofEach(async (site) => {
      const body = { verdict, reason: "a story", ttlMs: 3_600_000 };
      await this.operations.ask(`PUT ${TARGET}/override`, { site, target: `op-${site}`, body });
      const { sequence } = await this.detector.api.verdict({ site, target: `op-${site}` });
      return `op-${site} ${sequence}`;
    });
  }

  /** Mutes a site of each shard, and ends the mutes again. */
  async muteAll(): Promise<void> {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const idOf = (site: string) => `quiet-${site}`;
    const body = (site: string) => ({ site, until, reason: "a story" });
    await ofEach((site) => this.operations.ask("PUT /v1/mutes/{id}", { id: idOf(site), body: body(site) }));
    const { mutes } = await this.operations.json<{ mutes: { site: string }[] }>("GET /v1/mutes");
    expect(mutes.map(({ site }) => site)).toEqual(SITES.toSorted());
    for (const [index, site] of SITES.entries()) {
      const id = idOf(site);
      const { muted } = await this.detector.api.verdict({ site, target: "db-1" });
      expect(muted?.id).toBe(id);
      await this.operations.ask("GET /v1/mutes/{id}", { id });
      const other = SITES[(index + 1) % SITES.length] ?? "";
      await this.operations.ask("PUT /v1/mutes/{id}", { id, body: body(other), status: 409 });
      await this.operations.ask("DELETE /v1/mutes/{id}", { id });
      await this.operations.ask("DELETE /v1/mutes/{id}", { id, status: 404 });
    }
  }

  async askFiles(): Promise<void> {
    for (const path of FILES) await this.operations.ask(`GET ${path}`, { headers: { Accept: "text/html" } });
  }

  /** The transitions that match the query, read in pages of two. */
  async past(query: string, token?: string): Promise<TransitionsAnswer["transitions"]> {
    const seen: TransitionsAnswer["transitions"] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const asked = { query: `?limit=2${query}${cursor && `&cursor=${cursor}`}`, ...(token && { token }) };
      const page: TransitionsAnswer = await this.operations.json("GET /v1/transitions", asked);
      seen.push(...page.transitions);
      cursor = page.next;
    }
    return seen;
  }

  /** The changes that the audit lists and who made each, oldest first. */
  async audit(): Promise<{ what: string; by: string }[]> {
    const seen: { what: string; by: string }[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query = `?limit=7${cursor && `&cursor=${cursor}`}`;
      const page: { entries: AuditEntry[]; next: string | null } = await this.operations.json(
        "GET /v1/audit",
        { query },
      );
      seen.push(...page.entries.map(({ what, by }) => ({ what, by })));
      cursor = page.next;
    }
    return seen.toReversed();
  }

  /** A stream of events that is connected. */
  async stream(token?: string): Promise<EventClient> {
    const client = new EventClient(`${this.detector.api.url}/v1/events`, token);
    this.#streams.push(client);
    await client.connect();
    await this.soon("ready", () => client.lastId !== "");
    this.operations.note("GET /v1/events");
    return client;
  }

  async receive(): Promise<HttpReceiver> {
    const receiver = await HttpReceiver.start();
    this.#receivers.push(receiver);
    return receiver;
  }
}
