import { describe, expect, it } from "vitest";
import type { NewToken, TokenAnswer } from "../../src/domain/token.ts";
import { ADMIN, problemIn, world, type World } from "./world.ts";

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const url = "http://127.0.0.1/";

/** Makes a token; what is shown once. */
const make = async (it: World, body: unknown): Promise<NewToken> => {
  const made = await it.send("POST", "/v1/tokens", body);
  expect(made.status).toBe(201);
  return made.json<NewToken>();
};

describe("a token of some sites", () => {
  const SITES = ["fra", "ams", "sin"];
  const READS = ["", "/verdict", "/up", "/avoid", "/failover", "/history"];
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
      // Whether there is such a target it does not learn either.
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
    expect(await statusOf("/v1/drills")).toBe(403);
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
