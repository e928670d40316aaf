import type { MiddlewareHandler } from "hono";
import { configOf } from "../config.ts";
import { capabilityToken, isReading } from "./capability.ts";
import type { ApiContext, ApiEnv, Scope } from "./context.ts";
import { ApiError } from "./problem.ts";
import { headerToken, scopeOf } from "./token.ts";

const CHALLENGE = { "WWW-Authenticate": 'Basic realm="parallax"' };

const unauthorized = (detail: string): ApiError => new ApiError("unauthorized", detail, [], CHALLENGE);

/** The scope a request's token opens; one in the path opens reads alone, whatever it could do in a header. */
const scopeIn = (c: ApiContext): Scope => {
  const capability = capabilityToken(c.req.raw.url);
  const token = capability ?? headerToken(c.req.header("Authorization"));
  if (token === undefined)
    throw unauthorized("send a token: Authorization: Bearer, or HTTP Basic with the token as password");
  const scope = scopeOf(token, c.var.config);
  if (scope === undefined) throw unauthorized("the token is unknown");
  if (capability === undefined) return scope;
  if (isReading(c.req.method)) return "read";
  throw new ApiError("forbidden", "a token in the path may only read; send it in the Authorization header");
};

/** Guards `/v1/*`: a sound configuration and a known token, or no answer. */
export const authenticate: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const config = configOf(c.env);
  c.set("config", config);
  if (config.problems.length > 0) throw new ApiError("misconfigured", config.problems.join("; "));
  c.set("scope", scopeIn(c));
  await next();
  // What a token opened is for its bearer alone and may be outdated at once.
  if (!c.res.headers.has("Cache-Control")) c.res.headers.set("Cache-Control", "private, no-cache");
};

/** Lets pass what has this scope; everything a known token can do so far includes `read`. */
export const requireAdmin: MiddlewareHandler<ApiEnv> = async (c, next) => {
  if (c.var.scope !== "admin")
    throw new ApiError("forbidden", "this needs a token of scope admin in the Authorization header");
  await next();
};
