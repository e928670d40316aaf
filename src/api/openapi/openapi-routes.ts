import { z } from "zod";
import { NameSchema } from "../../domain/name.ts";
import { admin, member, notifier, reader, remote } from "../access/auth.ts";
import type { Api } from "../context.ts";
import { addDocs } from "./docs-routes.ts";
import { ended } from "../ending.ts";
import { schemas, security } from "./descriptions.ts";
import { addExamples } from "./examples.ts";
import { describeGroupChecks } from "./group-descriptions.ts";
import { describeReads } from "./read-descriptions.ts";
import type { Specification } from "./specification.ts";

const DESCRIPTION = `Parallax watches nodes from several regions and says why one stopped answering.

Every path under \`/v1\` needs a token: \`Authorization: Bearer\`, HTTP Basic with the token as password, or, for
pollers that can send neither, a capability path: \`/k/{token}/v1/…\` before any read (GET, HEAD, OPTIONS).
Errors are problem details (RFC 9457); \`errors\` names each field that is wrong.`;

const SCOPES = new Map<unknown, string>([
  [reader, "read"],
  [notifier, "notify"],
  [member, "notify"],
  [remote, "vantage"],
  [admin, "admin"],
]);

/** Adds to each call the scope it needs, taken from the guard that is in front of it. Reads without a guard admit readers. */
const addScopes = (app: Api, { paths }: Specification): void => {
  for (const [path, operations] of Object.entries(paths))
    for (const [method, operation] of Object.entries(operations)) {
      if (operation.security === undefined) continue;
      const routed = path.replaceAll(/\{(\w+)\}/g, ":$1");
      const guards = app.routes.filter(
        (route) => route.path === routed && route.method.toLowerCase() === method,
      );
      const scope = guards.map(({ handler }) => SCOPES.get(handler)).find((found) => found !== undefined);
      operation.security = operation.security.map((way) =>
        Object.fromEntries(Object.keys(way).map((name) => [name, [scope ?? "read"]])),
      );
    }
};

const makeDocument = (app: Api): Specification => {
  const made = app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: { title: "Parallax", version: "1", description: DESCRIPTION },
  });
  const document = structuredClone(made) as unknown as Specification;
  addScopes(app, document);
  addExamples(document);
  return document;
};

const describeOwn = (app: Api): void => {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "basic", {
    type: "http",
    scheme: "basic",
    description: "The token as password; the user name is ignored",
  });
  registry.registerPath({
    method: "get",
    path: "/openapi.json",
    tags: ["the API itself"],
    summary: "This document",
    responses: {
      200: { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
    },
  });
  registry.registerPath({
    method: "get",
    path: "/docs",
    tags: ["the API itself"],
    summary: "This document as a page to read",
    responses: {
      200: { description: "HTML", content: { "text/html": { schema: { type: "string" } } } },
    },
  });
};

const text = { schema: { type: "string" } } as const;
const page = (description: string) => ({ description, content: { "text/html": text } });

/** The page for people, and its files. */
const describePage = ({ openAPIRegistry: registry }: Api): void => {
  registry.registerPath({
    method: "get",
    path: "/",
    tags: ["the page"],
    security,
    summary: "What is broken, why, and what was advised, as a page to look at; for who accepts text/html",
    request: {
      query: z.object({
        site: NameSchema.optional().meta({ description: "Of this site alone" }),
        target: NameSchema.optional().meta({ description: "Of this target of the site alone" }),
        filter: z.string().optional().meta({ description: "Of the table those rows that hold this text" }),
        at: z.string().optional().meta({ description: "As it was then: an instant, or so long ago: `-30m`" }),
      }),
    },
    responses: {
      200: page("HTML, whole without script"),
      400: page("The address is wrong; the page says how"),
      401: page("No token, or an unknown one; the page says what to do"),
      403: page("The token reads other sites only"),
      404: {
        description: "There is no such site or target; or what asked does not accept text/html",
        content: { "text/html": text, "application/problem+json": { schema: schemas.Problem } },
      },
      503: page("Nobody answers, or the deployment is misconfigured"),
    },
  });
  const isOfPage = "What the page is made of; `ETag`, `If-None-Match`";
  for (const [path, type, summary] of [
    ["/page.css", "text/css", isOfPage],
    ["/page.mjs", "text/javascript", isOfPage],
    ["/replay.mjs", "text/javascript", isOfPage],
    ["/page.svg", "image/svg+xml", isOfPage],
    [
      "/cli.mjs",
      "text/javascript",
      "The command line of this very release, one file for Node 20 or newer: `node cli.mjs --help`; `ETag`, `If-None-Match`",
    ],
  ] as const)
    registry.registerPath({
      method: "get",
      path,
      tags: ["the page"],
      summary,
      responses: {
        200: { description: "The file", content: { [type]: text } },
        304: { description: "Still what If-None-Match names" },
      },
    });
};

/** `GET /openapi.json` and `/docs`. Each isolate makes them once, from the schemas that also validate. */
export const addDocument = (app: Api): void => {
  describeReads(app);
  describeGroupChecks(app);
  describeOwn(app);
  describePage(app);
  let document: Specification | undefined;
  const documentOf = (): Specification => (document ??= makeDocument(app));
  let text: string | undefined;
  app.get("/openapi.json", (c) =>
    c.body((text ??= ended(JSON.stringify(documentOf()))), 200, {
      "Content-Type": "application/json",
      "Cache-Control": "public, max-age=60",
    }),
  );
  addDocs(app, documentOf);
};
