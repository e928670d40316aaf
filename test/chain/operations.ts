import { expect } from "vitest";
import type { Answer, DetectorApi } from "../../scripts/detector-api.ts";
import type { Specification } from "../../src/api/openapi/specification.ts";
import { shardOf } from "../../src/domain/shard-of.ts";

/** The values of an operation's path, and what is sent with it. */
export interface Asked {
  site?: string;
  target?: string;
  id?: string;
  delivery?: string;
  group?: string;
  query?: string;
  body?: object;
  token?: string;
  headers?: Record<string, string>;
  /** The status that the answer must have; default: any 2xx. */
  status?: number;
}

const isChange = (method: string, path: string): boolean =>
  ["PUT", "POST", "PATCH", "DELETE"].includes(method) &&
  !/\/(observations|heartbeats|notices|attempts|lease)$/.test(path);

/** A path with its values filled in. */
const pathIn = (
  template: string,
  { site = "", target = "", id = "", delivery = "", group = "" }: Asked,
): string => {
  const named: Record<string, string> = { site, target, id, delivery, group };
  return template.replaceAll(/\{(\w+)\}/g, (_, name: string) => named[name] ?? "");
};

/** An answer's body ends with one line feed, or the answer has no body. */
const expectEnded = (method: string, { status, text }: Answer, said: string): void => {
  if (method === "HEAD" || status === 204) expect(text, said).toBe("");
  else expect(text, said).toMatch(/[^\n]\n$/);
};

/** The operations of the OpenAPI document as a test calls them on a detector of several shards, with a record of the calls. */
export class Operations {
  readonly #api: DetectorApi;
  readonly #shards: number;
  readonly #asked = new Map<string, Set<number>>();
  /** The changes made, in order: method and path. A vantage's reports and a node's own words are evidence and no changes. */
  readonly changes: string[] = [];

  constructor(api: DetectorApi, shards: number) {
    this.#api = api;
    this.#shards = shards;
  }

  /** Calls an operation by its name, as `GET /v1/sites`. Fails where the answer has another status than it must have. */
  async ask(operation: string, asked: Asked = {}): Promise<Answer> {
    const [method = "", template = ""] = operation.split(" ");
    const path = pathIn(template, asked);
    const { query = "", body, token, headers, status } = asked;
    const answer = await this.#api.ask(path + query, {
      method,
      body,
      ...(token === undefined ? {} : { token }),
      ...(headers === undefined ? {} : { headers }),
    });
    const said = `${method} ${path}${query}: ${answer.status} ${answer.text}`;
    if (status === undefined) expect(answer.status, said).toBeLessThan(300);
    else expect(answer.status, said).toBe(status);
    expectEnded(method, answer, said);
    if (isChange(method, path) && answer.status < 300) this.changes.push(`${method} ${path}`);
    // A refused call does not show that the operation works.
    if (![400, 401, 403, 404].includes(answer.status)) this.note(operation, asked.site);
    return answer;
  }

  async json<T>(operation: string, asked: Asked = {}): Promise<T> {
    return JSON.parse((await this.ask(operation, asked)).text) as T;
  }

  note(operation: string, site?: string): void {
    const shards = this.#asked.get(operation) ?? new Set();
    this.#asked.set(operation, shards.add(site === undefined ? 0 : this.shardOf(site)));
  }

  shardOf(site: string): number {
    return shardOf(site, this.#shards);
  }

  /** Operations of the document that no test called, or that no test called on every shard although a site is in their path. */
  async lacking(): Promise<string[]> {
    const document = JSON.parse((await this.#api.ask("/openapi.json")).text) as Specification;
    const all = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    return all.filter((operation) => {
      const needed = operation.includes("{site}") ? this.#shards : 1;
      return (this.#asked.get(operation)?.size ?? 0) < needed;
    });
  }
}

/** For each shard, the first site name that falls to the shard. */
export const siteOfEach = (shards: number): string[] =>
  Array.from({ length: shards }, (_, shard) => {
    for (let number = 0; ; number++) if (shardOf(`dc-${number}`, shards) === shard) return `dc-${number}`;
  });
