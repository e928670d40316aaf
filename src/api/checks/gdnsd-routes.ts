import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { parseEndpoint } from "../../domain/address.ts";
import type { CountedTarget } from "../../domain/snapshot.ts";
import { gdnsdKey, gdnsdLine } from "../../domain/gdnsd.ts";
import { reader } from "../access/auth.ts";
import { readTargets } from "../access/snapshots.ts";
import type { ToldAutomation } from "../aggregators/told-automation.ts";
import type { Api } from "../context.ts";
import { problems, security, SiteQuery } from "../openapi/descriptions.ts";
import { ApiError } from "../errors/api-error.ts";

/** gdnsd's own bound on a TTL: 2^28 - 1 seconds. */
const MAX_TTL_S = 268_435_455;

const Query = SiteQuery.extend({
  ttl: z.coerce
    .number()
    .int()
    .min(1)
    .max(MAX_TTL_S)
    .optional()
    .meta({ description: "Seconds, for every record; without it the zone's own TTL holds" }),
});

const gdnsdRoute = createRoute({
  method: "get",
  path: "/v1/export/gdnsd",
  tags: ["exports"],
  security,
  summary: "A file for gdnsd's plugin extfile: every host, or an error; never a part of it and never nothing",
  middleware: [reader],
  request: { query: Query },
  responses: {
    200: {
      description: "One line a host, in order",
      content: { "text/plain": { schema: z.string().meta({ example: "192.0.2.1 => UP/30\n" }) } },
    },
    ...problems(400, 401, 403, 404, 503),
  },
});

const keyOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? "" : gdnsdKey(endpoint.host);
};

/**
 * A file is a state, not an answer: its reader keeps to it for as long as we write nothing new. So a key goes DOWN where `/avoid` says so,
 * and stays DOWN while evidence is missing, since the judge then keeps the last settled routing: our vantages falling silent must not send
 * traffic back to a dead node. A rehearsal moves nothing.
 */
const isDown = ({ verdict: { advice, override }, rehearsal }: CountedTarget): boolean =>
  advice.routing === "avoid" && (!rehearsal || override?.advice?.routing === "avoid");

/** Each host once. Several targets on one host are one address to DNS: it goes DOWN only when all of them are. */
const statesOf = (targets: CountedTarget[]): Map<string, boolean> => {
  const states = new Map<string, boolean>();
  for (const target of targets) {
    const key = keyOf(target.url);
    states.set(key, isDown(target) && states.get(key) !== false);
  }
  return states;
};

/** `GET /v1/export/gdnsd`. */
export const addGdnsd = (app: Api, goAheads: ToldAutomation): void => {
  app.openapi(gdnsdRoute, async (c) => {
    const { site, ttl } = c.req.valid("query");
    const targets = await readTargets(c, site);
    if (targets.length === 0)
      throw new ApiError(
        "not-found",
        "there is no target, and an empty file would mean that everything is up",
      );
    const stateOf = statesOf(targets);
    goAheads.note(
      c,
      { env: c.env, config: c.get("config") },
      c.get("grant").id,
      "avoid",
      targets.filter(({ url }) => stateOf.get(keyOf(url)) === true).map(({ verdict }) => verdict),
    );
    const states = [...stateOf].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const lines = states.map(([key, isKeyDown]) => `${gdnsdLine(key, isKeyDown, ttl)}\n`);
    return c.text(`# gdnsd extfile by Parallax\n${lines.join("")}`, 200);
  });
};
