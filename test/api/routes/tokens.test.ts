import { describe, expect, it, vi } from "vitest";
import type { NewToken, TokenAnswer } from "../../../src/domain/token.ts";
import { platformError } from "../fake.ts";
import { ADMIN, problemIn, world, type World } from "../world.ts";

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const url = "http://127.0.0.1/";

/** Makes a token. Returns what the answer shows once. */
const make = async (it: World, body: unknown): Promise<NewToken> => {
  const made = await it.send("POST", "/v1/tokens", body);
  expect(made.status).toBe(201);
  return made.json<NewToken>();
};

describe("a token of some sites", () => {
  const SITES = ["fra", "ams", "sin"];
  const READS = ["", "/verdict", "/up", "/avoid", "/failover", "/consul", "/health", "/history"];
  const confined = async (sites: string[], shards = 1) => {
    const known = world({ shards });
    for (const site of SITES) await known.send("PUT", `/v1/sites/${site}/targets/db-1`, { url });
    const { token } = await make(known, { scope: "read", sites });
    const statusOf = async (path: string, init: RequestInit = { headers: bearer(token) }) =>
      (await known.ask(path, init)).status;
    return { ...known, token, statusOf };
  };

  it("reads these sites' targets and no other's, in a header and in a path", async () => {
    const { token, statusOf } = await confined(["fra", "sin"]);
    for (const read of READS) {
      const fra = await statusOf(`/v1/sites/fra/targets/db-1${read}`);
      expect([200, 409], read).toContain(fra);
      expect(await statusOf(`/k/${token}/v1/sites/sin/targets/db-1${read}`, {}), read).toBe(fra);
      expect(await statusOf(`/v1/sites/ams/targets/db-1${read}`), read).toBe(403);
      expect(await statusOf(`/k/${token}/v1/sites/ams/targets/db-1${read}`, {}), read).toBe(403);
      // Nor does the token learn whether there is such a target.
      expect(await statusOf(`/v1/sites/gru/targets/db-1${read}`), read).toBe(403);
    }
    expect(await statusOf("/v1/sites/fra/targets")).toBe(200);
    expect(await statusOf("/v1/sites/ams/targets")).toBe(403);
  });

  it.each(["am%73", "%61ms", "ams%00", "fra%2F..%2Fams", "AMS"])(
    "is not led round by the name %s",
    async (name) => {
      const { statusOf } = await confined(["fra"]);
      for (const read of READS)
        expect(await statusOf(`/v1/sites/${name}/targets/db-1${read}`), read).toBe(403);
    },
  );

  it("sees its sites alone in the list of sites, over all shards, and all vantages", async () => {
    const { ask, token, statusOf } = await confined(["sin", "fra", "nowhere"], 3);
    expect(await (await ask("/v1/sites", { headers: bearer(token) })).json()).toEqual({
      sites: [
        { site: "fra", targets: 1 },
        { site: "sin", targets: 1 },
      ],
    });
    expect(await statusOf("/v1/vantages")).toBe(200);
  });

  it("changes nothing, sites of its own included", async () => {
    const { statusOf, token } = await confined(["fra"]);
    const headers = { ...bearer(token), "Content-Type": "application/json" };
    const put = { method: "PUT", headers, body: JSON.stringify({ url }) };
    expect(await statusOf("/v1/sites/fra/targets/db-1", put)).toBe(403);
    expect(await statusOf("/v1/tokens")).toBe(403);
    expect(await statusOf("/v1/drills", { ...put, method: "POST" })).toBe(403);
  });

  it("is listed with its sites", async () => {
    const { ask } = await confined(["fra", "sin"]);
    const { tokens } = await (await ask("/v1/tokens", { headers: ADMIN })).json<{ tokens: TokenAnswer[] }>();
    expect(tokens).toMatchObject([{ scope: "read", sites: ["fra", "sin"] }]);
  });

  const many = Array.from({ length: 33 }, (_, index) => `site-${index}`);
  it.each([
    [{ scope: "read", sites: [] }, "sites"],
    [{ scope: "read", sites: many }, "sites"],
    [{ scope: "read", sites: "fra" }, "sites"],
    [{ scope: "read", sites: null }, "sites"],
    [{ scope: "read", sites: ["fra", "fra"] }, "sites"],
    [{ scope: "read", sites: ["fra", "Not-A-Name"] }, "sites.1"],
    [{ scope: "read", sites: ["fra", 7] }, "sites.1"],
    [{ scope: "admin", sites: ["fra"] }, "sites"],
    [{ scope: "notify", site: "fra", target: "db-1", sites: ["fra"] }, "sites"],
  ])("%j: 400 and `%2$s` named", async (body, path) => {
    const problem = await problemIn(await world().send("POST", "/v1/tokens", body));
    expect(problem.status).toBe(400);
    expect(problem.errors.map((error) => error.path)).toEqual([path]);
  });

  it("may name 32 sites", async () => {
    expect((await make(world(), { scope: "read", sites: many.slice(0, 32) })).sites).toHaveLength(32);
  });
});

describe("a rotation", () => {
  const DB1 = "/v1/sites/fra/targets/db-1";
  const made = async (body: unknown = { scope: "read" }) => {
    const known = world();
    await known.send("PUT", DB1, { url });
    const { id, token } = await make(known, body);
    const rotate = (init: RequestInit = {}) =>
      known.ask(`/v1/tokens/${id}/rotate`, { method: "POST", headers: ADMIN, ...init });
    const opens = async (text: string) => {
      const headers = bearer(text);
      const byHeader = (await known.ask(`${DB1}/up`, { headers })).status;
      expect((await known.ask(`/k/${text}${DB1}/up`)).status).toBe(byHeader);
      return byHeader === 200;
    };
    return { ...known, id, token, rotate, opens };
  };
  const withBody = (text: string) => ({
    headers: { ...ADMIN, "Content-Type": "application/json" },
    body: text,
  });

  it.each([
    ["no body", {}],
    ["no body, though JSON is announced", { headers: { ...ADMIN, "Content-Type": "application/json" } }],
    ["an empty object", withBody("{}")],
    ["a grace of 0", withBody('{"graceMs": 0}')],
  ])("with %s gives a new text and voids the old one", async (_, init) => {
    const { id, token, rotate, opens } = await made({ scope: "read", sites: ["fra"], note: "dns" });
    const answer = await rotate(init);
    expect(answer.status).toBe(200);
    const rotated = await answer.json<NewToken>();
    expect(rotated).toMatchObject({ id, scope: "read", sites: ["fra"], note: "dns" });
    expect(rotated.token).toMatch(/^plx_[\w-]{43}$/);
    expect(rotated.token).not.toBe(token);
    expect([await opens(token), await opens(rotated.token)]).toEqual([false, true]);
  });

  it("with a grace lets the old text open for so long", async () => {
    const { token, rotate, opens } = await made();
    const rotated = await (await rotate(withBody('{"graceMs": 60000}'))).json<NewToken>();
    expect([await opens(token), await opens(rotated.token)]).toEqual([true, true]);
    vi.setSystemTime(Date.now() + 71_000);
    expect([await opens(token), await opens(rotated.token)]).toEqual([false, true]);
    vi.useRealTimers();
  });

  it("asks shard 0 again with the same text where its answer was lost", async () => {
    const { rotate, aggregator, opens } = await made();
    let failures = 1;
    aggregator.mood = async (call) => {
      if (call === "rotateToken" && failures-- > 0) throw platformError({ retryable: true });
    };
    const rotated = await (await rotate()).json<NewToken>();
    expect(await opens(rotated.token)).toBe(true);
  });

  it.each([
    ["a grace of over a day", '{"graceMs": 86400001}', ["graceMs"]],
    ["a grace below 0", '{"graceMs": -1}', ["graceMs"]],
    ["half a millisecond", '{"graceMs": 0.5}', ["graceMs"]],
    ["a grace as text", '{"graceMs": "0"}', ["graceMs"]],
    ["a grace of null", '{"graceMs": null}', ["graceMs"]],
    ["an unknown field", '{"grace": 1}', ["grace"]],
    ["a list", "[]", [""]],
    ["null", "null", [""]],
  ])("with %s: 400 and the field named", async (_, text, fields) => {
    const { rotate, token, opens } = await made();
    const problem = await problemIn(await rotate(withBody(text)));
    expect(problem.status).toBe(400);
    expect(problem.errors.map(({ path }) => path)).toEqual(fields);
    expect(await opens(token)).toBe(true);
  });

  it("refuses what is no JSON, is not declared as such, or is too large", async () => {
    const { rotate, token, opens } = await made();
    const form = { headers: { ...ADMIN, "Content-Type": "text/plain" }, body: "{}" };
    expect((await problemIn(await rotate(withBody("{")))).status).toBe(400);
    expect((await problemIn(await rotate(form))).status).toBe(415);
    expect((await problemIn(await rotate(withBody(`{"x":"${"x".repeat(70_000)}"}`)))).status).toBe(413);
    expect(await opens(token)).toBe(true);
  });

  it("needs an admin's token in a header, and a token that is there and no vantage's", async () => {
    const { ask, send, rotate, id, token } = await made();
    expect((await rotate({ headers: bearer(token) })).status).toBe(403);
    expect((await rotate({ headers: {} })).status).toBe(401);
    expect((await ask(`/k/the-admin-token/v1/tokens/${id}/rotate`, { method: "POST" })).status).toBe(403);
    const of = async (name: string) =>
      (await ask(`/v1/tokens/${name}/rotate`, { method: "POST", headers: ADMIN })).status;
    expect([await of("t-none"), await of("T_None"), await of("%zz")]).toEqual([404, 400, 400]);
    const vantage = { id: "lab-1", region: "hel", provider: "hetzner", sites: "all" };
    expect((await send("POST", "/v1/vantages", vantage)).status).toBe(201);
    const { tokens } = await (await ask("/v1/tokens", { headers: ADMIN })).json<{ tokens: TokenAnswer[] }>();
    const own = tokens.find(({ scope }) => scope === "vantage")?.id ?? "";
    expect(await of(own)).toBe(409);
  });
});
