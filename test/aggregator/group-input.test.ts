import { runInDurableObject } from "cloudflare:test";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { GroupAnswer } from "../../src/domain/group.ts";
import { conductor } from "./conducted.ts";
import { ask, type Asking, json, refusalOf, tokenOf } from "./grouped.ts";
import { put, reportAll, rpc } from "./scene.ts";

// A call of a group that is wrong gets an answer that names each wrong field, and changes nothing.

const MEMBERS = [
  { site: "fra", target: "db-1", priority: 1 },
  { site: "fra", target: "db-2", priority: 2 },
];
const DB = "/v1/groups/db";
const WEB = "/v1/groups/web";

beforeAll(async () => {
  for (const target of ["db-1", "db-2", "other"]) await put("fra", target);
  await put("ams", "db-1");
  await reportAll(["fra/db-1", "fra/db-2", "fra/other", "ams/db-1"]);
  await json("PUT", WEB, { body: { mode: "pool", members: MEMBERS } });
  await json("PUT", DB, { body: { mode: "leader", members: MEMBERS, policy: { lease: "strict" } } });
});

const tell = async (method: string, path: string, asking: Asking) => {
  const { status, paths } = await refusalOf(await ask(method, path, asking));
  return [status, ...paths];
};

describe("a body that is wrong", () => {
  const of = (changes: object) => ({ mode: "leader", members: MEMBERS, ...changes });
  const policy = (changes: object) => of({ policy: changes });
  const member = (changes: object) => of({ members: [{ ...MEMBERS[0], ...changes }, MEMBERS[1]] });
  const rows: [string, unknown, string][] = [
    ["no mode", { members: MEMBERS }, "mode"],
    ["an unknown mode", of({ mode: "quorum" }), "mode"],
    ["no members", { mode: "pool" }, "members"],
    ["an empty list of members", of({ members: [] }), "members"],
    [
      "too many members",
      of({ members: Array.from({ length: 65 }, (_, n) => ({ site: "fra", target: `t-${n}` })) }),
      "members",
    ],
    ["an unknown field", of({ colour: "red" }), "colour"],
    ["an unknown field of a member", member({ colour: "red" }), "members.0.colour"],
    ["an unknown field of the policy", policy({ colour: "red" }), "policy.colour"],
    ["a name that is none", member({ site: "FRA" }), "members.0.site"],
    ["a member without a target", of({ members: [{ site: "fra" }] }), "members.0.target"],
    ["a member of no target", member({ target: "nobody" }), "members.0.target"],
    ["a member twice", of({ members: [MEMBERS[0], MEMBERS[1], MEMBERS[0]] }), "members.2"],
    ["an address with a space", member({ address: "192.0.2.1 evil" }), "members.0.address"],
    ["an address of two lines", member({ address: "192.0.2.1\n192.0.2.2" }), "members.0.address"],
    ["a long address", member({ address: "x".repeat(256) }), "members.0.address"],
    ["a priority below 0", member({ priority: -1 }), "members.0.priority"],
    ["a priority past 16 bits", member({ priority: 65_536 }), "members.0.priority"],
    ["a weight as text", member({ weight: "100" }), "members.0.weight"],
    ["half a weight", member({ weight: 0.5 }), "members.0.weight"],
    ["minServing 0", policy({ minServing: 0 }), "policy.minServing"],
    [
      "minServing above the members",
      { mode: "pool", members: MEMBERS, policy: { minServing: 3 } },
      "policy.minServing",
    ],
    ["maxOut above 1", policy({ maxOut: 1.1 }), "policy.maxOut"],
    ["maxOut below 0", policy({ maxOut: -0.1 }), "policy.maxOut"],
    ["holdDownMs past a day", policy({ holdDownMs: 86_400_001 }), "policy.holdDownMs"],
    ["failback perhaps", policy({ failback: "perhaps" }), "policy.failback"],
    ["failbackAfterMs below 0", policy({ failbackAfterMs: -1 }), "policy.failbackAfterMs"],
    ["maxSwitchesPerHour past 60", policy({ maxSwitchesPerHour: 61 }), "policy.maxSwitchesPerHour"],
    ["a lease of another kind", policy({ lease: "loose" }), "policy.lease"],
    ["leaseMs below a second", policy({ leaseMs: 999 }), "policy.leaseMs"],
    ["leaseMs past five minutes", policy({ leaseMs: 300_001 }), "policy.leaseMs"],
    ["maxLag below 0", policy({ maxLag: -1 }), "policy.maxLag"],
    ["null for a policy", of({ policy: null }), "policy"],
  ];
  test.each(rows)("PUT: %s", async (_, body, path) => {
    expect(await tell("PUT", "/v1/groups/made", { body })).toEqual([400, path]);
    expect((await ask("GET", "/v1/groups/made")).status).toBe(404);
    expect((await rpc().listGroups()).map(({ group }) => group)).toEqual(["db", "web"]);
  });

  const acts: [string, string, unknown, string][] = [
    ["switch without a reason", "switch", {}, "reason"],
    ["switch for an empty reason", "switch", { reason: "" }, "reason"],
    ["switch for a long reason", "switch", { reason: "x".repeat(501) }, "reason"],
    ["switch to what is no name", "switch", { to: "db-1", reason: "x" }, "to"],
    ["switch to who is no member", "switch", { to: "fra/other", reason: "x" }, "to"],
    ["switch with an unknown field", "switch", { reason: "x", force: true }, "force"],
    ["freeze without a reason", "freeze", { ttlMs: 60_000 }, "reason"],
    ["freeze without an end", "freeze", { reason: "x" }, "ttlMs"],
    ["freeze for half a second", "freeze", { reason: "x", ttlMs: 500 }, "ttlMs"],
    ["freeze for more than a week", "freeze", { reason: "x", ttlMs: 8 * 86_400_000 }, "ttlMs"],
    ["lease for nobody", "lease", { site: "fra" }, "target"],
    ["lease released as text", "lease", { site: "fra", target: "db-1", released: "1" }, "released"],
    ["lease released below 0", "lease", { site: "fra", target: "db-1", released: -1 }, "released"],
    ["lease with an unknown field", "lease", { site: "fra", target: "db-1", colour: "red" }, "colour"],
  ];
  test.each(acts)("POST: %s", async (_, act, body, path) => {
    expect(await tell("POST", `${DB}/${act}`, { body })).toEqual([400, path]);
  });

  test.each([
    ["PUT", ""],
    ["POST", "/switch"],
    ["POST", "/freeze"],
    ["POST", "/lease"],
  ])("%s %s: no JSON, another type, too long", async (method, path) => {
    expect((await tell(method, DB + path, { body: "{" }))[0]).toBe(400);
    expect((await tell(method, DB + path, { body: "[]" }))[0]).toBe(400);
    const headers = { "Content-Type": "text/plain" };
    expect((await tell(method, DB + path, { body: "{}", headers }))[0]).toBe(415);
    expect((await tell(method, DB + path, { body: { x: "x".repeat(2_000_000) } }))[0]).toBe(413);
  });
});

describe("a call that is wrong", () => {
  const rows: [string, string, string, unknown[]][] = [
    ["a name that is none", "GET", "/v1/groups/DB", [400, "group"]],
    ["a name that is none, of a poller", "GET", "/v1/groups/DB/leader", [400, "group"]],
    ["a group that is not there", "GET", "/v1/groups/nobody", [404, "group"]],
    ["a group that is not there, of a poller", "GET", "/v1/groups/nobody/leader", [404, "group"]],
    ["a group that is not there, to delete", "DELETE", "/v1/groups/nobody", [404, "group"]],
    ["a freeze that is not", "DELETE", `${DB}/freeze`, [404]],
    ["a cursor that is none", "GET", `${DB}/history?cursor=later`, [400, "cursor"]],
    ["no lines", "GET", `${DB}/history?limit=0`, [400, "limit"]],
    ["too many lines", "GET", `${DB}/history?limit=101`, [400, "limit"]],
    ["a format of the leader", "GET", `${DB}/leader?format=xml`, [400, "format"]],
    ["a format of addresses", "GET", `${WEB}/addresses?format=xml`, [400, "format"]],
    ["a region that is none", "GET", `${WEB}/addresses?from=moon`, [400, "from"]],
    ["a region that is none, of a member", "GET", `${WEB}/members/fra/db-1/serving?from=moon`, [400, "from"]],
    ["a pool's leader", "GET", `${WEB}/leader`, [409]],
    ["nobody's address", "GET", `${DB}/addresses`, [409]],
    ["who is no member", "GET", `${WEB}/members/fra/other/serving`, [404, "target"]],
  ];
  test.each(rows)("%s", async (_, method, path, told) => {
    expect(await tell(method, path, {})).toEqual(told);
  });

  test("who asks for a group that nobody made leaves nothing behind", async () => {
    expect((await ask("GET", "/v1/groups/nobody")).status).toBe(404);
    expect(
      (await ask("POST", "/v1/groups/nobody/lease", { body: { site: "fra", target: "db-1" } })).status,
    ).toBe(404);
    const tables = await runInDurableObject(conductor("nobody"), (_object, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name NOT LIKE '\\_%' ESCAPE '\\'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  test("a known region, of a remote vantage too", async () => {
    await json("POST", "/v1/vantages", {
      body: { id: "nbg-1", region: "nbg", provider: "other", sites: "all" },
    });
    for (const from of ["weur", "nbg", "nbg-1"])
      expect((await ask("GET", `${WEB}/addresses?from=${from}`)).status).toBe(200);
  });
});

describe("who may not", () => {
  test("a token of other sites sees and reads nothing of it", async () => {
    const token = await tokenOf({ scope: "read", sites: ["ams"] });
    for (const path of ["", "/history", "/addresses", "/members/fra/db-1/serving"])
      expect((await tell("GET", WEB + path, { token }))[0], path).toBe(403);
    expect((await tell("GET", `${DB}/leader`, { token }))[0]).toBe(403);
    expect(await json("GET", "/v1/groups", { token })).toEqual({ groups: [] });
  });

  test("a reader changes nothing", async () => {
    const token = "local-read";
    const body = { mode: "pool", members: MEMBERS };
    expect((await tell("PUT", DB, { token, body }))[0]).toBe(403);
    expect((await tell("DELETE", DB, { token }))[0]).toBe(403);
    expect((await tell("POST", `${DB}/switch`, { token, body: { reason: "x" } }))[0]).toBe(403);
    expect((await tell("POST", `${DB}/freeze`, { token, body: { reason: "x", ttlMs: 60_000 } }))[0]).toBe(
      403,
    );
    expect((await tell("DELETE", `${DB}/freeze`, { token }))[0]).toBe(403);
    expect((await tell("POST", `${DB}/lease`, { token, body: {} }))[0]).toBe(403);
  });

  test("a member's token speaks for it alone", async () => {
    const token = await tokenOf({ scope: "notify", site: "fra", target: "db-2" });
    const body = { site: "fra", target: "db-1" };
    expect((await tell("POST", `${DB}/lease`, { token, body }))[0]).toBe(403);
    const stranger = await tokenOf({ scope: "notify", site: "fra", target: "other" });
    const { status, detail } = await refusalOf(
      await ask("POST", `${DB}/lease`, { token: stranger, body: {} }),
    );
    expect([status, detail]).toEqual([409, 'fra/other is no member of group "db"']);
    const inPool = await refusalOf(await ask("POST", `${WEB}/lease`, { token, body: {} }));
    expect([inPool.status, inPool.detail]).toEqual([409, expect.stringContaining("is a pool")]);
  });
});

describe("what stands against a change", () => {
  let own = "";
  let nth = 0;
  beforeEach(async () => {
    nth += 1;
    own = `/v1/groups/db-${nth}`;
    await json("PUT", own, { body: { mode: "leader", members: MEMBERS, policy: { lease: "strict" } } });
  });
  const etag = async (): Promise<string> => (await ask("GET", own)).headers.get("ETag") ?? "";
  const changed = (leaseMs: number) => ({ mode: "leader", members: MEMBERS, policy: { leaseMs } });

  test("what GET gives can be sent back, and changes nothing", async () => {
    for (const path of [own, WEB]) {
      const response = await ask("GET", path);
      const body = await response.json<GroupAnswer>();
      const again = await ask("PUT", path, { body });
      expect(again.status).toBe(200);
      expect(again.headers.get("ETag")).toBe(response.headers.get("ETag"));
      expect(await again.json<GroupAnswer>()).toMatchObject({ updatedAt: body.updatedAt, epoch: body.epoch });
    }
  });

  test("an ETag that is no more", async () => {
    const known = await etag();
    await json("PUT", own, { body: changed(20_000), headers: { "If-Match": known } });
    const headers = { "If-Match": known };
    expect(await tell("PUT", own, { body: changed(30_000), headers })).toEqual([412, "If-Match"]);
    expect(await tell("DELETE", own, { headers })).toEqual([412, "If-Match"]);
    expect(
      await tell("PUT", "/v1/groups/made", { body: changed(20_000), headers: { "If-Match": "*" } }),
    ).toEqual([412, "If-Match"]);
  });

  test("of two with one ETag at once the second is refused", async () => {
    const headers = { "If-Match": await etag() };
    const both = await Promise.all(
      [20_000, 30_000].map((leaseMs) => ask("PUT", own, { body: changed(leaseMs), headers })),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  });

  test("a freeze: nothing is configured or switched; one that follows takes its place", async () => {
    for (const reason of ["once", "twice"])
      expect(await json("POST", `${own}/freeze`, { body: { reason, ttlMs: 60_000 } })).toMatchObject({
        frozen: { reason },
      });
    const put = await refusalOf(await ask("PUT", own, { body: changed(20_000) }));
    expect([put.status, put.detail]).toEqual([409, expect.stringContaining("frozen")]);
    const held = await ask("POST", `${own}/switch`, { body: { reason: "x" } });
    expect(held.headers.get("Retry-After")).toMatch(/^(59|60)$/);
    expect((await refusalOf(held)).detail).toContain("twice");
    expect((await ask("DELETE", `${own}/freeze`)).status).toBe(204);
  });

  test("a switch: of a pool, to who is dead, to who leads, and in the hold-down", async () => {
    expect((await tell("POST", `${WEB}/switch`, { body: { reason: "x" } }))[0]).toBe(409);
    const lease = { body: { site: "fra", target: "db-1" } };
    expect((await ask("POST", `${own}/lease`, lease)).status).toBe(200);
    const to = (name: string) => ask("POST", `${own}/switch`, { body: { to: name, reason: "x" } });
    expect((await refusalOf(await to("fra/db-1"))).detail).toContain("leads already");
    // The agent of db-2 has never asked for the lease.
    expect((await refusalOf(await to("fra/db-2"))).status).toBe(409);
    await ask("POST", `${own}/lease`, { body: { site: "fra", target: "db-2" } });
    await rpc().putOverride("fra", "db-2", { verdict: "node_dead", reason: "x", ttlMs: 60_000 });
    await expect.poll(async () => (await refusalOf(await to("fra/db-2"))).detail).toContain("node_dead");
    await rpc().deleteOverride("fra", "db-2");
    await expect.poll(async () => (await to("fra/db-2")).status).toBe(202);
    expect((await ask("POST", `${own}/lease`, lease)).status).toBe(409);
    expect((await ask("POST", `${own}/lease`, { body: { ...lease.body, released: 1 } })).status).toBe(204);
    expect((await ask("POST", `${own}/lease`, { body: { site: "fra", target: "db-2" } })).status).toBe(200);
    const held = await to("fra/db-1");
    expect(Number(held.headers.get("Retry-After"))).toBeGreaterThan(50);
    expect((await refusalOf(held)).detail).toContain("hold-down");
    const members = [MEMBERS[0]];
    expect(await tell("PUT", own, { body: { mode: "leader", members } })).toEqual([409, "members"]);
  });
});
