import { beforeEach, describe, expect, it, vi } from "vitest";
import type { MuteAnswer } from "../../../src/domain/mute.ts";
import type { NewToken } from "../../../src/domain/token.ts";
import { platformError, verdictOf } from "../fake.ts";
import { advice, stage } from "../stage.ts";
import { ADMIN, DB1, problemIn, READ, world } from "../world.ts";

const UNTIL = "2026-11-23T00:00:00.000Z";
const BODY = { site: "fra", target: "db-1", until: UNTIL, reason: "works" };

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const deployed = async (shards = 3) => {
  const made = world({ shards });
  for (const site of ["fra", "ams", "hel", "lon"])
    await made.send("PUT", `/v1/sites/${site}/targets/db-1`, { url: "http://192.0.2.1/" });
  const listed = async (query = "", headers: Record<string, string> = READ): Promise<string[]> => {
    const answer = await made.ask(`/v1/mutes${query}`, { headers });
    return (await answer.json<{ mutes: MuteAnswer[] }>()).mutes.map(({ id }) => id);
  };
  return { ...made, listed };
};

describe("mutes", () => {
  it("are made, replaced, shown, listed over all shards and ended", async () => {
    const { ask, send, listed } = await deployed();
    const made = await send("PUT", "/v1/mutes/b", BODY);
    expect([made.status, await made.json()]).toEqual([201, { ...BODY, id: "b", by: "ADMIN_TOKEN" }]);
    expect((await send("PUT", "/v1/mutes/b", { ...BODY, target: null })).status).toBe(200);
    for (const [id, site] of Object.entries({ c: "ams", a: "hel", d: "lon" }))
      expect((await send("PUT", `/v1/mutes/${id}`, { ...BODY, site, target: null })).status).toBe(201);
    expect(await listed()).toEqual(["a", "b", "c", "d"]);
    expect(await listed("?site=ams")).toEqual(["c"]);
    expect(await listed("?site=nowhere")).toEqual([]);
    const shown = await ask("/v1/mutes/b", { headers: READ });
    expect(await shown.json()).toMatchObject({ id: "b", site: "fra", target: null });
    expect((await ask("/v1/mutes/b", { method: "DELETE", headers: ADMIN })).status).toBe(204);
    for (const method of ["GET", "DELETE"]) {
      const gone = await ask("/v1/mutes/b", { method, headers: ADMIN });
      expect(await problemIn(gone)).toMatchObject({ status: 404, errors: [{ path: "id" }] });
    }
  });

  it("stay with their site, in whichever shard that is", async () => {
    const { send, listed } = await deployed();
    await send("PUT", "/v1/mutes/a", BODY);
    for (const site of ["ams", "hel", "lon"]) {
      const refused = await send("PUT", "/v1/mutes/a", { ...BODY, site });
      expect(await problemIn(refused)).toMatchObject({ status: 409, errors: [{ path: "site" }] });
    }
    expect(await listed()).toEqual(["a"]);
  });

  it("of a site whose shard answers are made while another does not; a list without it is none", async () => {
    const { ask, send, shards } = await deployed();
    const own = shards.find(({ targets }) => targets.has("fra/db-1"));
    const other = shards.find((one) => one !== own);
    if (other !== undefined)
      other.mood = async () => {
        throw platformError();
      };
    expect((await send("PUT", "/v1/mutes/a", BODY)).status).toBe(201);
    expect((await ask("/v1/mutes", { headers: READ })).status).toBe(503);
  });

  it.each<[string, object, string]>([
    ["no site", { site: undefined }, "site"],
    ["a site that is no name", { site: "Fra" }, "site"],
    ["a target that is no name", { target: "" }, "target"],
    ["no end", { until: undefined }, "until"],
    ["an end that is no instant", { until: "tomorrow" }, "until"],
    ["an end of no calendar", { until: "2026-02-30T00:00:00Z" }, "until"],
    ["no reason", { reason: "" }, "reason"],
    ["too long a reason", { reason: "x".repeat(501) }, "reason"],
    ["a field that is none", { sites: ["fra"] }, ""],
  ])("are refused with %s, and the field is named", async (_, changes, path) => {
    const { send } = await deployed(1);
    const problem = await problemIn(await send("PUT", "/v1/mutes/a", { ...BODY, ...changes }));
    expect(problem).toMatchObject({ status: 400, errors: [{ path: expect.stringContaining(path) }] });
  });

  it("have ids like all others, and need an administrator to be made and ended", async () => {
    const { ask, send } = await deployed(1);
    expect((await send("PUT", "/v1/mutes/Not_A_Name", BODY)).status).toBe(400);
    for (const method of ["PUT", "DELETE"]) {
      const init = { method, headers: { ...READ, "Content-Type": "application/json" } };
      const body = method === "PUT" ? JSON.stringify(BODY) : null;
      expect((await ask("/v1/mutes/a", { ...init, body })).status).toBe(403);
    }
  });

  it("are shown to a token of some sites as far as they are of these", async () => {
    const { ask, send, listed } = await deployed();
    await send("PUT", "/v1/mutes/ours", BODY);
    await send("PUT", "/v1/mutes/theirs", { ...BODY, site: "ams" });
    const answer = await send("POST", "/v1/tokens", { scope: "read", sites: ["fra"] });
    const headers = { Authorization: `Bearer ${(await answer.json<NewToken>()).token}` };
    expect(await listed("", headers)).toEqual(["ours"]);
    expect((await ask("/v1/mutes/ours", { headers })).status).toBe(200);
    const [theirs, none] = await Promise.all(
      ["theirs", "none"].map(async (id) => (await ask(`/v1/mutes/${id}`, { headers })).text()),
    );
    expect(theirs?.replaceAll("theirs", "none")).toBe(none);
    expect((await ask("/v1/mutes?site=ams", { headers })).status).toBe(403);
  });

  it("leave every check and every export as it is, and are a gauge", async () => {
    const dead = { verdict: "node_dead", advice: advice("avoid", true) } as const;
    const muted = { id: "m", until: UNTIL, reason: "works" };
    const paths = ["up", "avoid", "failover", "consul", "health"].map((kind) => `${DB1}/${kind}`);
    const said = async (changes: object) => {
      const { aggregator, ask } = stage({ ...dead, ...changes });
      const told = await Promise.all(
        [...paths, "/v1/avoid", "/v1/export/gdnsd"].map(async (path) => {
          const answer = await ask(path, { headers: READ });
          return [answer.status, await answer.text()];
        }),
      );
      expect(aggregator.goAheads.flat().length).toBeGreaterThan(0);
      return told;
    };
    expect(await said({ muted })).toEqual(await said({}));
    const gauge = async (verdict: object): Promise<string | undefined> => {
      const { ask } = stage(verdict);
      const text = await (await ask("/v1/metrics", { headers: READ })).text();
      return /^parallax_target_muted\{site="fra",target="db-1"\} (\d)$/m.exec(text)?.[1];
    };
    const { muted: _, ...earlier } = verdictOf();
    expect([await gauge({ muted }), await gauge({}), await gauge(earlier)]).toEqual(["1", "0", "0"]);
  });
});
