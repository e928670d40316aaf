import { expect } from "vitest";
import { z } from "zod";
import { createApp } from "../../src/api/app.ts";
import type { Specification } from "../../src/api/specification.ts";
import type { Bindings } from "../../src/config.ts";
import { ProblemSchema, type Problem } from "../../src/domain/problem.ts";
import { bindingsOf, FakeAggregator } from "./fake.ts";

export const ADMIN = { Authorization: "Bearer the-admin-token" };
export const READ = { Authorization: "Bearer the-read-token" };
export const DB1 = "/v1/sites/fra/targets/db-1";

/** The same tree with every `$ref` replaced by what it names. */
const resolved = (node: unknown, document: Specification): unknown => {
  if (Array.isArray(node)) return node.map((part) => resolved(part, document));
  if (typeof node !== "object" || node === null) return node;
  const reference = (node as { $ref?: string }).$ref;
  if (reference !== undefined)
    return resolved(document.components.schemas[reference.split("/").at(-1) ?? ""], document);
  return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, resolved(part, document)]));
};

/** The path in the document that a request's path is an instance of. */
const templateOf = (path: string, document: Specification): string | undefined =>
  Object.keys(document.paths).find((template) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`).test(path),
  );

/** Holds a response against what the document says of its path, method and status. */
const checkAgainst = async (document: Specification, method: string, path: string, response: Response) => {
  const template = templateOf(path, document);
  const operation = template === undefined ? undefined : document.paths[template]?.[method.toLowerCase()];
  if (operation === undefined) return;
  const described = operation.responses[String(response.status)];
  expect(described, `${method} ${template} documents status ${response.status}`).toBeDefined();
  const type = response.headers.get("Content-Type")?.split(";")[0] ?? "";
  const content = described?.content?.[type];
  if (type !== "")
    expect(content, `${method} ${template} ${response.status} documents ${type}`).toBeDefined();
  if (content === undefined || method === "HEAD") return;
  const text = await response.text();
  const schema = z.fromJSONSchema(resolved(content.schema, document) as z.core.JSONSchema.JSONSchema);
  const parsed = schema.safeParse(type.endsWith("json") ? JSON.parse(text) : text);
  expect(parsed.error?.issues ?? []).toEqual([]);
};

export interface World {
  /** Shard 0, which is all there is unless more are asked for. */
  aggregator: FakeAggregator;
  shards: FakeAggregator[];
  env: ReturnType<typeof bindingsOf>;
  /** One request through the real app; its answer is held against the OpenAPI document. */
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  /** The same with a JSON body and the admin's token. */
  send: (method: string, path: string, body: unknown, headers?: Record<string, string>) => Promise<Response>;
  document: () => Promise<Specification>;
}

/** A real app over fake aggregators. */
export const world = (
  options: {
    shards?: number;
    env?: Partial<Bindings>;
    resolve?: (host: string) => Promise<string[]>;
  } = {},
): World => {
  const shards = Array.from({ length: options.shards ?? 1 }, () => new FakeAggregator());
  const env = bindingsOf(shards, options.env);
  const app = createApp({ resolveAddresses: options.resolve ?? (async () => []) });
  let known: Specification | undefined;
  const document = async (): Promise<Specification> =>
    (known ??= await (await app.request("/openapi.json", {}, env)).json<Specification>());
  const ask: World["ask"] = async (path, init = {}) => {
    const response = await app.request(path, init, env);
    const bare = path.replace(/^\/k\/[^/]+(?=\/v1\/)/, "").replace(/\?.*$/s, "");
    await checkAgainst(await document(), init.method ?? "GET", bare, response.clone());
    return response;
  };
  const send: World["send"] = (method, path, body, headers = {}) =>
    ask(path, {
      method,
      headers: { ...ADMIN, "Content-Type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const [aggregator] = shards as [FakeAggregator];
  return { aggregator, shards, env, ask, send, document };
};

/** The problem in an error answer, which must be one in every respect. */
export const problemIn = async (response: Response): Promise<Problem> => {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = ProblemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.type).toMatch(/^urn:parallax:problem:[a-z-]+$/);
  return problem;
};
