import { expect } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { Specification } from "../../src/api/openapi/specification.ts";
import type { Bindings } from "../../src/config.ts";
import { ProblemSchema, type Problem } from "../../src/domain/problem.ts";
import { bare, Conformance } from "./openapi/conformance.ts";
import { bindingsOf, FakeAggregator } from "./fake.ts";

export const ADMIN = { Authorization: "Bearer the-admin-token" };
export const READ = { Authorization: "Bearer the-read-token" };
export const DB1 = "/v1/sites/fra/targets/db-1";

/** Fails the test where an answer contradicts the document for its path and method, or where a body does not end with one line feed. */
const checkAgainst = async (known: Conformance, method: string, path: string, response: Response) => {
  const { pathname } = new URL(`http://localhost${path}`);
  const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
  const body = isStream ? "" : await response.text();
  const { status, headers } = response;
  const hasBody = response.body !== null && method !== "HEAD" && !isStream;
  if (hasBody) expect(body, `${method} ${path} ${status}`).toMatch(/[^\n]\n$/);
  else expect(body, `${method} ${path} ${status}`).toBe("");
  expect(known.problemsOf({ method, path: bare(pathname), status, headers, body })).toEqual([]);
};

export interface World {
  /** Shard 0, which is the only shard unless the test asks for more. */
  aggregator: FakeAggregator;
  shards: FakeAggregator[];
  env: ReturnType<typeof bindingsOf>;
  /** Sends one request through the real app and compares its answer with the OpenAPI document. */
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
  let conformance: Conformance | undefined;
  const document = async (): Promise<Specification> =>
    (known ??= await (await app.request("/openapi.json", {}, env)).json<Specification>());
  const ask: World["ask"] = async (path, init = {}) => {
    const response = await app.request(path, init, env);
    conformance ??= new Conformance(await document());
    await checkAgainst(conformance, init.method ?? "GET", path, response.clone());
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

/** The problem in an error answer. Fails where the answer is not a proper problem in every respect. */
export const problemIn = async (response: Response): Promise<Problem> => {
  expect(response.headers.get("Content-Type")).toBe("application/problem+json");
  const problem = ProblemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  expect(problem.type).toMatch(/^urn:parallax:problem:[a-z-]+$/);
  return problem;
};
