import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Client } from "../../src/client/client.ts";
import { FakeDetector, json, TOKEN } from "../cli/fake-detector.ts";
import { AT, groupNow, LEADER } from "./group-answers.ts";

const PLACE = { site: "fra", target: "db-1" };
const LEASE = { epoch: 3, leaseMs: 15_000, until: AT, lease: "strict" };

let api: FakeDetector;
beforeEach(async () => {
  api = await FakeDetector.start();
});
afterEach(() => api.vanish());

const client = (): Client["groups"] => new Client(api.url, TOKEN).groups;

/** Answers every request with this status: text is sent unchanged, anything else as JSON. */
const answer = (status: number, body: unknown = "", headers = {}): void => {
  api.route = (_request, response) => {
    if (status === 200 && typeof body !== "string") json(response, body, headers);
    else response.writeHead(status, headers).end(typeof body === "string" ? body : JSON.stringify(body));
    return true;
  };
};
const problem = (more: object): object => ({
  type: "urn:parallax:problem:conflict",
  detail: "another leads",
  ...more,
});

describe("groups", () => {
  it.each([
    ["GET /v1/groups", (c) => c.list()],
    ["GET /v1/groups/db", (c) => c.get("db")],
    ["PUT /v1/groups/db", (c) => c.put("db", { mode: "leader", members: [PLACE] })],
    ["DELETE /v1/groups/db", (c) => c.delete("db")],
    ["GET /v1/groups/db/leader", (c) => c.leader("db")],
    [
      "GET /v1/groups/db/addresses?from=weur&format=weighted",
      (c) => c.addresses("db", { from: "weur", format: "weighted" }),
    ],
    ["GET /v1/groups/db/members/fra/db-1/serving?from=weur", (c) => c.serving("db", PLACE, { from: "weur" })],
    ["POST /v1/groups/db/lease", (c) => c.lease("db")],
    ["POST /v1/groups/db/lease", (c) => c.release("db", { released: 3 })],
    ["POST /v1/groups/db/switch", (c) => c.switch("db", { to: "fra/db-2", reason: "works" })],
    ["POST /v1/groups/db/freeze", (c) => c.freeze("db", { reason: "works", ttlMs: 60_000 })],
    ["DELETE /v1/groups/db/freeze", (c) => c.thaw("db")],
    ["GET /v1/groups/db/history?cursor=a&limit=5", (c) => c.history("db", { cursor: "a", limit: 5 })],
    ["GET /v1/groups/a%2F%252E%252E", (c) => c.get("a/..")],
  ] as [string, (c: Client["groups"]) => Promise<unknown>][])("go to %s", async (to, call) => {
    answer(204);
    await call(client());
    const newest = api.asked.at(-1);
    expect(`${newest?.method} ${newest?.path}`).toBe(to);
  });

  it("give their tag, and a change names one", async () => {
    answer(200, groupNow(), { ETag: '"7"' });
    expect(await client().get("db")).toMatchObject({ value: { group: groupNow(), etag: '"7"' } });
    await client().put("db", { mode: "leader", members: [PLACE] }, { ifMatch: '"7"' });
    expect(api.asked.at(-1)?.headers["if-match"]).toBe('"7"');
  });

  it("give addresses as a list", async () => {
    answer(200, "10.0.0.1\n10.0.0.2\n");
    expect(await client().addresses("db")).toMatchObject({ kind: "ok", value: ["10.0.0.1", "10.0.0.2"] });
  });

  it.each([
    [200, LEADER, { kind: "ok", value: LEADER }],
    [409, problem({}), { kind: "ok", value: null }],
    [409, "Conflict", { kind: "refused", status: 409 }],
    [503, problem({}), { kind: "refused", status: 503 }],
    [200, "<html>", { kind: "failed" }],
  ])("say who leads by %i %j", async (status, body, called) => {
    answer(status, body);
    expect(await client().leader("db")).toMatchObject(called);
  });

  it.each([
    [200, LEASE, { kind: "ok", value: { leads: true, lease: LEASE } }],
    [200, { ...LEASE, newer: 1 }, { kind: "ok", value: { leads: true, lease: LEASE } }],
    [409, problem({ leader: LEADER }), { kind: "ok", value: { leads: false, leader: LEADER } }],
    [409, problem({ leader: null }), { value: { leads: false, leader: null, detail: "another leads" } }],
    // An answer that does not come from the detector must not make a leader stop.
    [409, problem({}), { kind: "refused", status: 409 }],
    [409, { leader: null, detail: "x" }, { kind: "refused", status: 409 }],
    [409, problem({ leader: { site: 1 } }), { kind: "refused", status: 409 }],
    [409, "Conflict", { kind: "refused", status: 409 }],
    [200, { ok: true }, { kind: "failed" }],
    [503, problem({ leader: null }), { kind: "refused", status: 503 }],
  ])("grant or refuse the lease by %i %j", async (status, body, called) => {
    answer(status, body);
    expect(await client().lease("db")).toMatchObject(called);
  });

  it.each([
    [200, "serving fra/db-1 group=db epoch=3", { kind: "ok", value: { serves: true, epoch: 3 } }],
    [503, "out fra/db-1 group=db epoch=4\n", { kind: "ok", value: { serves: false, epoch: 4 } }],
    [200, "out fra/db-1 group=db epoch=4", { kind: "failed" }],
    [503, "serving fra/db-1 group=db epoch=4", { kind: "refused" }],
    [200, "serving fra/db-2 group=db epoch=3", { kind: "failed" }],
    [200, "serving fra/db-1 group=web epoch=3", { kind: "failed" }],
    [503, "Service Unavailable", { kind: "refused" }],
  ])("say whether a member serves by %i %j", async (status, body, called) => {
    answer(status, body);
    expect(await client().serving("db", PLACE)).toMatchObject(called);
  });
});
