import { createRoute } from "@hono/zod-openapi";
import { z } from "zod";
import { parseEndpoint } from "../../domain/address.ts";
import type { CountedTarget } from "../../domain/snapshot.ts";
import { reader } from "../access/auth.ts";
import { readTargets } from "../access/snapshots.ts";
import type { Api } from "../context.ts";
import { json, problems, schemas, security, SiteQuery } from "../openapi/descriptions.ts";

const discoveryRoute = createRoute({
  method: "get",
  path: "/v1/sd",
  tags: ["exports"],
  security,
  summary:
    "The targets for Prometheus' HTTP service discovery: all of them, or an error, which keeps the last list",
  middleware: [reader],
  request: { query: SiteQuery },
  responses: {
    200: { description: "One group a target", content: json(schemas.Discovery) },
    ...problems(400, 401, 403, 404, 503),
  },
});

/** One target group in the format of `http_sd`. Canonical URLs are ASCII throughout. */
const groupOf = ({ url, verdict }: CountedTarget): z.infer<typeof schemas.Discovery> => {
  const endpoint = parseEndpoint(url);
  if (typeof endpoint === "string") return [];
  const { scheme, host, port, href } = endpoint;
  const authority = host.includes(":") ? `[${host}]` : host;
  return [
    {
      targets: [`${authority}:${port}`],
      labels: {
        __meta_parallax_site: verdict.site,
        __meta_parallax_target: verdict.target,
        __meta_parallax_url: href,
        __meta_parallax_scheme: scheme,
        __meta_parallax_host: authority,
        __meta_parallax_port: String(port),
        __meta_parallax_paused: String(verdict.paused),
      },
    },
  ];
};

/** `GET /v1/sd`. */
export const addDiscovery = (app: Api): void => {
  app.openapi(discoveryRoute, async (c) =>
    c.json((await readTargets(c, c.req.valid("query").site)).flatMap(groupOf), 200),
  );
};
