import { describe, expect, it } from "vitest";
import type { ListedDelivery } from "../../../src/domain/rpc.ts";
import type { DeliveryState } from "../../../src/domain/webhook.ts";
import { ADMIN, problemIn, READ, world, type World } from "../world.ts";

const HOOK = "/v1/webhooks/ops";
const PAGER = "https://events.pagerduty.com/v2/enqueue";
const KEY = "0123456789abcdef0123456789abcdef";
const good = { url: "https://hooks.example/parallax" };

const listed = (place: number[], state: DeliveryState = "delivered"): ListedDelivery => ({
  place,
  delivery: {
    id: `msg-${place[1]}-${place[2]}-${place[3]}`,
    type: "transition",
    site: "fra",
    target: "db-1",
    sequence: 7,
    state,
    createdAt: new Date(place[0] ?? 0).toISOString(),
    attempts: 1,
    lastAttemptAt: null,
    lastStatus: 200,
    lastError: null,
    nextAttemptAt: null,
  },
});

const made = async (changes: object = {}): Promise<World> => {
  const known = world();
  expect((await known.send("PUT", HOOK, { ...good, ...changes })).status).toBe(201);
  return known;
};

describe("a webhook", () => {
  it("shows its secret when it is made and when it is rotated, and never else", async () => {
    const known = world();
    const created = await known.send("PUT", HOOK, { ...good, sites: ["fra"], note: "pager" });
    expect(created.status).toBe(201);
    const { secret, ...shown } = await created.json<{ secret: string }>();
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shown).toMatchObject({ id: "ops", state: "active", events: "all", sites: ["fra"], note: "pager" });
    const replaced = await known.send("PUT", HOOK, good);
    expect(replaced.status).toBe(200);
    const rotated = await known.ask(`${HOOK}/rotate`, { method: "POST", headers: ADMIN });
    const fresh = await rotated.json<{ secret: string; oldSecretUntil: string | null }>();
    expect(fresh.secret).not.toBe(secret);
    expect(fresh.oldSecretUntil).not.toBeNull();
    const others = [
      replaced,
      ...(await Promise.all([HOOK, "/v1/webhooks"].map((path) => known.ask(path, { headers: ADMIN })))),
    ];
    for (const answer of others) expect(await answer.text()).not.toContain("whsec_");
  });

  it("shows counts over all shards, and why it is disabled", async () => {
    const known = world({ shards: 2 });
    await known.send("PUT", HOOK, good);
    for (const shard of known.shards)
      shard.tallies = [{ id: "ops", pending: 1, delivered: 2, failed: 3, dead: 4, dropped: 5 }];
    expect(await (await known.ask(HOOK, { headers: ADMIN })).json()).toMatchObject({
      counts: { pending: 2, delivered: 4, failed: 6, dead: 8, dropped: 10 },
    });
    known.aggregator.hooks = known.aggregator.hooks.map((hook) => ({
      ...hook,
      gone: "the receiver answered 410",
    }));
    expect(await (await known.ask(HOOK, { headers: ADMIN })).json()).toMatchObject({
      state: "disabled",
      reason: "the receiver answered 410",
    });
  });

  it.each([
    [{ ...good, format: "slack" }, "https://hooks.example/***", "parallax"],
    [{ ...good, format: "discord" }, "https://hooks.example/***", "parallax"],
    [{ ...good, format: "generic-template", template: "{}" }, "https://hooks.example/***", "parallax"],
    [{ url: PAGER, format: "pagerduty", routingKey: KEY }, PAGER, KEY],
  ])("for people shows no secret of its service, and where its links lead: %j", async (body, url, secret) => {
    const known = world();
    const answers = [
      await known.send("PUT", HOOK, body),
      ...(await Promise.all([HOOK, "/v1/webhooks"].map((path) => known.ask(path, { headers: ADMIN })))),
      await known.ask(`${HOOK}/rotate`, { method: "POST", headers: ADMIN }),
    ];
    for (const answer of answers) {
      const text = await answer.text();
      expect(text).not.toContain(secret);
      expect(text).toContain(url);
    }
    const page = "https://watch.example:8443";
    const { page: own } = await (await known.ask(HOOK, { headers: ADMIN })).json<{ page: string }>();
    expect(own).toBe(new URL(own).origin);
    expect(await (await known.send("PUT", HOOK, { ...body, page })).json()).toMatchObject({ page });
  });

  it.each([
    [{ ...good, sites: ["fra"], note: "pager", disabled: true, bundle: "target", groups: "changed" }],
    [{ ...good, format: "slack", page: "https://watch.example" }],
    [{ ...good, format: "generic-template", template: '{"a": "{{title}}"}', events: "failover" }],
    [{ url: PAGER, format: "pagerduty", routingKey: KEY }],
  ])(
    "as it is shown can be sent back, and nothing that the detector states is kept of it: %j",
    async (body) => {
      const known = await made(body);
      const shown = await (await known.ask(HOOK, { headers: ADMIN })).json<object>();
      const stated = { ...shown, id: "other", state: "active", reason: "mine", counts: { pending: 7 } };
      const calls: object[] = [];
      const put = known.aggregator.putWebhook.bind(known.aggregator);
      known.aggregator.putWebhook = (id, request, secret) => {
        calls.push(request);
        return put(id, request, secret);
      };
      const again = await known.send("PUT", HOOK, stated);
      expect(again.status).toBe(200);
      expect(await again.json()).toEqual({ ...shown });
      for (const field of ["id", "state", "reason", "counts", "refused", "createdAt"])
        expect(calls[0]).not.toHaveProperty(field);
    },
  );

  it("is known to every shard at once", async () => {
    const known = world({ shards: 3 });
    await known.send("PUT", HOOK, good);
    for (const shard of known.shards) expect(shard.hooks.map(({ id }) => id)).toEqual(["ops"]);
    await known.ask(HOOK, { method: "DELETE", headers: ADMIN });
    for (const shard of known.shards) expect(shard.hooks).toEqual([]);
  });

  it.each([
    ["no url", {}, ["url"]],
    ["tcp", { url: "tcp://example.com:1" }, ["url"]],
    ["no scheme", { url: "example.com" }, ["url"]],
    ["credentials", { url: "https://me:you@example.com/" }, ["url"]],
    ["a fragment", { url: "https://example.com/#a" }, ["url"]],
    ["3000 characters", { url: `https://example.com/${"a".repeat(3_000)}` }, ["url"]],
    ["no sites", { ...good, sites: [] }, ["sites"]],
    ["a site twice", { ...good, sites: ["fra", "fra"] }, ["sites"]],
    ["a site that is no name", { ...good, sites: ["fra", "FRA"] }, ["sites.1"]],
    ["unknown events", { ...good, events: "some" }, ["events"]],
    ["disabled as text", { ...good, disabled: "no" }, ["disabled"]],
    ["a long note", { ...good, note: "x".repeat(201) }, ["note"]],
    ["its own secret", { ...good, secret: "whsec_x" }, ["secret"]],
    ["an unknown format", { ...good, format: "teams" }, ["format"]],
    ["no key for PagerDuty", { url: PAGER, format: "pagerduty" }, ["routingKey"]],
    ["a key that is none", { url: PAGER, format: "pagerduty", routingKey: "abc" }, ["routingKey"]],
    ["another place of PagerDuty", { ...good, format: "pagerduty", routingKey: KEY }, ["url"]],
    ["a key and no format", { ...good, routingKey: KEY }, ["routingKey"]],
    ["a key for Slack", { ...good, format: "slack", routingKey: KEY }, ["routingKey"]],
    ["no template", { ...good, format: "generic-template" }, ["template"]],
    ["a template for Discord", { ...good, format: "discord", template: "{}" }, ["template"]],
    ["a template that is no JSON", { ...good, format: "generic-template", template: "{" }, ["template"]],
    [
      "an unknown placeholder",
      { ...good, format: "generic-template", template: '{"a": "{{wat}}"}' },
      ["template"],
    ],
    [
      "a long template",
      { ...good, format: "generic-template", template: JSON.stringify("x".repeat(8_192)) },
      ["template"],
    ],
    ["a message for each target in Slack", { ...good, format: "slack", bundle: "target" }, ["bundle"]],
    ["a page and no format", { ...good, page: "https://detector.example" }, ["page"]],
    ["a page with a path", { ...good, format: "slack", page: "https://detector.example/x" }, ["page"]],
    ["a page that is no URL", { ...good, format: "slack", page: "detector" }, ["page"]],
    ["no url and a format", { url: "x", format: "pagerduty", routingKey: KEY }, ["url", "url"]],
  ])("with %s is refused, the field named", async (_, body, fields) => {
    const problem = await problemIn(await world().send("PUT", HOOK, body));
    expect(problem).toMatchObject({ status: 400, type: "urn:parallax:problem:validation" });
    expect(problem.errors.map(({ path }) => path)).toEqual(fields);
  });

  it.each([
    "http://hooks.example/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://169.254.169.254/latest",
    "https://10.0.0.1/",
    "https://localhost/",
    "https://intranet/",
    "https://0x7f.1/",
  ])("at %s is refused where private places are not allowed", async (url) => {
    const problem = await problemIn(
      await world({ env: { ALLOW_PRIVATE: "false" } }).send("PUT", HOOK, { url }),
    );
    expect(problem.errors.map(({ path }) => path)).toEqual(["url"]);
    expect((await world().send("PUT", HOOK, { url })).status).toBe(201);
  });

  it("at a name that leads to a private place is refused as well", async () => {
    const { send } = world({
      env: { ALLOW_PRIVATE: "false" },
      resolve: async () => ["93.184.216.34", "10.0.0.5"],
    });
    const problem = await problemIn(await send("PUT", HOOK, { url: "https://rebind.example/" }));
    expect(problem.errors.map(({ path }) => path)).toEqual(["url"]);
  });

  it.each([
    ["GET", "/v1/webhooks"],
    ["GET", HOOK],
    ["PUT", HOOK],
    ["DELETE", HOOK],
    ["POST", `${HOOK}/rotate`],
    ["POST", `${HOOK}/test`],
    ["GET", `${HOOK}/deliveries`],
    ["POST", `${HOOK}/deliveries/msg-0-1-0/replay`],
  ])("%s %s is for admins", async (method, path) => {
    expect((await problemIn(await world().ask(path, { method }))).status).toBe(401);
    expect((await problemIn(await world().ask(path, { method, headers: READ }))).status).toBe(403);
  });

  it.each([
    ["GET", HOOK],
    ["DELETE", HOOK],
    ["POST", `${HOOK}/rotate`],
    ["POST", `${HOOK}/test`],
    ["GET", `${HOOK}/deliveries`],
    ["POST", `${HOOK}/deliveries/msg-0-1-0/replay`],
  ])("%s %s is 404 where there is none", async (method, path) => {
    const problem = await problemIn(await world().ask(path, { method, headers: ADMIN }));
    expect(problem).toMatchObject({ status: 404, errors: [{ path: "id" }] });
  });

  it.each([
    ["GET", "/v1/webhooks/OPS", "id"],
    ["DELETE", `/v1/webhooks/${"a".repeat(64)}`, "id"],
    ["GET", `${HOOK}/deliveries?state=lost`, "state"],
    ["GET", `${HOOK}/deliveries?limit=0`, "limit"],
    ["GET", `${HOOK}/deliveries?limit=101`, "limit"],
    ["GET", `${HOOK}/deliveries?cursor=`, "cursor"],
    ["GET", `${HOOK}/deliveries?cursor=1-2`, "cursor"],
    ["GET", `${HOOK}/deliveries?cursor=a-b-c-d`, "cursor"],
    ["POST", `${HOOK}/deliveries/Msg_1/replay`, "delivery"],
  ])("%s %s: 400 and `%3$s` named", async (method, path, field) => {
    const known = await made();
    const problem = await problemIn(await known.ask(path, { method, headers: ADMIN }));
    expect(problem.status).toBe(400);
    expect(problem.errors.map((error) => error.path)).toEqual([field]);
  });

  it("is not made twice by trouble: a creation whose answer is lost is not repeated", async () => {
    const known = world();
    known.aggregator.mood = async (call) => {
      if (call === "putWebhook") throw Object.assign(new Error("reset"), { retryable: true });
    };
    expect((await known.send("PUT", HOOK, good)).status).toBe(503);
    expect(known.aggregator.calls.filter((call) => call === "putWebhook")).toHaveLength(1);
  });
});

describe("deliveries", () => {
  it("come newest first over all shards, page by page, none twice and none left out", async () => {
    const known = world({ shards: 2 });
    await known.send("PUT", HOOK, good);
    known.shards.forEach((shard, number) => {
      shard.listed = [9, 7, 5, 3].map((at) => listed([at * 10 + number, number, at, 0]));
    });
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await known.ask(`${HOOK}/deliveries?limit=3${cursor}`, { headers: ADMIN });
      const { deliveries, next } = await page.json<{ deliveries: { id: string }[]; next: string | null }>();
      seen.push(...deliveries.map(({ id }) => id));
      cursor = next === null ? "" : `&cursor=${next}`;
    } while (cursor !== "");
    const expected = [9, 7, 5, 3].flatMap((at) => [`msg-1-${at}-0`, `msg-0-${at}-0`]);
    expect(seen).toEqual(expected);
  });

  it("are replayed by the shard that sent them", async () => {
    const known = world({ shards: 2 });
    await known.send("PUT", HOOK, good);
    known.shards[1]?.listed.push(listed([1, 1, 5, 0], "dead"));
    const replay = (id: string) =>
      known.ask(`${HOOK}/deliveries/${id}/replay`, { method: "POST", headers: ADMIN });
    const answer = await replay("msg-1-5-0");
    expect(answer.status).toBe(202);
    expect(await answer.json()).toEqual({ deliveryId: "msg-1-5-0" });
    for (const id of ["msg-0-5-0", "msg-7-5-0", "nonsense"])
      expect(await problemIn(await replay(id))).toMatchObject({
        status: 404,
        errors: [{ path: "delivery" }],
      });
  });

  it("of a test are answered with their id", async () => {
    const known = await made();
    const answer = await known.ask(`${HOOK}/test`, { method: "POST", headers: ADMIN });
    expect(answer.status).toBe(202);
    expect(await answer.json()).toMatchObject({
      deliveryId: expect.stringMatching(/^test-0-[0-9a-f]{16}-0$/),
    });
  });
});
