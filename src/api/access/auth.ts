import type { MiddlewareHandler } from "hono";
import { configOf, type Config } from "../../config.ts";
import { mayReadSite, type Grant } from "../../domain/token.ts";
import { capabilityToken, isReading } from "./capability.ts";
import type { ApiContext, ApiEnv } from "../context.ts";
import { Grants } from "./grants.ts";
import { ApiError } from "../errors/api-error.ts";
import type { SlotHolder } from "./connection-slots.ts";
import type { Deployment } from "../aggregators/shard-calls.ts";
import { headerToken, scopeOf } from "./token-scopes.ts";

/** Basic would make a browser open its password window over a page whose script sent the request and itself says what is wrong. */
const challengeOf = (c: ApiContext): string =>
  `${c.req.header("Sec-Fetch-Dest") === "empty" ? "Bearer" : "Basic"} realm="parallax"`;

const unauthorized = (c: ApiContext, detail: string): ApiError =>
  new ApiError("unauthorized", detail, [], { "WWW-Authenticate": challengeOf(c) });

/** One isolate's memory of stored tokens. */
const grants = new Grants();

/** The token that was sent, known or not, in the path or in the header. */
export const sentToken = (c: ApiContext): string | undefined =>
  capabilityToken(c.req.raw.url) ?? headerToken(c.req.header("Authorization"));

/** The key by which this deployment recognises the tokens it made. Rejects with ApiError `unavailable`. */
export const tagKey = (at: Deployment): Promise<string> => grants.tagKey(at);

interface Admitted {
  config: Config;
  grant: Grant;
}

const READER: Grant = { id: "READ_TOKEN", scope: "read" };
const ADMIN: Grant = { id: "ADMIN_TOKEN", scope: "admin" };

/**
 * Admits a request with a known token to a deployment whose configuration is sound. A token in the path opens reads alone, whatever it
 * opens in a header. Returns a promise only for a stored token. Throws or rejects with ApiError.
 */
const admit = (c: ApiContext): Admitted | Promise<Admitted> => {
  const config = configOf(c.env);
  if (config.problems.length > 0) throw new ApiError("misconfigured", config.problems.join("; "));
  const capability = capabilityToken(c.req.raw.url);
  const token = capability ?? headerToken(c.req.header("Authorization"));
  if (token === undefined)
    throw unauthorized(c, "send a token: Authorization: Bearer, or HTTP Basic with the token as password");
  const scope = scopeOf(token, config);
  if (scope !== undefined)
    return { config, grant: opened(c, scope === "admin" ? ADMIN : READER, capability) };
  return grants.of({ env: c.env, config }, token, isReading(c.req.method)).then((grant) => {
    if (grant === null) throw unauthorized(c, "the token is unknown, or was revoked");
    return { config, grant: opened(c, grant, capability) };
  });
};

const opened = (c: ApiContext, grant: Grant, capability: string | undefined): Grant => {
  if (capability === undefined) return grant;
  if (!isReading(c.req.method))
    throw new ApiError("forbidden", "a token in the path may only read; send it in the Authorization header");
  return grant.scope === "admin" ? { ...grant, scope: "read" } : grant;
};

const mayRead = (admitted: Admitted, c: ApiContext): Admitted => {
  const { grant } = admitted;
  if (grant.scope === "admin" || (grant.scope === "read" && grant.sites === undefined)) return admitted;
  if (grant.scope !== "read")
    throw new ApiError("forbidden", `this needs a token of scope read; this one's is ${grant.scope}`);
  const site = c.req.param("site");
  if (site !== undefined) requireSite(grant, site);
  return admitted;
};

/** Throws ApiError 403 where a grant does not open reads of this site. For sites that are not in the path. */
export const requireSite = (grant: Grant, site: string): void => {
  if (!mayReadSite(grant, site))
    throw new ApiError("forbidden", "this token reads other sites only; GET /v1/sites lists them");
};

/**
 * The sites to which the token is confined, or undefined for all. Lists over sites are filtered by it. `reader` itself checks a site in the
 * path; a site in the query needs `requireSite(c.get("grant"), site)`.
 */
export const readableSites = (c: ApiContext): string[] | undefined => {
  const grant = c.get("grant");
  return grant.scope === "read" ? grant.sites : undefined;
};

/** Whether an administrator asks, who sees everything except the values of headers. */
export const isAdmin = (c: ApiContext): boolean => c.get("grant").scope === "admin";

/** The holder of a slot for a request that waits. */
export const slotHolderOf = (c: ApiContext, { scope } = c.get("grant")): SlotHolder => ({
  by: sentToken(c) ?? "",
  isAdmin: scope === "admin",
});

/** Admits readers. A call and not a middleware, and without a promise where possible, for the paths that must be fast. */
export const admitReader = (c: ApiContext): Admitted | Promise<Admitted> => {
  const admitted = admit(c);
  return admitted instanceof Promise ? admitted.then((known) => mayRead(known, c)) : mayRead(admitted, c);
};

/** Admits any request whose token is known. */
export const admitAnybody = async (c: ApiContext): Promise<void> => {
  await admit(c);
};

/**
 * A browser keeps a Basic password and sends it with every request that any page makes to us. A page cannot forge what the browser says
 * about its origin: writes for another site are refused (Fetch Metadata; the Origin header for browsers that do not send it).
 */
const requireOwnPage = (c: ApiContext): void => {
  const origin = c.req.header("Origin");
  // By host alone: a proxy that ends TLS before us asks by plain HTTP.
  const isForeign =
    origin !== undefined &&
    (!URL.canParse(origin) || new URL(origin).host !== (c.req.header("Host") ?? new URL(c.req.url).host));
  if (!isReading(c.req.method) && (isForeign || c.req.header("Sec-Fetch-Site") === "cross-site"))
    throw new ApiError(
      "forbidden",
      "a page of another site asked for this: what changes anything is asked for by programs, or from here",
    );
};

type Check = (admitted: Admitted, c: ApiContext) => void;

const guard =
  (check: Check): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const admitted = await admit(c);
    requireOwnPage(c);
    check(admitted, c);
    c.set("config", admitted.config);
    c.set("grant", admitted.grant);
    await next();
    // An answer opened by a token is for its bearer alone and may be outdated at once.
    c.res.headers.set("Cache-Control", "private, no-cache");
  };

/** The middleware in front of every route under `/v1/`, by the scope that the route needs. */
export const reader = guard(mayRead);
export const admin = guard(({ grant }) => {
  if (grant.scope !== "admin")
    throw new ApiError("forbidden", "this needs a token of scope admin in the Authorization header");
});
/** Admits an admin, and the notify token of the target in the path. */
export const notifier = guard(({ grant }, c) => {
  const { scope } = grant;
  const speaks =
    scope === "notify" && grant.site === c.req.param("site") && grant.target === c.req.param("target");
  if (scope !== "admin" && !speaks)
    throw new ApiError("forbidden", "this needs a token of scope notify made for this target");
});
/** Admits an admin, and the notify token of any target, which may be a member of a group. */
export const member = guard(({ grant }) => {
  if (grant.scope !== "admin" && grant.scope !== "notify")
    throw new ApiError("forbidden", "this needs a token of scope notify made for a member of the group");
});
/** Admits a remote vantage by its own token. An admin is not admitted. */
export const remote = guard(({ grant }) => {
  if (grant.scope !== "vantage")
    throw new ApiError("forbidden", "this needs a vantage's own token, which POST /v1/vantages gives");
});
