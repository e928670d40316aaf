/** Descriptions of the polled group routes, which run without a schema, for `/openapi.json` alone. */
import { z } from "zod";
import type { Api } from "../context.ts";
import { GroupParams, json, problems, schemas, security, TargetParams } from "./descriptions.ts";

export const tags = ["groups"];

const base = "/v1/groups/{group}";
const From = z.object({
  from: z.string().optional().meta({ description: "A region: who of a pool serves, as seen from there" }),
});

const text = (description: string, example: string) => ({
  description,
  content: { "text/plain": { schema: z.string().meta({ example }) } },
});

const describeServing = (app: Api): void => {
  for (const method of ["get", "head", "options"] as const)
    app.openAPIRegistry.registerPath({
      method,
      path: `${base}/members/{site}/{target}/serving`,
      tags,
      security,
      summary: "200: the member serves, or leads; 503: it does not. Our own trouble: the last answer, or 200",
      request: { params: GroupParams.extend(TargetParams.shape), query: From },
      responses: {
        200: text("It serves", "serving fra/web-1 group=web epoch=3\n"),
        503: text("It is out", "out fra/web-1 group=web epoch=3\n"),
        ...problems(400, 401, 403, 404),
      },
    });
};

/** Adds `…/serving`, `…/leader` and `…/addresses` to the document. */
export const describeGroupChecks = (app: Api): void => {
  describeServing(app);
  app.openAPIRegistry.registerPath({
    method: "get",
    path: `${base}/leader`,
    tags,
    security,
    summary: "Who leads, with its epoch; 409 where nobody does",
    request: {
      params: GroupParams,
      query: z.object({
        format: z
          .enum(["json", "text"])
          .optional()
          .meta({ description: "`text`: one line, `SITE/TARGET ADDRESS EPOCH`" }),
      }),
    },
    responses: {
      200: {
        description: "The leader",
        content: {
          ...json(schemas.Leader),
          "text/plain": { schema: z.string().meta({ example: "fra/db-1 192.0.2.1 7\n" }) },
        },
      },
      ...problems(400, 401, 403, 404, 409, 503),
    },
  });
  app.openAPIRegistry.registerPath({
    method: "get",
    path: `${base}/addresses`,
    tags,
    security,
    summary: "The addresses that serve, a line each; never none of a pool. Our own trouble: the last answer",
    request: {
      params: GroupParams,
      query: From.extend({
        format: z
          .enum(["plain", "weighted"])
          .optional()
          .meta({ description: "`weighted`: `ADDRESS WEIGHT`" }),
      }),
    },
    responses: {
      200: text("The addresses", "192.0.2.1\n192.0.2.2\n"),
      ...problems(400, 401, 403, 404, 409, 503),
    },
  });
};
