import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { Grants, hashOf } from "../../../src/api/access/grants.ts";
import { configOf } from "../../../src/config.ts";
import { DB1, problemIn, READ, world, type World } from "../world.ts";

const VANTAGE = { id: "lab-1", region: "hel", provider: "hetzner", sites: "all" };
const JSON_TYPE = { "Content-Type": "application/json" };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

/** Registers a vantage or makes a token. Returns what the answer shows once. */
const make = async (it: World, path: string, body: unknown): Promise<{ id: string; token: string }> => {
  const made = await it.send("POST", path, body);
  expect(made.status).toBe(201);
  return made.json();
};

const exchange = (it: World, token: string, body: unknown): Promise<Response> =>
  it.ask("/v1/observations", {
    method: "POST",
    headers: { ...bearer(token), ...JSON_TYPE },
    body: JSON.stringify(body),
  });

const REPORT = {
  sequence: 7,
  madeAt: "2026-11-22T18:30:05.000Z",
  version: 3,
  dropped: 0,
  observations: [
    {
      site: "fra",
      target: "db-1",
      subject: "target",
      begin: "2026-11-22T18:30:04.120Z",
      outcome: "ok",
      stage: "done",
      totalMs: 12,
    },
  ],
  controls: [],
};

describe("remote vantages", () => {
  it("are registered once, their token shown once and kept as a hash", async () => {
    const known = world();
    const { token } = await make(known, "/v1/vantages", VANTAGE);
    expect(token).toMatch(/^plx_[\w-]{43}$/);
    expect([...known.aggregator.tokens.keys()][0]).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify([...known.aggregator.tokens])).not.toContain(token);
    expect((await known.send("POST", "/v1/vantages", VANTAGE)).status).toBe(409);
  });

  it("report under the name their token has, with instants as RFC 3339", async () => {
    const known = world();
    const { token } = await make(known, "/v1/vantages", VANTAGE);
    known.aggregator.wanted.push({ site: "fra", target: "db-1", subject: "witness" });
    const reply = await exchange(known, token, { version: 3, reports: [REPORT] });
    expect(reply.status).toBe(200);
    expect(await reply.json()).toMatchObject({
      acknowledged: 7,
      wanted: [{ site: "fra", target: "db-1", subject: "witness" }],
      shards: 1,
    });
    expect(known.aggregator.exchanges[0]).toMatchObject({
      vantage: "lab-1",
      version: 3,
      reports: [
        { vantage: "lab-1", sequence: 7, observations: [{ begin: Date.UTC(2026, 10, 22, 18, 30, 4, 120) }] },
      ],
    });
  });

  it("that have nothing to report are held until probes are wanted", async () => {
    const known = world();
    const { token } = await make(known, "/v1/vantages", VANTAGE);
    const held = exchange(known, token, { version: 3, waitMs: 20_000 });
    await expect.poll(() => known.aggregator.exchanges.length).toBeGreaterThan(0);
    known.aggregator.wanted.push({ site: "fra", target: "db-1", subject: "target" });
    expect(((await (await held).json()) as { wanted: unknown[] }).wanted).toHaveLength(1);
  });

  it("are told of shards, and asked of each by its number", async () => {
    const known = world({ shards: 2, env: { SHARDS: "2" } });
    const { token } = await make(known, "/v1/vantages", VANTAGE);
    expect(known.shards[1]?.remote).toEqual(known.shards[0]?.remote);
    expect((await exchange(known, token, { shard: 1, version: 0 })).status).toBe(200);
    expect(known.shards[1]?.exchanges).toHaveLength(1);
    const beyond = await exchange(known, token, { shard: 2, version: 0 });
    expect((await problemIn(beyond)).errors).toEqual([
      { path: "shard", message: "must be below 2, the number of shards" },
    ]);
  });

  it("lose their token at once when it is rotated or they are forgotten", async () => {
    const known = world();
    const { token: old } = await make(known, "/v1/vantages", VANTAGE);
    const rotated = await known.send("POST", "/v1/vantages/lab-1/rotate", {});
    const { token } = await rotated.json<{ token: string }>();
    expect((await exchange(known, old, { version: 0 })).status).toBe(401);
    expect((await exchange(known, token, { version: 0 })).status).toBe(200);
    expect((await known.send("DELETE", "/v1/vantages/lab-1", {})).status).toBe(204);
    expect((await exchange(known, token, { version: 0 })).status).toBe(401);
    expect((await known.send("POST", "/v1/vantages/lab-1/rotate", {})).status).toBe(404);
  });

  it.each<[string, object, unknown]>([
    ["the sites it names", { sites: ["fra", "ams"] }, ["fra", "ams"]],
    ["all, where it says so", { sites: "all" }, "all"],
    ["the one it stands in", { site: "fra", sites: undefined }, ["fra"]],
    [
      "more than the one it stands in, where it says so",
      { site: "fra", sites: ["fra", "ams"] },
      ["fra", "ams"],
    ],
  ])("is made for %s", async (_name, part, sites) => {
    const known = world();
    const made = await known.send("POST", "/v1/vantages", { ...VANTAGE, ...part });
    expect([made.status, await made.json()]).toEqual([201, expect.objectContaining({ sites })]);
    expect(known.shards[0]?.remote).toMatchObject([{ id: "lab-1", sites }]);
  });

  it.each([
    ["no region", { id: "a", provider: "b" }, "region"],
    ["a name that is none", { ...VANTAGE, id: "Lab 1" }, "id"],
    ["none of the sites it is made for", { id: "a", region: "hel", provider: "b" }, "sites"],
    ["no site at all", { ...VANTAGE, sites: [] }, "sites"],
    ["a site twice", { ...VANTAGE, sites: ["fra", "fra"] }, "sites"],
    ["another word for all", { ...VANTAGE, sites: "*" }, "sites"],
    ["sites without the one it stands in", { ...VANTAGE, site: "fra", sites: ["ams"] }, "sites"],
    ["a field too many", { ...VANTAGE, token: "mine" }, "token"],
  ])("with %s are refused, naming the field", async (_name, body, path) => {
    const problem = await problemIn(await world().send("POST", "/v1/vantages", body));
    expect(problem.status).toBe(400);
    expect(problem.errors[0]?.path).toBe(path);
  });

  it.each([
    ["too many reports", { version: 0, reports: Array(21).fill(REPORT) }, "reports"],
    ["an instant that is none", { version: 0, reports: [{ ...REPORT, madeAt: 5 }] }, "reports.0.madeAt"],
    ["a wait too long", { version: 0, waitMs: 60_000 }, "waitMs"],
    ["no version", {}, "version"],
  ])("that send %s are told which field is wrong", async (_name, body, path) => {
    const known = world();
    const { token } = await make(known, "/v1/vantages", VANTAGE);
    const problem = await problemIn(await exchange(known, token, body));
    expect(problem.errors[0]?.path).toBe(path);
    expect(known.aggregator.exchanges).toEqual([]);
  });
});

describe("a text that is no token", () => {
  /** A token that was made here, with one or more of its characters changed. */
  const forged = (token: string) =>
    fc
      .array(
        fc.record({
          at: fc.integer({ min: 4, max: token.length - 1 }),
          to: fc.constantFrom("A", "Q", "w", "z", "0", "9", "-", "_"),
        }),
        { minLength: 1, maxLength: 43 },
      )
      .map((changes) => {
        const letters = token.split("");
        for (const { at, to } of changes) letters[at] = to;
        return letters.join("");
      })
      .filter((text) => text !== token);

  it("is refused by the isolate, and shard 0 is asked for the key alone, once", async () => {
    const known = world();
    const { token } = await make(known, "/v1/tokens", { scope: "read" });
    known.aggregator.calls = [];
    await fc.assert(
      fc.asyncProperty(forged(token), fc.constantFrom("GET", "DELETE"), async (text, method) => {
        expect((await known.ask("/v1/sites/fra/targets/x", { method, headers: bearer(text) })).status).toBe(
          401,
        );
      }),
      { numRuns: 1_000 },
    );
    expect(known.aggregator.calls.filter((call) => call !== "tokenKey")).toEqual([]);
    expect(known.aggregator.calls.length).toBeLessThanOrEqual(1);
    expect((await known.ask("/v1/sites", { headers: bearer(token) })).status).toBe(200);
    expect(known.aggregator.calls.filter((call) => call === "grant")).toHaveLength(1);
  });

  it("is asked about as long as a token is in use that was made before texts had a tag", async () => {
    const known = world();
    const old = `plx_${"a".repeat(43)}`;
    known.aggregator.isUntagged = true;
    known.aggregator.tokens.set(await hashOf(old), { id: "t-old", scope: "read", createdAt: REPORT.madeAt });
    const at = { env: known.env, config: configOf(known.env) };
    const grants = new Grants();
    expect(await grants.of(at, old, true)).toMatchObject({ scope: "read" });
    expect(await grants.of(at, `plx_${"b".repeat(43)}`, true)).toBeNull();
    expect(known.aggregator.calls.filter((call) => call === "grant")).toHaveLength(1);
  });
});

describe("stored tokens", () => {
  it("open what their scope says and nothing else", async () => {
    const known = world();
    await known.send("PUT", DB1, { url: "tcp://203.0.113.9:5432" });
    await known.send("PUT", "/v1/sites/fra/targets/db-2", { url: "tcp://203.0.113.9:5433" });
    const { token: reads } = await make(known, "/v1/tokens", { scope: "read", note: "haproxy" });
    const { token: speaks } = await make(known, "/v1/tokens", {
      scope: "notify",
      site: "fra",
      target: "db-1",
    });
    const { token: rules } = await make(known, "/v1/tokens", { scope: "admin" });
    const { token: looks } = await make(known, "/v1/vantages", VANTAGE);
    const status = async (method: string, path: string, token: string, body?: unknown) =>
      (
        await known.ask(path, {
          method,
          headers: { ...bearer(token), ...(body === undefined ? {} : JSON_TYPE) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
      ).status;
    const beat = { bootId: "b" };
    const table: [string, string, unknown, number, number, number, number][] = [
      ["GET", `${DB1}/up`, undefined, 200, 403, 200, 403],
      ["GET", `${DB1}/verdict`, undefined, 200, 403, 200, 403],
      ["GET", "/v1/drills", undefined, 200, 403, 200, 403],
      ["GET", "/v1/tokens", undefined, 403, 403, 200, 403],
      ["POST", `${DB1}/heartbeats`, beat, 403, 202, 202, 403],
      ["POST", `${DB1}/notices`, { ...beat, kind: "crash" }, 403, 202, 202, 403],
      ["POST", "/v1/sites/fra/targets/db-2/heartbeats", beat, 403, 403, 202, 403],
      ["POST", "/v1/observations", { version: 0 }, 403, 403, 403, 200],
    ];
    for (const [method, path, body, ...expected] of table)
      expect(
        await Promise.all([reads, speaks, rules, looks].map((token) => status(method, path, token, body))),
        `${method} ${path}`,
      ).toEqual(expected);
    expect((await known.ask(`/k/${reads}${DB1}/up`)).status).toBe(200);
    expect((await known.ask(`/k/${speaks}${DB1}/up`)).status).toBe(403);
    expect((await known.ask(`/k/${rules}/v1/tokens`)).status).toBe(403);
  });

  it("are listed without their text, and open nothing once they are revoked", async () => {
    const known = world();
    const { id, token } = await make(known, "/v1/tokens", { scope: "notify", site: "fra", target: "db-1" });
    const listed = await known.ask("/v1/tokens", { headers: bearer("the-admin-token") });
    expect(await listed.clone().text()).not.toContain(token);
    expect(await listed.json()).toMatchObject({
      tokens: [{ id, scope: "notify", site: "fra", target: "db-1" }],
    });
    expect((await known.send("DELETE", `/v1/tokens/${id}`, {})).status).toBe(204);
    const beat = await known.send("POST", `${DB1}/heartbeats`, { bootId: "b" }, bearer(token));
    expect(beat.status).toBe(401);
    expect((await known.send("DELETE", `/v1/tokens/${id}`, {})).status).toBe(404);
  });

  it("are made by an admin alone, and for something", async () => {
    const known = world();
    expect((await known.send("POST", "/v1/tokens", { scope: "read" }, READ)).status).toBe(403);
    for (const [body, path] of [
      [{ scope: "vantage" }, "scope"],
      [{ scope: "notify", site: "fra" }, "target"],
      [{ scope: "read", site: "fra" }, "site"],
      [{}, "scope"],
    ] as const)
      expect((await problemIn(await known.send("POST", "/v1/tokens", body))).errors[0]?.path).toBe(path);
  });

  it("are asked about once in ten seconds while they read, and always before they change anything", async () => {
    const known = world();
    await known.send("PUT", DB1, { url: "tcp://203.0.113.9:5432" });
    const { token } = await make(known, "/v1/tokens", { scope: "admin" });
    const asked = () => known.aggregator.calls.filter((call) => call === "grant").length;
    for (let read = 0; read < 5; read++) await known.ask(`${DB1}/up`, { headers: bearer(token) });
    expect(asked()).toBe(1);
    for (let beat = 0; beat < 3; beat++)
      await known.send("POST", `${DB1}/heartbeats`, { bootId: "b" }, bearer(token));
    expect(asked()).toBe(4);
  });

  it("that were known go on reading while nobody can be asked", async () => {
    const known = world();
    await known.send("PUT", DB1, { url: "tcp://203.0.113.9:5432" });
    const { token } = await make(known, "/v1/tokens", { scope: "read" });
    expect((await known.ask(`${DB1}/up`, { headers: bearer(token) })).status).toBe(200);
    known.aggregator.mood = async () => {
      throw new Error("gone");
    };
    vi.setSystemTime(Date.now() + 60_000);
    expect((await known.ask(`${DB1}/up`, { headers: bearer(token) })).status).toBe(200);
    vi.useRealTimers();
  });

  it("that nobody made are not even asked about", async () => {
    const known = world();
    for (const token of ["plx_short", "x".repeat(47), `plx_${"!".repeat(43)}`])
      expect((await known.ask(`${DB1}/up`, { headers: bearer(token) })).status).toBe(401);
    expect(known.aggregator.calls).toEqual([]);
  });
});

describe("a node's own words", () => {
  it.each([
    ["heartbeats", {}, "bootId"],
    ["heartbeats", { bootId: "a b" }, "bootId"],
    ["heartbeats", { bootId: "b", everyMs: 10 }, "everyMs"],
    ["notices", { bootId: "b", kind: "died" }, "kind"],
    ["notices", { bootId: "b", kind: "crash", at: "yesterday" }, "at"],
    ["notices", { bootId: "b", kind: "crash", pid: 7 }, "pid"],
  ])("%s like %j are refused, naming the field", async (path, body, field) => {
    const problem = await problemIn(await world().send("POST", `${DB1}/${path}`, body));
    expect(problem.status).toBe(400);
    expect(problem.errors[0]?.path).toBe(field);
  });

  it("that are ignored say so, and are no error", async () => {
    const known = world();
    await known.send("PUT", DB1, { url: "tcp://203.0.113.9:5432" });
    const heard = await known.send("POST", `${DB1}/notices`, { bootId: "over", kind: "crash" });
    expect(heard.status).toBe(202);
    expect(await heard.json()).toMatchObject({ accepted: false });
  });
});
