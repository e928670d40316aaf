import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { Bindings } from "../../src/config.ts";
import { ProblemSchema } from "../../src/domain/problem.ts";
import type { NewToken, TokenRequest } from "../../src/domain/token.ts";

/** The real API over the objects of this file's tests. */

const app = createApp({ resolveAddresses: async () => [] });
export const ADMIN = "local-admin";

export interface Asking {
  token?: string;
  body?: unknown;
  headers?: Record<string, string>;
  /** In place of the real bindings. */
  bindings?: Partial<Bindings>;
}

export const ask = async (
  method: string,
  path: string,
  { token = ADMIN, body, headers = {}, bindings = {} }: Asking = {},
): Promise<Response> =>
  app.request(
    path,
    {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    },
    { ...(env as unknown as Bindings), ...bindings },
  );

export const json = async <T>(method: string, path: string, asking: Asking = {}): Promise<T> => {
  const response = await ask(method, path, asking);
  expect(response.status, await response.clone().text()).toBeLessThan(300);
  return response.json<T>();
};

export const tokenOf = async (body: Partial<TokenRequest>): Promise<string> =>
  (await json<NewToken>("POST", "/v1/tokens", { body })).token;

/** A refusal: its status, and the fields that it names. */
export const refusalOf = async (
  response: Response,
): Promise<{ status: number; paths: string[]; detail: string }> => {
  const text = await response.text();
  expect(response.headers.get("Content-Type"), text).toMatch(/^application\/problem\+json/);
  const problem = ProblemSchema.loose().parse(JSON.parse(text));
  expect(problem.status).toBe(response.status);
  return {
    status: response.status,
    paths: problem.errors.map(({ path }) => path),
    detail: problem.detail ?? "",
  };
};
