import type { Api } from "./context.ts";
import { describeReads } from "./reads.ts";

const DESCRIPTION = `Parallax watches nodes from several regions and says why one stopped answering.

Every path under \`/v1\` needs a token: \`Authorization: Bearer\`, HTTP Basic with the token as password, or, for
pollers that can send neither, a capability path: \`/k/{token}/v1/…\` before any read (GET, HEAD, OPTIONS).
Errors are problem details (RFC 9457); \`errors\` names each field that is wrong.`;

/** `GET /openapi.json`, made once an isolate from the schemas that also validate. */
export const addDocument = (app: Api): void => {
  const registry = app.openAPIRegistry;
  registry.registerComponent("securitySchemes", "bearer", { type: "http", scheme: "bearer" });
  registry.registerComponent("securitySchemes", "basic", {
    type: "http",
    scheme: "basic",
    description: "The token as password; the user name is ignored",
  });
  describeReads(app);
  registry.registerPath({
    method: "get",
    path: "/openapi.json",
    tags: ["health"],
    summary: "This document",
    responses: {
      200: { description: "OpenAPI 3.1", content: { "application/json": { schema: { type: "object" } } } },
    },
  });
  let document: string | undefined;
  app.get("/openapi.json", (c) => {
    document ??= JSON.stringify(
      app.getOpenAPI31Document({
        openapi: "3.1.0",
        info: { title: "Parallax", version: "1", description: DESCRIPTION },
      }),
    );
    return c.body(document, 200, {
      "Content-Type": "application/json",
      "Cache-Control": "public, max-age=60",
    });
  });
};
