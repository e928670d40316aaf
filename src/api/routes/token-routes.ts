import { createRoute } from "@hono/zod-openapi";
import { toInstant } from "../../domain/instant.ts";
import type { TokenAnswer } from "../../domain/token.ts";
import { admin } from "../access/auth.ts";
import { jsonBody, optionalJsonBody } from "../http/request-body.ts";
import type { Api, ApiContext } from "../context.ts";
import { unstored } from "../http/headers.ts";
import { IdParams, json, problems, schemas, security, Unstored } from "../openapi/descriptions.ts";
import { hashOf, newToken } from "../access/grants.ts";
import { valueOf } from "../errors/api-error.ts";
import { readRegistry, writeRegistry } from "../aggregators/shard-calls.ts";

const tags = ["tokens"];

const postRoute = createRoute({
  method: "post",
  path: "/v1/tokens",
  tags,
  security,
  summary: "Make a token; this answer alone shows it",
  middleware: [unstored, admin, ...jsonBody],
  request: { body: { required: true, content: json(schemas.TokenRequest) } },
  responses: {
    201: { description: "Made", headers: Unstored, content: json(schemas.NewToken) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/tokens",
  tags,
  security,
  summary: "The tokens there are, without their text",
  middleware: [admin],
  responses: {
    200: { description: "The tokens", content: json(schemas.Tokens) },
    ...problems(401, 403, 503),
  },
});

const rotateRoute = createRoute({
  method: "post",
  path: "/v1/tokens/{id}/rotate",
  tags,
  security,
  summary: "Give a token a new text, shown by this answer alone; the old one may open for a while yet",
  middleware: [unstored, admin, ...optionalJsonBody],
  request: { params: IdParams, body: { required: false, content: json(schemas.TokenRotation) } },
  responses: {
    200: { description: "Rotated", headers: Unstored, content: json(schemas.NewToken) },
    ...problems(400, 401, 403, 404, 409, 413, 415, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v1/tokens/{id}",
  tags,
  security,
  summary: "Revoke a token",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Revoked" }, ...problems(400, 401, 403, 404, 409, 503) },
});

const newId = (): string => `t-${crypto.randomUUID().replaceAll("-", "").slice(0, 16)}`;

const textOf = async (c: ApiContext): Promise<string> => newToken(await readRegistry(c, (a) => a.tokenKey()));

/** A new token: its text, the hash by which it is known, and its entry in the list. */
export const makeToken = async (
  c: ApiContext,
  of: Omit<TokenAnswer, "id" | "createdAt">,
): Promise<{ token: string; hash: string; shown: TokenAnswer }> => {
  const token = await textOf(c);
  return {
    token,
    hash: await hashOf(token),
    shown: { id: newId(), ...of, createdAt: toInstant(Date.now()) },
  };
};

/** `POST`, `GET`, `DELETE` and rotation of tokens. Shard 0 keeps them. */
export const addTokens = (app: Api): void => {
  app.openapi(postRoute, async (c) => {
    const { token, hash, shown } = await makeToken(c, c.req.valid("json"));
    valueOf(await writeRegistry(c, (a) => a.addToken(shown, hash), true));
    return c.json({ ...shown, token }, 201);
  });

  app.openapi(listRoute, async (c) => c.json({ tokens: await readRegistry(c, (a) => a.listTokens()) }, 200));

  app.openapi(rotateRoute, async (c) => {
    const { id } = c.req.valid("param");
    const { graceMs = 0 } = c.req.valid("json");
    const token = await textOf(c);
    const hash = await hashOf(token);
    const shown = valueOf(await writeRegistry(c, (a) => a.rotateToken(id, hash, graceMs), true));
    return c.json({ ...shown, token }, 200);
  });

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    valueOf(await writeRegistry(c, (a) => a.deleteToken(id)));
    return c.body(null, 204);
  });
};
