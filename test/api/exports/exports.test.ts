import { beforeEach, describe, expect, it, vi } from "vitest";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { verdictOf } from "../fake.ts";
import { advice } from "../stage.ts";
import { ADMIN, problemIn, READ, world, type World } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

type Placed = [key: string, url: string, changes?: Partial<VerdictAnswer>, rehearsal?: boolean];

/** A world with these targets, each with its verdict. */
const placed = async (...targets: Placed[]): Promise<World> => {
  const built = world({ shards: 3 });
  for (const [key, url, changes = {}, rehearsal = false] of targets) {
    const [site = "", target = ""] = key.split("/");
    expect((await built.send("PUT", `/v1/sites/${site}/targets/${target}`, { url })).status).toBe(201);
    const shard = built.shards.find((one) => one.readings.has(key));
    shard?.judge(verdictOf({ site, target, ...changes }), rehearsal);
  }
  return built;
};

const dead: Partial<VerdictAnswer> = { verdict: "node_dead", advice: advice("avoid", true) };

describe("GET /v1/sd", () => {
  const listed = async ({ ask }: World, query = "") => {
    const answer = await ask(`/v1/sd${query}`, { headers: READ });
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([200, "application/json"]);
    return answer.json<{ targets: string[]; labels: Record<string, string> }[]>();
  };

  it("has a group for each target, and where it is in parts", async () => {
    const built = await placed(
      ["fra/db-1", "http://192.0.2.1:9001/health?a=b"],
      ["ams/web", "https://WWW.example.com/", { paused: true }],
      ["sin/v6", "tcp://[2001:db8::1]:5432"],
    );
    expect(await listed(built)).toEqual([
      {
        targets: ["www.example.com:443"],
        labels: {
          __meta_parallax_site: "ams",
          __meta_parallax_target: "web",
          __meta_parallax_url: "https://www.example.com/",
          __meta_parallax_scheme: "https",
          __meta_parallax_host: "www.example.com",
          __meta_parallax_port: "443",
          __meta_parallax_paused: "true",
        },
      },
      {
        targets: ["192.0.2.1:9001"],
        labels: expect.objectContaining({
          __meta_parallax_url: "http://192.0.2.1:9001/health?a=b",
          __meta_parallax_paused: "false",
        }),
      },
      {
        targets: ["[2001:db8::1]:5432"],
        labels: expect.objectContaining({
          __meta_parallax_url: "tcp://[2001:db8::1]:5432",
          __meta_parallax_host: "[2001:db8::1]",
          __meta_parallax_port: "5432",
        }),
      },
    ]);
  });

  it("is ASCII, whatever the address was written in", async () => {
    const built = await placed(["fra/db-1", "http://bücher.example/käse?ü=ß"]);
    const text = JSON.stringify(await listed(built));
    expect(text).toMatch(/^[\x20-\x7e]+$/);
    expect(text).toContain("xn--bcher-kva.example:80");
  });

  it("of a deployment without targets is an empty list, and of a site without any 404", async () => {
    expect(await listed(world())).toEqual([]);
    expect((await world().ask("/v1/sd?site=nowhere", { headers: READ })).status).toBe(404);
  });

  it("of one site has that site's targets", async () => {
    const built = await placed(["fra/db-1", "http://192.0.2.1/"], ["ams/db-1", "http://192.0.2.2/"]);
    expect((await listed(built, "?site=ams")).map(({ targets }) => targets)).toEqual([["192.0.2.2:80"]]);
  });

  it("is an error where a shard does not answer: Prometheus would drop the targets that are missing", async () => {
    const built = await placed(["fra/db-1", "http://192.0.2.1/"]);
    built.shards[0]!.mood = () => Promise.reject(new Error("gone"));
    expect((await problemIn(await built.ask("/v1/sd", { headers: READ }))).status).toBe(503);
  });
});

describe("GET /v1/export/gdnsd", () => {
  const lines = async ({ ask }: World, query = ""): Promise<string[]> => {
    const answer = await ask(`/v1/export/gdnsd${query}`, { headers: READ });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
    const text = await answer.text();
    expect(text.at(-1)).toBe("\n");
    return text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  };

  it("has every host in order: addresses as they are, names with the dot that gdnsd has", async () => {
    const built = await placed(
      ["fra/db-1", "http://192.0.2.2:9001/health", dead],
      ["fra/db-2", "https://www.Example.com/"],
      ["ams/v6", "tcp://[2001:DB8:0::1]:5432"],
      ["ams/dot", "tcp://a.example.:1"],
    );
    expect(await lines(built)).toEqual([
      "192.0.2.2 => DOWN",
      "2001:db8::1 => UP",
      "a.example. => UP",
      "www.example.com. => UP",
    ]);
    expect(await lines(built, "?site=fra&ttl=30")).toEqual([
      "192.0.2.2 => DOWN/30",
      "www.example.com. => UP/30",
    ]);
  });

  const rows: [string, Partial<VerdictAnswer>, boolean, string][] = [
    ["dead", dead, false, "DOWN"],
    ["dead in a rehearsal", dead, true, "UP"],
    ["gray and served", { verdict: "gray", advice: advice("serve") }, false, "UP"],
    [
      "unknown and avoided when last settled",
      { verdict: "unknown", stale: true, confirmed: false, advice: advice("avoid") },
      false,
      "DOWN",
    ],
    [
      "unknown and served when last settled",
      { verdict: "unknown", stale: true, confirmed: false, advice: advice("serve") },
      false,
      "UP",
    ],
    ["never looked at", { verdict: "unknown", asOf: null, advice: advice("serve") }, false, "UP"],
    [
      "to be avoided by an operator's word, a rehearsal going on",
      {
        advice: advice("avoid"),
        override: { advice: { routing: "avoid" }, reason: "work", until: "2026-11-22T18:30:04.120Z" },
      },
      true,
      "DOWN",
    ],
  ];
  it.each(rows)("a target that is %s", async (_, changes, rehearsal, state) => {
    const built = await placed(["fra/db-1", "http://192.0.2.1/", changes, rehearsal]);
    expect(await lines(built)).toEqual([`192.0.2.1 => ${state}`]);
  });

  it("takes a host of several targets away only when all of them are gone", async () => {
    const both = (web: Partial<VerdictAnswer>) =>
      placed(["fra/db", "tcp://192.0.2.1:5432", dead], ["ams/web", "http://192.0.2.1/", web]);
    expect(await lines(await both({}))).toEqual(["192.0.2.1 => UP"]);
    expect(await lines(await both(dead))).toEqual(["192.0.2.1 => DOWN"]);
    expect(await lines(await both({}), "?site=fra")).toEqual(["192.0.2.1 => DOWN"]);
  });

  it("quotes a key of characters that the format uses itself", async () => {
    const built = await placed(["fra/db", "http://a(b)=c.example/"]);
    expect(await lines(built)).toEqual(['"a(b)=c.example." => UP']);
  });

  it("is an error, and never a part or nothing: what is missing in a file is up", async () => {
    const built = await placed(["fra/db-1", "http://192.0.2.1/", dead]);
    built.shards[1]!.mood = () => Promise.reject(new Error("gone"));
    expect((await problemIn(await built.ask("/v1/export/gdnsd", { headers: READ }))).status).toBe(503);
    const empty = await problemIn(await world().ask("/v1/export/gdnsd", { headers: READ }));
    expect(empty).toMatchObject({ status: 404, detail: expect.stringContaining("empty file") });
    expect((await world().ask("/v1/export/gdnsd?site=nowhere", { headers: READ })).status).toBe(404);
  });
});

describe("a token of some sites", () => {
  const url = "http://192.0.2.1/";
  const confined = async () => {
    const built = await placed(["fra/db-1", url], ["fra/db-2", url], ["ams/db-1", url], ["sin/db-1", url]);
    const made = await built.send("POST", "/v1/tokens", { scope: "read", sites: ["fra", "sin"] });
    const { token } = await made.json<{ token: string }>();
    const headers = { Authorization: `Bearer ${token}` };
    return { ...built, read: (path: string) => built.ask(path, { headers }) };
  };

  it.each(["/v1/verdicts", "/v1/metrics", "/v1/sd", "/v1/export/gdnsd", "/v1/avoid"])(
    "has these sites alone in %s, and no other by asking for it",
    async (path) => {
      const { read, shards } = await confined();
      for (const shard of shards)
        shard.tallies = [{ id: "ops", pending: 2, delivered: 40, failed: 5, dead: 1, dropped: 0 }];
      expect((await problemIn(await read(`${path}?site=ams`))).status).toBe(403);
      expect((await problemIn(await read(`${path}?site=nowhere`))).status).toBe(403);
      expect((await read(`${path}?site=sin`)).status).toBe(200);
      const text = await (await read(path)).text();
      expect(text).not.toMatch(/ams|webhook/);
      if (path !== "/v1/export/gdnsd") expect(text).toMatch(/fra[^]*sin/);
    },
  );

  it("counts in parallax_targets what it may see", async () => {
    const { read, shards } = await confined();
    for (const [index, shard] of shards.entries()) shard.shardHealth.shard = index;
    const counts = (await (await read("/v1/metrics")).text()).matchAll(/^parallax_targets\{.*\} (\d+)$/gm);
    expect([...counts].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3);
  });
});

describe("bad input", () => {
  const long = "a".repeat(64);
  it.each([
    ["/v1/verdicts?site=FRA", "site"],
    ["/v1/verdicts?site=", "site"],
    ["/v1/verdicts?site=a%2Fb", "site"],
    [`/v1/verdicts?site=${long}`, "site"],
    ["/v1/verdicts?site=fra&site=ams", "site"],
    ["/v1/metrics?site=FRA", "site"],
    ["/v1/metrics?site=%00", "site"],
    ["/v1/sd?site=../..", "site"],
    ["/v1/sd?site=%zz", "site"],
    ["/v1/export/gdnsd?site=🔥", "site"],
    ["/v1/export/gdnsd?ttl=", "ttl"],
    ["/v1/export/gdnsd?ttl=0", "ttl"],
    ["/v1/export/gdnsd?ttl=-30", "ttl"],
    ["/v1/export/gdnsd?ttl=1.5", "ttl"],
    ["/v1/export/gdnsd?ttl=268435456", "ttl"],
    ["/v1/export/gdnsd?ttl=ten", "ttl"],
    ["/v1/export/gdnsd?ttl=30&ttl=60", "ttl"],
  ])("GET %s: 400 and %s named", async (path, field) => {
    const problem = await problemIn(await world().ask(path, { headers: READ }));
    expect(problem).toMatchObject({ status: 400, type: "urn:parallax:problem:validation" });
    expect(problem.errors.map((error) => error.path)).toEqual([field]);
  });

  it.each(["/v1/verdicts", "/v1/metrics", "/v1/sd", "/v1/export/gdnsd", "/v1/avoid"])(
    "%s: no other method, no other path, and nobody without a token",
    async (path) => {
      const { ask } = world();
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const answer = await ask(path, { method, headers: ADMIN });
        expect(answer.headers.get("Allow")).toBe("GET, HEAD");
        expect((await problemIn(answer)).status).toBe(405);
      }
      expect((await problemIn(await ask(`${path}/fra`, { headers: ADMIN }))).status).toBe(404);
      expect((await problemIn(await ask(path))).status).toBe(401);
      const wrong = { Authorization: "Bearer local" };
      expect((await problemIn(await ask(path, { headers: wrong }))).status).toBe(401);
    },
  );

  it("parameters that are not known are ignored: scrapers add their own", async () => {
    expect((await world().ask("/v1/metrics?job=parallax&site2=", { headers: READ })).status).toBe(200);
  });
});
