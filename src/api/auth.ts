import type { MiddlewareHandler } from "hono";
import { configOf, type Config } from "../config.ts";
import { capabilityToken, isReading } from "./capability.ts";
import type { ApiContext, ApiEnv, Scope } from "./context.ts";
import { ApiError } from "./problem.ts";
import { headerToken, scopeOf } from "./token.ts";

const CHALLENGE = { "WWW-Authenticate": 'Basic realm="parallax"' };

const unauthorized = (detail: string): ApiError => new ApiError("unauthorized", detail, [], CHALLENGE);

/** The scope a request's token opens; one in the path opens reads alone, whatever it could do in a header. */
const scopeIn = (c: ApiContext, config: Config): Scope => {
  const capability = capabilityToken(c.req.raw.url);
  const token = capability ?? headerToken(c.req.header("Authorization"));
  if (token === undefined)
    throw unauthorized("send a token: Authorization: Bearer, or HTTP Basic with the token as password");
  const scope = scopeOf(token, config);
  if (scope === undefined) throw unauthorized("the token is unknown");
  if (capability === undefined) return scope;
  if (isReading(c.req.method)) return "read";
  throw new ApiError("forbidden", "a token in the path may only read; send it in the Authorization header");
};

/** Whoever asks: a sound configuration and the scope of a known token. Throws ApiError otherwise. */
const admit = (c: ApiContext): { config: Config; scope: Scope } => {
  const config = configOf(c.env);
  if (config.problems.length > 0) throw new ApiError("misconfigured", config.problems.join("; "));
  return { config, scope: scopeIn(c, config) };
};

/** Admits readers: every scope so far includes `read`. A call and not a middleware, for the paths that must be fast. */
export const admitReader = (c: ApiContext): Config => admit(c).config;

const guard =
  (needed: Scope): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const { config, scope } = admit(c);
    if (needed === "admin" && scope !== "admin")
      throw new ApiError("forbidden", "this needs a token of scope admin in the Authorization header");
    c.set("config", config);
    await next();
    // What a token opened is for its bearer alone and may be outdated at once.
    c.res.headers.set("Cache-Control", "private, no-cache");
  };

/** What stands in front of every route under `/v1/`, by the scope it needs. */
export const reader = guard("read");
export const admin = guard("admin");
