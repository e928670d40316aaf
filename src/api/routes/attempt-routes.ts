import { createRoute } from "@hono/zod-openapi";
import { vantageOf } from "../../config.ts";
import { admin } from "../access/auth.ts";
import { jsonBody } from "../http/request-body.ts";
import type { Api, NameLookup } from "../context.ts";
import { within } from "../aggregators/within.ts";
import { IdParams, json, problems, schemas, security } from "../openapi/descriptions.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { leadsToPrivate } from "./private-places.ts";
import { ApiError, invalid } from "../errors/api-error.ts";

/** Three attempts of ten seconds each, and the way there. */
const LIMIT_MS = 33_000;

const route = createRoute({
  method: "post",
  path: "/v1/vantages/{id}/attempts",
  tags: ["vantages"],
  security,
  summary:
    "What the platform says of a place, raw, where a vantage on Workers stands; nothing is kept or judged",
  middleware: [admin, ...jsonBody],
  request: { params: IdParams, body: { required: true, content: json(schemas.AttemptRequest) } },
  responses: {
    200: { description: "What came of each way to it", content: json(schemas.Attempts) },
    ...problems(400, 401, 403, 404, 413, 415, 503),
  },
});

/** `POST /v1/vantages/{id}/attempts`, for `npm run calibrate`. */
export const addAttempts = (app: Api, edge: NameLookup): void => {
  app.openapi(route, async (c) => {
    const { id } = c.req.valid("param");
    const request = c.req.valid("json");
    const { vantages, allowPrivate } = c.get("config");
    if (!vantages.some((vantage) => vantage.id === id))
      throw new ApiError(
        "not-found",
        `there is no vantage "${id}" on Workers; there are ${vantages.map((vantage) => vantage.id).join(", ")}`,
      );
    if (!allowPrivate && (await leadsToPrivate(edge, request.url)))
      throw invalid([
        {
          path: "url",
          message: "must be a public address: this deployment does not probe private places (ALLOW_PRIVATE)",
        },
      ]);
    try {
      const found = await within(LIMIT_MS, vantageOf(c.env, 0, id).attempt(request));
      return c.json({ vantage: id, ...found }, 200);
    } catch (error) {
      warn("api.attempts", { vantage: id, reason: reasonOf(error) });
      throw new ApiError("unavailable", `vantage ${id} did not answer; try again shortly`);
    }
  });
};
