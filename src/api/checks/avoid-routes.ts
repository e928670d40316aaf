import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import type { CountedTarget } from "../../domain/snapshot.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { reader } from "../access/auth.ts";
import { readTargets } from "../access/snapshots.ts";
import { avoidLine, isAvoided, keepLine } from "./grades.ts";
import type { Api } from "../context.ts";
import type { ToldAutomation } from "../aggregators/told-automation.ts";
import { problems, security, SiteQuery } from "../openapi/descriptions.ts";
import { standingOf, type CheckOptions } from "./check-query.ts";
import { ApiError, invalid } from "../errors/api-error.ts";

const down = (what: string) =>
  z
    .literal("down")
    .optional()
    .meta({ description: `Take \`${what}\` for down` });

const Query = SiteQuery.extend({
  from: z.string().optional().meta({ description: "As seen from that vantage or region" }),
  gray: down("gray"),
  partition: down("partitioned"),
});

const avoidsRoute = createRoute({
  method: "get",
  path: "/v1/avoid",
  tags: ["exports"],
  security,
  summary: "What `/avoid` says of every target, a line each: all of them, or an error; never a part",
  middleware: [reader],
  request: { query: Query },
  responses: {
    200: {
      description: "`avoid` is its 200, `keep` its 409. In the order of site and target",
      content: {
        "text/plain": { schema: z.string().meta({ example: "avoid node_dead fra/db-1 seq=43\n" }) },
      },
    },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** The remark on a target to which `from` is unknown; its own path answers 400. A remote vantage of one site is unknown to other sites. */
const UNKNOWN_FROM = "from-unknown";

const heldOf = ({ verdict, rehearsal }: CountedTarget) => ({ answer: verdict, rehearsal });

/** The targets to which `from` is known. Throws ApiError 400 where there is none. */
const knownTo = (
  targets: CountedTarget[],
  slant: CheckOptions,
  vantages: readonly Vantage[],
): Set<CountedTarget> => {
  const { from } = slant;
  const isKnown = ({ verdict }: CountedTarget): boolean =>
    from === undefined || standingOf(from, verdict, vantages).kind !== "unknown";
  const known = new Set(targets.filter(isKnown));
  if (known.size === 0)
    throw invalid([{ path: "from", message: "must be a vantage or region that GET /v1/vantages lists" }]);
  return known;
};

/** `GET /v1/avoid`: for programs that follow many targets, so that they need not ask once for each. */
export const addAvoids = (app: Api, goAheads: ToldAutomation): void => {
  app.openapi(avoidsRoute, async (c) => {
    const { site, from, gray, partition } = c.req.valid("query");
    const targets = await readTargets(c, site);
    if (targets.length === 0) throw new ApiError("not-found", "there is no target");
    const slant = { from, grayIsDown: gray === "down", partitionIsDown: partition === "down" };
    const config = c.get("config");
    const { vantages } = config;
    const known = knownTo(targets, slant, vantages);
    const lines = targets.map((target) =>
      known.has(target) ? avoidLine(heldOf(target), slant, vantages) : keepLine(target.verdict, UNKNOWN_FROM),
    );
    const avoided = [...known].filter((target) => isAvoided(heldOf(target), slant, vantages));
    goAheads.note(
      c,
      { env: c.env, config },
      c.get("grant").id,
      "avoid",
      avoided.map(({ verdict }) => verdict),
    );
    return c.text(`${lines.join("\n")}\n`, 200);
  });
};
