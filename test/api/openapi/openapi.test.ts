import { expect, it } from "vitest";
import { createApp } from "../../../src/api/app.ts";
import { world } from "../world.ts";

it("the document lists every route there is, and no other", async () => {
  const app = createApp({ resolveAddresses: async () => [] });
  const routes = app.routes
    .filter(({ method }) => method !== "ALL")
    .map(({ method, path }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  const { paths } = await world().document();
  const listed = Object.entries(paths).flatMap(([path, operations]) =>
    Object.keys(operations)
      // HEAD is documented on check paths and served by the router wherever GET is.
      .filter((method) => method !== "head")
      .map((method) => `${method} ${path}`),
  );
  expect(new Set(listed)).toEqual(new Set(routes));
});

/** Answers of two content types: `/` as a page or a problem, and a group's leader as JSON or, for scripts, as a line of text. */
const TWO_KINDS = ["get / 404", "get /v1/groups/{group}/leader 200"];

it("every answer but 204 and 304 has a content, and every problem the same schema", async () => {
  const { paths } = await world().document();
  for (const [path, operations] of Object.entries(paths))
    for (const [method, { responses }] of Object.entries(operations))
      for (const [status, { content }] of Object.entries(responses)) {
        const where = `${method} ${path} ${status}`;
        if (status === "204" || status === "304") expect(content, where).toBeUndefined();
        else expect(Object.keys(content ?? {}), where).toHaveLength(TWO_KINDS.includes(where) ? 2 : 1);
        const problem = content?.["application/problem+json"];
        if (problem !== undefined) expect(problem.schema).toEqual({ $ref: "#/components/schemas/Problem" });
      }
});

it("what needs a token says so, and what needs none does not", async () => {
  const { paths, components } = await world().document();
  expect(Object.keys(components.securitySchemes)).toEqual(["bearer", "basic"]);
  for (const [path, operations] of Object.entries(paths))
    for (const operation of Object.values(operations))
      expect("security" in operation, path).toBe(
        // A caller that trades a code has no token yet.
        path === "/" || (path.startsWith("/v1/") && path !== "/v1/joins/trade"),
      );
});

it("the schemas of the domain are in it by name, with their constraints", async () => {
  const { components } = await world().document();
  expect(Object.keys(components.schemas).toSorted()).toEqual([
    "AttemptRequest",
    "Attempts",
    "Audit",
    "Deliveries",
    "DeliveryId",
    "Discovery",
    "Drill",
    "DrillRequest",
    "Drills",
    "Evidence",
    "Exchange",
    "ExchangeReply",
    "FreezeRequest",
    "Group",
    "GroupHistory",
    "GroupRequest",
    "Groups",
    "Health",
    "Heard",
    "Heartbeat",
    "History",
    "JoinRequest",
    "Joins",
    "Leader",
    "Lease",
    "LeaseRequest",
    "Matrix",
    "Mute",
    "MuteRequest",
    "Mutes",
    "NewJoin",
    "NewToken",
    "NewVantage",
    "NewWebhook",
    "NewlyJoined",
    "Notice",
    "Override",
    "OverrideRequest",
    "Problem",
    "Sites",
    "SwitchRequest",
    "Target",
    "TargetHealth",
    "TargetPatch",
    "TargetRequest",
    "Targets",
    "TokenRequest",
    "TokenRotation",
    "Tokens",
    "TradeRequest",
    "Transitions",
    "VantageRequest",
    "Vantages",
    "Verdict",
    "Verdicts",
    "Webhook",
    "WebhookMessage",
    "WebhookRequest",
    "Webhooks",
  ]);
  expect(components.schemas["TargetRequest"]).toMatchObject({
    type: "object",
    required: ["url"],
    additionalProperties: false,
    properties: { intervalMs: { type: "integer", minimum: 5000, maximum: 3600000, default: 30000 } },
  });
});
