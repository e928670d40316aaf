import { createRoute, z } from "@hono/zod-openapi";
import { reader, readableSites } from "../access/auth.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, TargetParams } from "../openapi/descriptions.ts";
import { ended } from "../ending.ts";
import { InstantQuery } from "./instant-query.ts";
import { valueOf } from "../errors/api-error.ts";
import { readSite } from "../aggregators/shard-calls.ts";

const Query = z.object({
  since: InstantQuery.meta({
    description:
      "From this instant on, or since so long ago, as `-15m`; else as far back as the journal reaches",
  }),
  until: InstantQuery.meta({ description: "Up to this instant, or to so long ago" }),
  only: z.enum(["observed"]).optional().meta({
    description: "What was observed of this target alone, without the record from which it is judged again",
  }),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.\d{1,15}$/, "must be `next` of the page before")
    .optional()
    .meta({ description: "`next` of the page before" }),
});

const evidenceRoute = createRoute({
  method: "get",
  path: "/v1/sites/{site}/targets/{target}/evidence",
  tags: ["verdicts"],
  security,
  summary: "What was seen of a target, and the record from which its verdicts are judged again",
  middleware: [reader],
  request: { params: TargetParams, query: Query },
  responses: {
    200: { description: "One page, oldest first", content: json(schemas.Evidence) },
    ...problems(400, 401, 403, 404, 409, 503),
  },
});

/** `GET …/evidence`: the aggregator's ready-made answer, passed on with nothing but its line ended. */
export const addEvidence = (app: Api): void => {
  app.openapi(evidenceRoute, async (c) => {
    const { site, target } = c.req.valid("param");
    const { since, until, only, cursor = null } = c.req.valid("query");
    // The record shows targets of other sites, which are judged together with this one.
    const record = only !== undefined ? "unasked" : readableSites(c) !== undefined ? "withheld" : "told";
    const query = { since, until, cursor, record } as const;
    const text = await readSite(c, site, (a) => a.evidence(site, target, query));
    return c.body(ended(valueOf(text)), 200, { "Content-Type": "application/json" }) as never;
  });
};
