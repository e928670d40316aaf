import { createRoute } from "@hono/zod-openapi";
import { isMatched } from "../../domain/etag.ts";
import { isDeeperThan, type Patch, patched } from "../../domain/merge.ts";
import type { PutTarget } from "../../domain/rpc.ts";
import { TargetBodySchema } from "../../domain/target.ts";
import { admin } from "../access/auth.ts";
import { PATCH_TYPES, patchBody } from "../http/request-body.ts";
import type { Api, ApiContext, NameLookup } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { schemaError } from "../errors/invalid.ts";
import { lookingUpOnce } from "./private-places.ts";
import { ApiError, invalid, valueOf } from "../errors/api-error.ts";
import type { ReadPlace } from "../aggregators/target-reads.ts";
import { readSite } from "../aggregators/shard-calls.ts";
import { ETag, IfMatch, path, targetTags } from "./target-routes.ts";
import { refuseLostHeader, store, wantedTarget } from "./wanted-target.ts";

/** Among clients that change one target at once, one succeeds in each round, so this many rounds let this many succeed. */
const ROUNDS_MAX = 10;
/** A target has objects in objects (`policy`), and lists of objects. A deeper body is not a patch of a target. */
const LEVELS_MAX = 8;

const patchRoute = createRoute({
  method: "patch",
  path,
  tags: targetTags,
  security,
  summary:
    "Change some of a target's fields, by a JSON Merge Patch (RFC 7396); the result is held against the rules of a PUT",
  middleware: [admin, ...patchBody],
  request: {
    params: TargetParams,
    headers: IfMatch,
    body: {
      required: true,
      content: Object.fromEntries(
        PATCH_TYPES.map((type) => [type, { schema: schemas.TargetPatch }]),
      ) as Record<(typeof PATCH_TYPES)[number], { schema: typeof schemas.TargetPatch }>,
    },
  },
  responses: {
    200: { description: "The target as it is now", headers: ETag, content: json(schemas.Target) },
    ...problems(400, 401, 403, 404, 409, 412, 413, 415, 503),
  },
});

const staleMatch = (): ApiError =>
  new ApiError("precondition", "the target is not as If-Match says: read it again", [
    { path: "If-Match", message: "must be the ETag that the target has now" },
  ]);

/**
 * Patches the stored target, and stores the result only if the target has not changed meanwhile. Null where another client was quicker.
 * Throws ApiError. The values of headers are masked on the way, and so never leave the aggregator.
 */
const attempt = async (
  c: ApiContext,
  edge: NameLookup,
  place: ReadPlace,
  patch: Patch,
): Promise<PutTarget | null> => {
  const { site, target } = place;
  const { answer, etag } = valueOf(await readSite(c, site, (a) => a.getTarget(site, target, true)));
  if (!isMatched(c.req.header("If-Match") ?? null, etag)) throw staleMatch();
  const body = patched(answer, patch);
  refuseLostHeader(body);
  const parsed = TargetBodySchema.safeParse(body);
  if (!parsed.success) throw schemaError(parsed.error);
  const stored = await store(c, edge, place, wantedTarget(place, parsed.data), etag);
  return !stored.ok && stored.refusal.reason === "precondition" ? null : valueOf(stored);
};

/** `PATCH` of a target. */
export const addPatch = (app: Api, edge: NameLookup): void => {
  app.openapi(patchRoute, async (c) => {
    const patch = c.req.valid("json");
    if (isDeeperThan(LEVELS_MAX, patch))
      throw invalid([
        { path: "", message: `must hold objects within each other at most ${LEVELS_MAX} deep` },
      ]);
    const names = lookingUpOnce(edge);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const stored = await attempt(c, names, c.req.valid("param"), patch);
      if (stored === null) continue;
      c.header("ETag", stored.etag);
      return c.json(stored.answer, 200);
    }
    throw new ApiError("busy", "others change this target all the time; try again shortly", [], {
      "Retry-After": "1",
    });
  });
};
