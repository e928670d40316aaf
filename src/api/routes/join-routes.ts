import { createRoute } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { configOf } from "../../config.ts";
import { UNKNOWN_CODE } from "../../domain/join.ts";
import { joinOf, readCode } from "../../domain/join-code.ts";
import { admin, tagKey } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api, ApiEnv } from "../context.ts";
import { IdParams, json, problems, schemas, security, Unstored } from "../openapi/descriptions.ts";
import { hashOf } from "../access/grants.ts";
import { unstored } from "../http/headers.ts";
import { RefusedCodes } from "../access/join-pace.ts";
import { isOurs, newCode } from "../access/join-codes.ts";
import { ApiError, invalid, valueOf } from "../errors/api-error.ts";
import { readRegistry, tellOthers, writeRegistry } from "../aggregators/shard-calls.ts";
import { makeToken } from "./token-routes.ts";

const tags = ["joins"];

const postRoute = createRoute({
  method: "post",
  path: "/v1/joins",
  tags,
  security,
  summary:
    "Make a code for one use, which a vantage or an agent trades for a token of its own; this answer alone shows it",
  middleware: [unstored, admin, ...jsonBody],
  request: { body: { required: true, content: json(schemas.JoinRequest) } },
  responses: {
    201: { description: "Made", headers: Unstored, content: json(schemas.NewJoin) },
    ...problems(400, 401, 403, 409, 413, 415, 503),
  },
});

const listRoute = createRoute({
  method: "get",
  path: "/v1/joins",
  tags,
  security,
  summary: "The codes that were made, without their text, and what became of each; for a day",
  middleware: [admin],
  responses: {
    200: { description: "The joins", content: json(schemas.Joins) },
    ...problems(401, 403, 503),
  },
});

const deleteRoute = createRoute({
  method: "delete",
  path: "/v1/joins/{id}",
  tags,
  security,
  summary: "Revoke a code; a token that it was traded for stays",
  middleware: [admin],
  request: { params: IdParams },
  responses: { 204: { description: "Revoked" }, ...problems(400, 401, 403, 404, 503) },
});

/** The client has no token yet: the code admits it. */
const anybody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const config = configOf(c.env);
  if (config.problems.length > 0) throw new ApiError("misconfigured", config.problems.join("; "));
  c.set("config", config);
  await next();
};

const tradeRoute = createRoute({
  method: "post",
  path: "/v1/joins/trade",
  tags,
  summary:
    "Trade a code for a token, which this answer alone shows; with the same nonce once more where the answer was lost. Needs no token",
  middleware: [unstored, anybody, ...jsonBody],
  request: { body: { required: true, content: json(schemas.TradeRequest) } },
  responses: {
    201: { description: "Traded", headers: Unstored, content: json(schemas.NewlyJoined) },
    ...problems(400, 404, 409, 410, 413, 415, 503),
  },
});

const unknown = (): ApiError =>
  new ApiError("not-found", UNKNOWN_CODE, [{ path: "code", message: UNKNOWN_CODE }]);

/** A temporary refusal, to be tried again: the code may have been refused to another client. */
const askedAgain = (): ApiError =>
  new ApiError("busy", "this code was refused less than a second ago: ask again in a second", [], {
    "Retry-After": "1",
  });

/** Codes for one use. Shard 0 keeps them. */
export const addJoins = (app: Api): void => {
  const refused = new RefusedCodes();

  app.openapi(postRoute, async (c) => {
    const { ttlMs, ...request } = c.req.valid("json");
    const { key } = await readRegistry(c, (a) => a.tokenKey());
    const code = await newCode(key);
    const read = readCode(code);
    if ("problem" in read) throw new Error(read.problem);
    const draft = { join: joinOf(read.code), ...request };
    const hash = await hashOf(read.code);
    const join = valueOf(await writeRegistry(c, (a) => a.addJoin(draft, ttlMs, hash), true));
    return c.json({ ...join, code }, 201);
  });

  app.openapi(listRoute, async (c) => c.json({ joins: await readRegistry(c, (a) => a.listJoins()) }, 200));

  app.openapi(deleteRoute, async (c) => {
    const { id } = c.req.valid("param");
    valueOf(await writeRegistry(c, (a) => a.deleteJoin(id)));
    return c.body(null, 204);
  });

  app.openapi(tradeRoute, async (c) => {
    const { code: text, nonce, ...wanted } = c.req.valid("json");
    const read = readCode(text);
    if ("problem" in read) throw invalid([{ path: "code", message: read.problem }]);
    const { code } = read;
    // As with tokens: an isolate distinguishes guesses from the codes made here without a call.
    if (!(await isOurs(await tagKey({ env: c.env, config: c.get("config") }), code))) throw unknown();
    const hashOfCode = await hashOf(code);
    if (refused.isRecent(hashOfCode)) throw askedAgain();
    const join = joinOf(code);
    c.set("by", join);
    const scope = wanted.kind === "vantage" ? "vantage" : "notify";
    const { token, hash, shown } = await makeToken(c, { scope, note: `by join ${join}` });
    const trade = {
      join,
      ...wanted,
      code: hashOfCode,
      nonce: await hashOf(nonce),
      hash,
      token: shown,
    };
    const result = await writeRegistry(c, (a) => a.tradeJoin(trade), true);
    if (!result.ok) refused.note(hashOfCode);
    const traded = valueOf(result);
    if (traded.kind === "vantage") await tellOthers(c);
    return c.json({ ...traded, token }, 201);
  });
};
