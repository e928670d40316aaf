import { beforeEach, describe, expect, it, vi } from "vitest";
import { shardOf } from "../../../src/domain/shard-of.ts";
import type { NewToken } from "../../../src/domain/token.ts";
import { poolWithOneOut, withheldLeader } from "../../group/answers.ts";
import { conduct } from "../fake-conductors.ts";
import { platformError, vantageAnswer, verdictOf } from "../fake.ts";
import { ADMIN, problemIn, READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

/** The headers that a browser sends for a page. */
const HTML = { Accept: "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8" };

const basic = (token: string) => ({ ...HTML, Authorization: `Basic ${btoa(`:${token}`)}` });
const READER = basic("the-read-token");

describe("GET / for a browser", () => {
  it("is the page, with a read token as password", async () => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf({ verdict: "gray" }));
    const answer = await ask("/", { headers: READER });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("Content-Type")).toBe("text/html; charset=utf-8");
    const text = await answer.text();
    expect(text).toContain("1 of 1 target in trouble");
    expect(text).toContain('data-site="fra" data-target="db-1"');
  });

  it("lets in nothing but its own files, and is kept by nobody", async () => {
    for (const headers of [READER, HTML]) {
      const answer = await world().ask("/", { headers });
      expect(answer.headers.get("Content-Security-Policy")).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      );
      expect(answer.headers.get("Referrer-Policy")).toBe("no-referrer");
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.get("Set-Cookie")).toBeNull();
    }
  });

  it.each([
    ["no token", HTML],
    ["an unknown token", basic("guessed")],
  ])("asks for a password where there is %s, and says what to do", async (_, headers) => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf());
    const answer = await ask("/", { headers });
    expect(answer.status).toBe(401);
    expect(answer.headers.get("WWW-Authenticate")).toBe('Basic realm="parallax"');
    const text = await answer.text();
    expect(text).toContain("a token of scope read as the password");
    expect(text).not.toContain("db-1");
  });

  it("has a card of each group, of one that does not answer too", async () => {
    const built = world();
    conduct(built, { db: withheldLeader(), lost: "throws", web: poolWithOneOut() });
    for (const site of ["fra", "s0"]) built.aggregator.judge(verdictOf({ site }));
    const text = await (await built.ask("/", { headers: READER })).text();
    expect([...text.matchAll(/data-group="([^"]+)"/g)].map(([, group]) => group)).toEqual([
      "lost",
      "db",
      "web",
    ]);
    const site = await (await built.ask("/?site=s0", { headers: READER })).text();
    expect([...site.matchAll(/data-group="([^"]+)"/g)].map(([, group]) => group)).toEqual(["db", "web"]);
  });

  it("says so where nobody tells which groups there are", async () => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf());
    aggregator.listGroups = () => Promise.reject(platformError());
    const answer = await ask("/", { headers: READER });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain("Which groups there are is not known");
  });

  it("is refused to a token that reads nothing", async () => {
    const { ask, send } = world();
    const made = await send("POST", "/v1/tokens", { scope: "notify", site: "fra", target: "db-1" });
    const { token } = await made.json<NewToken>();
    expect((await ask("/", { headers: basic(token) })).status).toBe(403);
  });

  it("shows a confined token its own sites, and nothing of the others", async () => {
    const { ask, send, aggregator } = world();
    aggregator.vantages = [
      vantageAnswer(),
      vantageAnswer({ id: "inside-ams", kind: "remote", site: "ams", sites: ["ams"] }),
    ];
    aggregator.judge(verdictOf({ site: "fra" }));
    aggregator.judge(verdictOf({ site: "ams", target: "secret-host", verdict: "gray" }));
    aggregator.shardHealth.reasons = ["ams/secret-host does not keep up"];
    aggregator.drills = [
      {
        id: "drill-0-1",
        site: "ams",
        fault: "silence",
        durationMs: 1_000,
        live: false,
        startsAt: "2026-11-22T18:30:04.120Z",
        endsAt: "2026-11-22T18:30:05.120Z",
      },
    ];
    const made = await send("POST", "/v1/tokens", { scope: "read", sites: ["fra"] });
    const { token } = await made.json<NewToken>();
    const text = await (await ask("/", { headers: basic(token) })).text();
    expect(text).toContain("The one target is well");
    expect(text).not.toMatch(/ams|secret/);
    expect((await ask("/?site=ams", { headers: basic(token) })).status).toBe(403);
  });

  it("shows a site, and a target of it", async () => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf({ site: "fra" }));
    aggregator.judge(verdictOf({ site: "ams", target: "web" }));
    const site = await (await ask("/?site=fra", { headers: READER })).text();
    expect(site).toContain("fra");
    expect(site).not.toContain("web");
    const target = await ask("/?site=fra&target=db-1", { headers: READER });
    expect(await target.text()).toContain("The newest look of each vantage");
  });

  it.each([
    ["/?site=nowhere", 404, "there is no site"],
    ["/?site=fra&target=nothing", 404, "there is no target fra/nothing"],
    ["/?site=%3Cscript%3E", 400, "must be 1 to 63 characters"],
    ["/?target=db-1", 400, "is needed where a target is named"],
    ["/?at=yesterday", 400, "must be an instant"],
  ])("of %s is %d, and says why", async (path, status, why) => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf());
    const answer = await ask(path, { headers: READER });
    expect(answer.status).toBe(status);
    const text = await answer.text();
    expect(text).toContain(why);
    expect(text).not.toContain("<script");
  });

  it("keeps the instant that is asked for in its links", async () => {
    const { ask, aggregator } = world();
    aggregator.judge(verdictOf());
    const text = await (await ask("/?at=2026-11-22T02:15:00Z", { headers: READER })).text();
    expect(text).toContain("/?site=fra&amp;target=db-1&amp;at=2026-11-22T02%3A15%3A00.000Z");
  });

  it("shows what the other shards hold where one does not answer, and says which", async () => {
    const { ask, shards } = world({ shards: 3 });
    for (const site of ["fra", "ams", "sin", "gru", "nrt"])
      shards[shardOf(site, 3)]!.judge(verdictOf({ site }));
    const silent = shardOf("fra", 3);
    shards[silent]!.mood = () => new Promise(() => {});
    const answer = await ask("/", { headers: READER });
    expect(answer.status).toBe(200);
    const text = await answer.text();
    expect(text).toContain(`Shard ${silent} does not answer: its targets are not shown.`);
    expect(text).not.toContain('data-site="fra"');
    expect(text).toContain('data-site="');
  });

  it("says so as 503 where nobody answers, and asks again by itself", async () => {
    const { ask, aggregator } = world();
    aggregator.mood = () => new Promise(() => {});
    const answer = await ask("/", { headers: READER });
    expect(answer.status).toBe(503);
    const text = await answer.text();
    expect(text).toContain("Shard 0 does not answer");
    expect(text).toContain('http-equiv="refresh"');
    expect(text).not.toContain("What to do next");
  });

  it("says what is wrong with a deployment that is misconfigured", async () => {
    const answer = await world({ env: { VANTAGES: "mars" } }).ask("/", { headers: READER });
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain("VANTAGES");
  });
});

describe("GET / for a program", () => {
  it.each([
    {},
    { Accept: "*/*" },
    { Accept: "application/json" },
    { Accept: "text/htmlx" },
    { Accept: "application/json, text/html ; q=0.0" },
  ])("is 404 by %o, whatever its token", async (accept) => {
    for (const token of [{}, READ, ADMIN])
      expect(await problemIn(await world().ask("/", { headers: { ...accept, ...token } }))).toMatchObject({
        status: 404,
      });
  });
});

describe("the page's files", () => {
  it.each([
    ["/page.css", "text/css"],
    ["/page.mjs", "text/javascript"],
    ["/page.svg", "image/svg+xml"],
  ])("%s is sent once, and then only its tag", async (path, type) => {
    const { ask } = world();
    const answer = await ask(path);
    expect(answer.headers.get("Content-Type")).toContain(type);
    const etag = answer.headers.get("ETag") ?? "";
    expect((await answer.text()).length).toBeGreaterThan(30);
    const again = await ask(path, { headers: { "If-None-Match": `W/${etag}` } });
    expect([again.status, await again.text()]).toEqual([304, ""]);
    expect((await ask(path, { headers: { "If-None-Match": '"other"' } })).status).toBe(200);
  });
});

describe("a token that is not known", () => {
  it("opens no window over a page whose script asks", async () => {
    const { ask } = world();
    const challenge = async (headers: Record<string, string>) =>
      (await ask("/v1/matrix", { headers })).headers.get("WWW-Authenticate");
    expect(await challenge({})).toBe('Basic realm="parallax"');
    expect(await challenge({ "Sec-Fetch-Dest": "document" })).toBe('Basic realm="parallax"');
    expect(await challenge({ "Sec-Fetch-Dest": "empty" })).toBe('Bearer realm="parallax"');
  });
});
