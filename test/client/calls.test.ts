import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/client.ts";
import { dead, FakeDetector, json, problem, TOKEN } from "../cli/fake-detector.ts";

const PLACE = { site: "fra", target: "db-1" };
const AT = "2026-11-22T18:30:05.000Z";

let api: FakeDetector;
beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(() => api.vanish());

const client = (): Client => new Client(api.url, TOKEN);
const newest = () => api.asked.at(-1);

/** Answers every request with `value` as JSON; a number is a status without a body. */
const answer = (value: unknown, headers = {}): void => {
  api.route = (_request, response) => {
    if (typeof value === "number") response.writeHead(value).end();
    else json(response, value, headers);
    return true;
  };
};

describe("reads", () => {
  it("give a verdict, held for another sequence where one is known", async () => {
    const verdict = api.set("fra/db-1");
    expect(await client().verdict(PLACE, { seq: 6, waitMs: 1_000 })).toMatchObject({
      kind: "ok",
      value: verdict,
    });
    expect(newest()?.path).toBe("/v1/sites/fra/targets/db-1/verdict?seq=6&waitMs=1000");
  });

  it("give all verdicts, or a site's", async () => {
    const verdicts = [api.set("fra/db-1"), api.set("ams/db-1")];
    expect(await client().verdicts()).toMatchObject({ kind: "ok", value: verdicts });
    expect(await client().verdicts({ site: "ams" })).toMatchObject({ kind: "ok", value: [verdicts[1]] });
  });

  it("give a check's bit, and what it rests on", async () => {
    api.set("fra/db-1", dead());
    const called = await client().check("avoid", PLACE, { from: "weur", gray: "down" });
    expect(called).toMatchObject({ value: { bit: true, verdict: "node_dead", sequence: 42, remarks: [] } });
    expect(newest()?.path).toBe("/v1/sites/fra/targets/db-1/avoid?from=weur&gray=down");
    api.set("fra/db-1");
    expect(await client().check("failover", PLACE)).toMatchObject({ value: { bit: false, sequence: 7 } });
    expect(await client().check("up", { site: "fra", target: "no" })).toMatchObject({
      kind: "refused",
      status: 404,
    });
  });

  it.each([
    ["up", 200, "up alive fra/db-1 seq=42 cached", { bit: true, sequence: 42, remarks: ["cached"] }],
    ["up", 503, "down node_dead fra/db-1 seq=43 drill=3f9a\n", { bit: false, remarks: ["drill=3f9a"] }],
    [
      "failover",
      409,
      "hold unknown fra/db-1 unavailable",
      { bit: false, sequence: null, remarks: ["unavailable"] },
    ],
  ] as const)("take for %s %i %j", async (kind, status, line, value) => {
    api.route = (_request, response) => !response.writeHead(status).end(line).writable || true;
    expect(await client().check(kind, PLACE)).toMatchObject({ kind: "ok", value });
  });

  it.each([
    ["up", 200, "down node_dead fra/db-1 seq=43"],
    ["up", 503, "up alive fra/db-1 seq=43"],
    ["up", 204, ""],
    ["avoid", 200, "up alive fra/db-1 seq=43"],
    ["avoid", 200, "avoid node_dead fra/db-2 seq=43"],
    ["avoid", 200, "avoid dead fra/db-1 seq=43"],
    ["failover", 201, "failover node_dead fra/db-1 seq=43"],
    ["failover", 200, "failover node_dead fra/db-1 seq=43\nmore"],
    ["failover", 200, "<html>failover</html>"],
    ["failover", 409, "409 Conflict"],
  ] as const)("take for nothing %s %i %j", async (kind, status, line) => {
    api.route = (_request, response) => !response.writeHead(status).end(line).writable || true;
    expect((await client().check(kind, PLACE)).kind).not.toBe("ok");
  });

  it("give what an earlier detector does not say as nothing", async () => {
    const { told: _, muted: __, ...earlier } = api.set("fra/db-1");
    answer(earlier);
    expect(await client().verdict(PLACE)).toMatchObject({ kind: "ok", value: { told: [], muted: null } });
  });

  it("give history by pages", async () => {
    answer({ transitions: [], next: null });
    expect(await client().history(PLACE, { limit: 5, cursor: "a b" })).toMatchObject({ kind: "ok" });
    expect(newest()?.path).toBe("/v1/sites/fra/targets/db-1/history?cursor=a+b&limit=5");
  });

  it("give what happened, of all targets", async () => {
    answer({ transitions: [], next: "0-7.1" });
    const asked = { since: "-1h", site: "fra", limit: 5 };
    expect(await client().transitions(asked)).toMatchObject({ kind: "ok", value: { next: "0-7.1" } });
    expect(newest()?.path).toBe("/v1/transitions?since=-1h&site=fra&limit=5");
  });

  it("give what each vantage saw, of all or of a site", async () => {
    answer({ asOf: AT, vantages: [], letters: { R: "refused" }, targets: [] });
    expect(await client().matrix()).toMatchObject({ kind: "ok", value: { letters: { R: "refused" } } });
    expect(await client().matrix({ site: "fra" })).toMatchObject({ kind: "ok" });
    expect(newest()?.path).toBe("/v1/matrix?site=fra");
  });

  it("give an export as text", async () => {
    api.route = (_request, response) => !response.writeHead(200).end("a => UP\n").writable || true;
    expect(await client().gdnsd({ ttl: 5 })).toMatchObject({ kind: "ok", value: "a => UP\n" });
    expect(await client().avoids({ site: "fra", gray: "down" })).toMatchObject({ kind: "ok" });
    expect(newest()?.path).toBe("/v1/avoid?site=fra&gray=down");
  });

  it("give health, sites and vantages", async () => {
    answer({ ok: true, reasons: [], shards: [], rearmed: [] });
    expect(await client().health()).toMatchObject({ value: { ok: true } });
    answer({ sites: [{ site: "fra", targets: 2 }] });
    expect(await client().targets.sites()).toMatchObject({ value: [{ site: "fra", targets: 2 }] });
    answer({ vantages: [] });
    expect(await client().vantages.list()).toMatchObject({ value: [] });
  });

  it("never leave the path, whatever a name holds", async () => {
    await client().verdict({ site: "../../v1/tokens?", target: "a/b#c" });
    expect(newest()?.path).toBe(
      "/v1/sites/%252E%252E%2F%252E%252E%2Fv1%2Ftokens%3F/targets/a%2Fb%23c/verdict",
    );
    await client().verdict({ site: "..", target: "." });
    expect(newest()?.path).toBe("/v1/sites/%252E%252E/targets/%252E/verdict");
  });
});

describe("changes", () => {
  const TARGET = {
    ...PLACE,
    url: "tcp://a:1",
    intervalMs: 5_000,
    timeoutMs: 2_000,
    createdAt: AT,
    updatedAt: AT,
    warnings: [],
  };

  it("of a target give its tag, and name one", async () => {
    answer(TARGET, { ETag: '"7"' });
    expect(await client().targets.get(PLACE)).toMatchObject({ value: { target: TARGET, etag: '"7"' } });
    await client().targets.put(PLACE, { url: "tcp://a:1" }, { ifMatch: '"7"' });
    expect(newest()).toMatchObject({ method: "PUT", body: '{"url":"tcp://a:1"}' });
    expect(newest()?.headers["if-match"]).toBe('"7"');
    await client().targets.put(PLACE, { url: "tcp://a:1" });
    expect(newest()?.headers).not.toHaveProperty("if-match");
    await client().targets.patch(PLACE, { witness: null, policy: { minVantages: 4 } }, { ifMatch: '"7"' });
    expect(newest()).toMatchObject({
      method: "PATCH",
      body: '{"witness":null,"policy":{"minVantages":4}}',
      headers: { "content-type": "application/merge-patch+json", "if-match": '"7"' },
    });
    answer(204);
    expect(await client().targets.delete(PLACE, { ifMatch: '"7"' })).toMatchObject({
      kind: "ok",
      value: null,
    });
    expect(newest()?.headers["if-match"]).toBe('"7"');
  });

  it("that the detector refuses are values with its words", async () => {
    api.route = (_request, response) => {
      problem(response, 412, "the target is not as If-Match says");
      return true;
    };
    const called = await client().targets.delete(PLACE, { ifMatch: '"6"' });
    expect(called).toEqual({
      kind: "refused",
      status: 412,
      detail: "the target is not as If-Match says",
      problem: { kind: "x", fields: [] },
    });
  });

  it.each([
    ["POST /v1/tokens", (c: Client) => c.tokens.make({ scope: "read" })],
    ["GET /v1/tokens", (c: Client) => c.tokens.list()],
    ["POST /v1/tokens/t-1/rotate", (c: Client) => c.tokens.rotate("t-1", { graceMs: 5 })],
    ["DELETE /v1/tokens/t-1", (c: Client) => c.tokens.revoke("t-1")],
    ["POST /v1/joins", (c: Client) => c.joins.make({ kind: "vantage", sites: "all" })],
    ["GET /v1/joins", (c: Client) => c.joins.list()],
    ["DELETE /v1/joins/j-1", (c: Client) => c.joins.revoke("j-1")],
    [
      "POST /v1/joins/trade",
      (c: Client) => c.joins.trade({ code: "7K3M9QX", nonce: "some-random-characters", kind: "vantage" }),
    ],
    [
      "POST /v1/vantages",
      (c: Client) => c.vantages.add({ id: "x", region: "y", provider: "z", sites: "all" }),
    ],
    ["POST /v1/vantages/x/rotate", (c: Client) => c.vantages.rotate("x")],
    ["POST /v1/vantages/x/attempts", (c: Client) => c.vantages.attempt("x", { url: "tcp://a:1" })],
    ["DELETE /v1/vantages/x", (c: Client) => c.vantages.remove("x")],
    ["POST /v1/drills", (c: Client) => c.drills.start({ site: "fra", fault: "hang", durationMs: 1_000 })],
    ["GET /v1/webhooks", (c: Client) => c.webhooks.list()],
    ["GET /v1/webhooks/w", (c: Client) => c.webhooks.get("w")],
    ["PUT /v1/webhooks/w", (c: Client) => c.webhooks.put("w", { url: "https://a.example" })],
    ["DELETE /v1/webhooks/w", (c: Client) => c.webhooks.delete("w")],
    ["POST /v1/webhooks/w/rotate", (c: Client) => c.webhooks.rotate("w")],
    ["POST /v1/webhooks/w/test", (c: Client) => c.webhooks.test("w")],
    [
      "GET /v1/webhooks/w/deliveries?state=dead",
      (c: Client) => c.webhooks.deliveries("w", { state: "dead" }),
    ],
    ["POST /v1/webhooks/w/deliveries/d/replay", (c: Client) => c.webhooks.replay("w", "d")],
    ["GET /v1/mutes?site=fra", (c: Client) => c.mutes.list({ site: "fra" })],
    ["GET /v1/mutes/m", (c: Client) => c.mutes.get("m")],
    [
      "PUT /v1/mutes/m",
      (c: Client) => c.mutes.put("m", { site: "fra", until: "2026-11-22T18:30:04.120Z", reason: "works" }),
    ],
    ["DELETE /v1/mutes/m", (c: Client) => c.mutes.delete("m")],
    ["GET /v1/drills", (c: Client) => c.drills.list()],
    ["DELETE /v1/drills/d", (c: Client) => c.drills.stop("d")],
    [
      "PUT /v1/sites/fra/targets/db-1/override",
      (c: Client) => c.overrides.set(PLACE, { verdict: "alive", reason: "x", ttlMs: 1_000 }),
    ],
    ["DELETE /v1/sites/fra/targets/db-1/override", (c: Client) => c.overrides.withdraw(PLACE)],
  ])("go to %s", async (to, call) => {
    answer(204);
    await call(client());
    expect(`${newest()?.method} ${newest()?.path}`).toBe(to);
  });
});
