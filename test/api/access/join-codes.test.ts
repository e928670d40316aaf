import { afterEach, describe, expect, it, vi } from "vitest";
import { readCode } from "../../../src/domain/join-code.ts";
import type { NewJoin, NewlyJoined } from "../../../src/domain/join.ts";
import { newCode } from "../../../src/api/access/join-codes.ts";
import { platformError } from "../fake.ts";
import { ADMIN, problemIn, READ, world, type World } from "../world.ts";

afterEach(() => vi.restoreAllMocks());

const VANTAGE = { kind: "vantage", id: "hel-1", sites: ["fra"] };
const AGENT = { kind: "agent", sites: ["fra"] };
const NONCE = "a-nonce-of-some-length";
const THERE = { site: "fra", target: "db-1" };

const make = async (it: World, body: object): Promise<NewJoin> => {
  const made = await it.send("POST", "/v1/joins", body);
  expect(made.status).toBe(201);
  expect(made.headers.get("Cache-Control")).toBe("no-store");
  return made.json<NewJoin>();
};

/** Without a token. */
const trade = (it: World, body: unknown): Promise<Response> =>
  it.ask("/v1/joins/trade", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });

describe("POST /v1/joins", () => {
  it("shows a code once, and keeps a hash of it only", async () => {
    const known = world();
    const made = await make(known, { ...VANTAGE, ttlMs: 60_000 });
    expect(made).toMatchObject({ ...VANTAGE, state: "open", join: expect.stringMatching(/^j-[0-9a-z]{7}$/) });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).toBe(60_000);
    expect(made.code.slice(0, 7).toLowerCase()).toBe(made.join.slice(2));
    const plain = made.code.replaceAll("-", "");
    expect(readCode(made.code)).toEqual({ code: plain });
    const kept = JSON.stringify([...known.aggregator.joins.values()]);
    expect(kept).not.toContain(plain.slice(7));
    expect(kept).not.toContain(made.code.slice(7));
    const { joins } = await (await known.ask("/v1/joins", { headers: ADMIN })).json<{ joins: object[] }>();
    expect(JSON.stringify(joins)).not.toContain("code");
    expect((await known.send("DELETE", `/v1/joins/${made.join}`, {})).status).toBe(204);
    expect((await known.send("DELETE", `/v1/joins/${made.join}`, {})).status).toBe(404);
  });

  it("lives for a quarter of an hour unless it is said", async () => {
    const { createdAt, expiresAt } = await make(world(), AGENT);
    expect(Date.parse(expiresAt) - Date.parse(createdAt)).toBe(900_000);
  });

  it.each([
    [{ ...VANTAGE, kind: "node" }, "kind"],
    [{ ...VANTAGE, kind: undefined }, "kind"],
    [{ ...VANTAGE, id: "Hel 1" }, "id"],
    [{ ...VANTAGE, sites: undefined }, "sites"],
    [{ ...VANTAGE, sites: [] }, "sites"],
    [{ ...VANTAGE, sites: ["fra", "fra"] }, "sites"],
    [{ ...VANTAGE, sites: Array.from({ length: 33 }, (_, index) => `site-${index}`) }, "sites"],
    [{ ...VANTAGE, site: "ams" }, "sites"],
    [{ ...VANTAGE, region: "" }, "region"],
    [{ ...VANTAGE, ttlMs: 3_600_001 }, "ttlMs"],
    [{ ...VANTAGE, ttlMs: 999 }, "ttlMs"],
    [{ ...VANTAGE, ttlMs: "1h" }, "ttlMs"],
    [{ ...VANTAGE, note: "x".repeat(101) }, "note"],
    [{ ...VANTAGE, scope: "admin" }, "scope"],
    [{ ...AGENT, sites: "all" }, "sites"],
    [{ ...AGENT, site: "fra" }, "site"],
    [{ ...AGENT, region: "hel" }, "region"],
    [{ ...AGENT, provider: "own" }, "provider"],
  ])("%j is wrong in %s", async (body, path) => {
    const { status, errors } = await problemIn(await world().send("POST", "/v1/joins", body));
    expect(status).toBe(400);
    expect(errors.map((error) => error.path)).toContain(path);
  });

  it("is for administrators", async () => {
    const { send, ask } = world();
    expect((await send("POST", "/v1/joins", VANTAGE, READ)).status).toBe(403);
    expect((await send("DELETE", "/v1/joins/j-1", {}, READ)).status).toBe(403);
    expect((await ask("/v1/joins", { headers: READ })).status).toBe(403);
    expect((await ask("/v1/joins")).status).toBe(401);
  });
});

describe("POST /v1/joins/trade", () => {
  it("gives a vantage its token, with which it reports", async () => {
    const known = world({ shards: 2 });
    const { code, join } = await make(known, VANTAGE);
    const traded = await trade(known, { code: code.toLowerCase(), nonce: NONCE, kind: "vantage" });
    expect(traded.status).toBe(201);
    expect(traded.headers.get("Cache-Control")).toBe("no-store");
    const { token, ...rest } = await traded.json<NewlyJoined>();
    expect(rest).toEqual({ join, kind: "vantage", vantage: "hel-1" });
    const headers = { Authorization: `Bearer ${token}` };
    expect((await known.send("POST", "/v1/observations", { version: 0 }, headers)).status).toBe(200);
    // The other shard was called.
    expect(known.shards[1]?.calls).toContain("follow");
  });

  it("gives an agent the notify token of its target, and no other", async () => {
    const known = world();
    await known.send("PUT", "/v1/sites/fra/targets/db-1", { url: "http://127.0.0.1/" });
    const { code } = await make(known, AGENT);
    const { token } = await (
      await trade(known, { code, nonce: NONCE, kind: "agent", ...THERE })
    ).json<NewlyJoined>();
    const beat = (target: string) =>
      known.send(
        "POST",
        `/v1/sites/fra/targets/${target}/heartbeats`,
        { bootId: "a" },
        {
          Authorization: `Bearer ${token}`,
        },
      );
    expect((await beat("db-1")).status).toBe(202);
    expect((await beat("db-2")).status).toBe(403);
  });

  const code = "7K3M9QX-0000000-0000000-0000000";
  it.each([
    [{ code, nonce: NONCE, kind: "vantage" }, "code", "was mistyped"],
    [{ code: "7K3M9QX", nonce: NONCE, kind: "vantage" }, "code", "must be a join code"],
    [{ code: "x".repeat(101), nonce: NONCE, kind: "vantage" }, "code", ""],
    [{ nonce: NONCE, kind: "vantage" }, "code", ""],
    [{ code, nonce: "short", kind: "vantage" }, "nonce", "must be 20 to 64"],
    [{ code, nonce: "x".repeat(65), kind: "vantage" }, "nonce", "must be 20 to 64"],
    [{ code, nonce: NONCE, kind: "admin" }, "kind", ""],
    [{ code, nonce: NONCE, kind: "agent", site: "fra" }, "target", "is required"],
    [{ code, nonce: NONCE, kind: "agent", target: "db-1" }, "site", "is required"],
    [{ code, nonce: NONCE, kind: "vantage", ...THERE }, "site", "is for agents only"],
  ])("%j is wrong in %s: %s", async (body, path, message) => {
    const known = world();
    const { status, errors } = await problemIn(await trade(known, body));
    expect(status).toBe(400);
    expect(errors).toContainEqual({ path, message: expect.stringContaining(message) });
    expect(known.aggregator.calls).toEqual([]);
  });

  it("tells a guess nothing, and asks nobody about it", async () => {
    const known = world();
    await make(known, AGENT);
    const asked = { nonce: NONCE, kind: "agent", ...THERE };
    for (let guess = 0; guess < 20; guess++) {
      const forged = await newCode(`another key ${guess}`);
      const problem = await problemIn(await trade(known, { ...asked, code: forged }));
      expect([problem.status, problem.detail]).toEqual([404, expect.stringContaining("no such join code")]);
    }
    expect(known.aggregator.calls).not.toContain("tradeJoin");
    expect(known.aggregator.calls).not.toContain("addToken");
    // A code with this deployment's key that the deployment never made.
    const { key } = await known.aggregator.tokenKey();
    const problem = await problemIn(await trade(known, { ...asked, code: await newCode(key) }));
    expect(problem.detail).toContain("no such join code");
  });

  it("says which it is of a code that was used, and one that has expired", async () => {
    const known = world();
    const { code: good } = await make(known, AGENT);
    const asked = { code: good, nonce: NONCE, kind: "agent", ...THERE };
    await trade(known, asked);
    const used = await problemIn(await trade(known, asked));
    expect([used.status, used.errors[0]?.path]).toEqual([409, "code"]);
    // Of a flood of calls with a code that is over, shard 0 is asked about one a second.
    const { calls } = known.aggregator;
    const count = calls.length;
    for (let time = 0; time < 20; time++) {
      const answer = await trade(known, asked);
      expect([answer.status, answer.headers.get("Retry-After")]).toEqual([503, "1"]);
    }
    expect(calls).toHaveLength(count);
    const now = Date.now() + 1_000;
    vi.spyOn(Date, "now").mockImplementation(() => now);
    known.aggregator.tradeJoin = async () => ({
      ok: false,
      refusal: { reason: "expired", detail: "the code expired at noon", path: "code" },
    });
    const late = await problemIn(await trade(known, asked));
    expect([late.status, late.type]).toEqual([410, "urn:parallax:problem:expired"]);
  });

  it("is our own trouble where shard 0 does not answer, or is of an earlier release", async () => {
    const known = world();
    const { code: good } = await make(known, AGENT);
    for (const error of [
      platformError(),
      new TypeError('The RPC receiver does not implement the method "tradeJoin".'),
    ]) {
      known.aggregator.mood = async (call) => {
        if (call === "tradeJoin") throw error;
      };
      const answer = await trade(known, { code: good, nonce: NONCE, kind: "agent", ...THERE });
      expect(answer.status).toBe(503);
      expect(answer.headers.get("Retry-After")).toBe("1");
    }
  });
});
