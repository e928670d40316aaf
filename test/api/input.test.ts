import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES } from "../../src/api/http/request-body.ts";
import { ADMIN, DB1, problemIn, READ, world } from "./world.ts";

const JSON_TYPE = { ...ADMIN, "Content-Type": "application/json" };
const good = { url: "http://127.0.0.1:9001/health" };
const override = { verdict: "node_dead", reason: "pulled the plug", ttlMs: 60_000 };
const drill = { site: "fra", fault: "silence", durationMs: 60_000 };

const asked = async (method: string, path: string, body: BodyInit, headers: HeadersInit = JSON_TYPE) =>
  await problemIn(await world().ask(path, { method, headers, body }));

describe("fields", () => {
  const rows: [string, string, string, unknown, string[]][] = [
    ["no url", "PUT", DB1, {}, ["url"]],
    ["unknown scheme", "PUT", DB1, { url: "gopher://127.0.0.1/" }, ["url"]],
    ["no scheme", "PUT", DB1, { url: "127.0.0.1:80" }, ["url"]],
    ["port 0", "PUT", DB1, { url: "http://127.0.0.1:0/" }, ["url"]],
    ["port 70000", "PUT", DB1, { url: "http://127.0.0.1:70000/" }, ["url"]],
    ["tcp without a port", "PUT", DB1, { url: "tcp://127.0.0.1" }, ["url"]],
    ["userinfo in the URL", "PUT", DB1, { url: "http://me:secret@127.0.0.1/" }, ["url"]],
    ["a URL of 3000 characters", "PUT", DB1, { url: `http://127.0.0.1/${"a".repeat(3_000)}` }, ["url"]],
    ["url of the wrong type", "PUT", DB1, { url: 7 }, ["url"]],
    ["url null", "PUT", DB1, { url: null }, ["url"]],
    ["interval 1 s", "PUT", DB1, { ...good, intervalMs: 1_000 }, ["intervalMs"]],
    ["interval 2 h", "PUT", DB1, { ...good, intervalMs: 7_200_000 }, ["intervalMs"]],
    ["interval as text", "PUT", DB1, { ...good, intervalMs: "5000" }, ["intervalMs"]],
    ["half a millisecond", "PUT", DB1, { ...good, intervalMs: 5_000.5 }, ["intervalMs"]],
    [
      "timeout above the interval",
      "PUT",
      DB1,
      { ...good, intervalMs: 5_000, timeoutMs: 9_000 },
      ["timeoutMs"],
    ],
    [
      "timeout as long as the interval",
      "PUT",
      DB1,
      { ...good, intervalMs: 5_000, timeoutMs: 5_000 },
      ["timeoutMs"],
    ],
    ["timeout 11 s", "PUT", DB1, { ...good, timeoutMs: 11_000 }, ["timeoutMs"]],
    ["unknown field", "PUT", DB1, { ...good, colour: "red" }, ["colour"]],
    ["two unknown fields", "PUT", DB1, { ...good, colour: "red", size: 1 }, ["colour", "size"]],
    ["unknown field further in", "PUT", DB1, { ...good, policy: { failOver: [] } }, ["policy.failOver"]],
    ["headers to redis", "PUT", DB1, { url: "redis://127.0.0.1", headers: { "X-A": "b" } }, ["headers"]],
    ["a question without a name", "PUT", DB1, { url: "dns://127.0.0.1" }, ["url"]],
    ["a header we set", "PUT", DB1, { ...good, headers: { Host: "x" } }, ["headers.Host"]],
    ["a header with a line break", "PUT", DB1, { ...good, headers: { "X-A": "a\r\nb" } }, ["headers.X-A"]],
    ["witness without a port", "PUT", DB1, { ...good, witness: "tcp://127.0.0.1" }, ["witness"]],
    ["unknown vantage", "PUT", DB1, { ...good, vantages: ["weur", "mars"] }, ["vantages.1"]],
    ["a vantage twice", "PUT", DB1, { ...good, vantages: ["weur", "weur"] }, ["vantages"]],
    ["a vantage that is no name", "PUT", DB1, { ...good, vantages: ["../x"] }, ["vantages.0"]],
    ["unknown verdict", "PUT", DB1, { ...good, policy: { failoverOn: ["dead"] } }, ["policy.failoverOn.0"]],
    [
      "afterMs as text",
      "PUT",
      DB1,
      { ...good, policy: { failoverOn: ["gray", { verdict: "gray", afterMs: "1" }] } },
      ["policy.failoverOn.1.afterMs"],
    ],
    ["a site with a slash", "PUT", "/v1/sites/a%2Fb/targets/db-1", good, ["site"]],
    ["a target with a slash", "PUT", "/v1/sites/fra/targets/a%2Fb", good, ["target"]],
    ["a target of dots", "PUT", "/v1/sites/fra/targets/..%2F..", good, ["target"]],
    ["a site of 300 characters", "PUT", `/v1/sites/${"a".repeat(300)}/targets/db-1`, good, ["site"]],
    ["a site of 64 characters", "PUT", `/v1/sites/${"a".repeat(64)}/targets/db-1`, good, ["site"]],
    ["an emoji", "PUT", "/v1/sites/fra/targets/🔥", good, ["target"]],
    ["capitals", "PUT", "/v1/sites/FRA/targets/DB", good, ["site", "target"]],
    ["a name broken in its encoding", "PUT", "/v1/sites/%zz/targets/%", good, ["site", "target"]],
    ["half a character", "PUT", "/v1/sites/%E2%82/targets/db-1", good, ["site"]],
    ["override without a word", "PUT", `${DB1}/override`, { reason: "r", ttlMs: 60_000 }, ["verdict"]],
    [
      "override with two words",
      "PUT",
      `${DB1}/override`,
      { ...override, advice: { failover: true } },
      ["advice"],
    ],
    ["override for ever", "PUT", `${DB1}/override`, { ...override, ttlMs: 1e12 }, ["ttlMs"]],
    ["override without a reason", "PUT", `${DB1}/override`, { verdict: "gray", ttlMs: 60_000 }, ["reason"]],
    ["drill without a site", "POST", "/v1/drills", { fault: "hang", durationMs: 60_000 }, ["site"]],
    ["drill with an unknown fault", "POST", "/v1/drills", { ...drill, fault: "fire" }, ["fault"]],
    ["drill too short", "POST", "/v1/drills", { ...drill, durationMs: 10 }, ["durationMs"]],
    ["drill of no vantage", "POST", "/v1/drills", { ...drill, vantages: [] }, ["vantages"]],
    ["drill with a word for live", "POST", "/v1/drills", { ...drill, live: "yes" }, ["live"]],
  ];
  it.each(rows)("%s: 400 and the field named", async (_, method, path, body, fields) => {
    const problem = await asked(method, path, JSON.stringify(body));
    expect(problem).toMatchObject({ status: 400, type: "urn:parallax:problem:validation" });
    expect(problem.errors.map((error) => error.path)).toEqual(fields);
    for (const error of problem.errors) expect(error.message.length).toBeGreaterThan(5);
    expect(problem.detail).not.toBe("");
  });

  it.each([
    ["GET", `${DB1}/history?limit=0`, "limit"],
    ["GET", `${DB1}/history?limit=101`, "limit"],
    ["GET", `${DB1}/history?limit=ten`, "limit"],
    ["GET", `${DB1}/history?limit=1&limit=2`, "limit"],
    ["GET", `${DB1}/history?cursor=`, "cursor"],
    ["GET", `${DB1}/history?cursor=${"1".repeat(201)}`, "cursor"],
    ["GET", `${DB1}/verdict?waitMs=1000`, "seq"],
    ["GET", `${DB1}/verdict?seq=-1`, "seq"],
    ["GET", `${DB1}/verdict?seq=1.5&waitMs=1`, "seq"],
    ["GET", `${DB1}/verdict?seq=1&waitMs=55001`, "waitMs"],
    ["GET", `${DB1}/verdict?seq=1&waitMs=`, "waitMs"],
    ["GET", `${DB1}/up?gray=up`, "gray"],
    ["GET", `${DB1}/up?partition=`, "partition"],
    ["GET", `${DB1}/consul?gray=up`, "gray"],
    ["OPTIONS", `${DB1}/consul?partition=`, "partition"],
    ["GET", `${DB1}/health?gray=`, "gray"],
    ["GET", `/v1/sites/fra/targets/DB/consul`, "target"],
    ["OPTIONS", `/v1/sites/%2e%2e%2f/targets/db-1/health`, "site"],
    ["GET", "/v1/sites/fra/targets/DB/up", "target"],
    ["OPTIONS", "/v1/sites/%2e%2e%2f/targets/db-1/failover", "site"],
    ["GET", "/v1/sites/FRA/targets", "site"],
    ["DELETE", "/v1/drills/Drill_1", "id"],
  ])("%s %s: 400 and `%3$s` named", async (method, path, field) => {
    const problem = await problemIn(await world().ask(path, { method, headers: ADMIN }));
    expect(problem.status).toBe(400);
    expect(problem.errors.map((error) => error.path)).toEqual([field]);
  });

  it("many wrong fields are told up to a bound", async () => {
    const strangers = Object.fromEntries(Array.from({ length: 3_000 }, (_, index) => [`field-${index}`, 1]));
    const problem = await asked("PUT", DB1, JSON.stringify({ ...good, ...strangers }));
    expect(problem.errors).toHaveLength(20);
    const [error] = (await asked("PUT", DB1, JSON.stringify({ ...good, ["x".repeat(60_000)]: 1 }))).errors;
    expect(error?.path.length).toBeLessThan(400);
  });
});

describe("bodies", () => {
  const paths: [string, string][] = [
    ["PUT", DB1],
    ["PUT", `${DB1}/override`],
    ["POST", "/v1/drills"],
    ["PATCH", DB1],
  ];

  it.each(paths)("%s %s: broken JSON, and what is no object", async (method, path) => {
    for (const text of ["", "{", '{"url":', "nope", "{'url':1}", "\u0000"]) {
      const problem = await asked(method, path, text);
      expect(problem, text).toMatchObject({ status: 400, type: "urn:parallax:problem:malformed" });
    }
    for (const text of ["[]", "null", "true", "7", '"text"', '[{"url":"http://127.0.0.1/"}]']) {
      const problem = await asked(method, path, text);
      expect(problem.status, text).toBe(400);
      expect(problem.errors, text).toEqual([{ path: "", message: "must be a JSON object" }]);
    }
  });

  it.each(paths)("%s %s: a content type that is not JSON is 415", async (method, path) => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "json", ""]) {
      const problem = await asked(method, path, JSON.stringify(good), { ...ADMIN, "Content-Type": type });
      expect(problem, type).toMatchObject({ status: 415, type: "urn:parallax:problem:media-type" });
    }
  });

  it.each(paths)(
    "%s %s: 2 MB are 413 by their declared length, before a byte is read",
    async (method, path) => {
      let pulled = 0;
      const body = new ReadableStream(
        { pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(16_384))) },
        { highWaterMark: 0 },
      );
      const headers = { ...JSON_TYPE, "Content-Length": "2000000" };
      expect(await asked(method, path, body, headers)).toMatchObject({ status: 413 });
      expect(pulled).toBe(0);
    },
  );

  it.each(paths)("%s %s: an endless body is 413 as soon as it is past the limit", async (method, path) => {
    let pulled = 0;
    const body = new ReadableStream(
      { pull: (controller) => (pulled++, controller.enqueue(new Uint8Array(16_384).fill(0x20))) },
      { highWaterMark: 0 },
    );
    expect(await asked(method, path, body)).toMatchObject({ status: 413 });
    expect(pulled).toBeLessThanOrEqual(MAX_BODY_BYTES / 16_384 + 2);
  });

  it.each(paths)("%s %s: a body that breaks off is 400, and no defect of ours", async (method, path) => {
    let pulled = 0;
    const body = new ReadableStream({
      pull: (controller) => {
        if (pulled++ === 0) controller.enqueue(new TextEncoder().encode("{"));
        else controller.error(new TypeError("invalid chunk"));
      },
    });
    expect(await asked(method, path, body)).toMatchObject({
      status: 400,
      type: "urn:parallax:problem:malformed",
      detail: expect.stringContaining("broke off") as string,
    });
  });

  it("a body of just the limit is read, one byte more is not", async () => {
    const sized = (bytes: number) => JSON.stringify(good).padEnd(bytes, " ");
    const { ask } = world();
    const put = (body: string) => ask(DB1, { method: "PUT", headers: JSON_TYPE, body });
    expect((await put(sized(MAX_BODY_BYTES))).status).toBe(201);
    expect((await put(sized(MAX_BODY_BYTES + 1))).status).toBe(413);
  });

  it("a charset beside the content type is no matter", async () => {
    const headers = { ...ADMIN, "Content-Type": "Application/JSON; charset=utf-8" };
    const answer = await world().ask(DB1, { method: "PUT", headers, body: JSON.stringify(good) });
    expect(answer.status).toBe(201);
  });

  it.each(paths)(
    "%s %s: no body, however made, gives a 5xx or an error that is no problem",
    async (method, path) => {
      const { ask, aggregator, send } = world();
      await send("PUT", DB1, good);
      aggregator.calls = [];
      const base = path === "/v1/drills" ? drill : path === DB1 ? good : override;
      const field = fc.constantFrom(
        "url",
        "expect",
        "policy",
        "headers",
        "vantages",
        "advice",
        "site",
        "live",
      );
      const body = fc.oneof(
        fc.uint8Array({ maxLength: 200 }),
        fc.json(),
        fc.dictionary(field, fc.jsonValue()).map((part) => JSON.stringify({ ...base, ...part })),
        fc.constantFrom(
          "[".repeat(60_000),
          '{"__proto__":1}',
          `${'{"a":'.repeat(9_000)}1`,
          '{"url":"\\ud800"}',
        ),
      );
      await fc.assert(
        fc.asyncProperty(body, async (bytes) => {
          const answer = await ask(path, { method, headers: JSON_TYPE, body: bytes as BodyInit });
          expect(answer.status).toBeLessThan(500);
          if (answer.status >= 400) await problemIn(answer);
        }),
        { numRuns: 150 },
      );
    },
  );
});

describe("paths and methods", () => {
  it.each([
    ["GET", "/", 404],
    ["GET", "/nothing", 404],
    ["GET", "/v1", 404],
    ["GET", "/v1/sites/", 404],
    ["GET", "/v1/sites/fra/targets/db-1/up/", 404],
    ["GET", "/v1/sites/../../etc/passwd", 404],
    ["GET", "/v1/sites/%2e%2e/targets", 404],
    ["GET", "//v1//sites", 404],
    ["GET", "/v1/sites/fra/targets/a/b", 404],
    ["GET", "/v1/hooks", 404],
    ["GET", "/v1/sites/nowhere/targets", 404],
    ["GET", DB1, 404],
    ["DELETE", DB1, 404],
    ["GET", `${DB1}/verdict`, 404],
    ["GET", `${DB1}/verdict?seq=1&waitMs=50000`, 404],
    ["GET", `${DB1}/history`, 404],
    ["GET", `${DB1}/up`, 404],
    ["GET", `${DB1}/up?from=mars`, 404],
    ["GET", `${DB1}/avoid`, 404],
    ["GET", `${DB1}/failover`, 404],
    ["DELETE", `${DB1}/override`, 404],
    ["DELETE", "/v1/drills/drill-9", 404],
  ])("%s %s: %i", async (method, path, status) => {
    expect(await problemIn(await world().ask(path, { method, headers: ADMIN }))).toMatchObject({ status });
  });

  it.each([
    ["POST", DB1, "PUT, GET, HEAD, DELETE, PATCH"],
    ["OPTIONS", DB1, "PUT, GET, HEAD, DELETE, PATCH"],
    ["PATCH", `${DB1}/override`, "PUT, DELETE"],
    ["GET", `${DB1}/override`, "PUT, DELETE"],
    ["POST", `${DB1}/up`, "GET, HEAD, OPTIONS"],
    ["DELETE", "/v1/sites", "GET, HEAD"],
    ["PUT", "/v1/drills", "POST, GET, HEAD"],
    ["POST", "/healthz", "GET, HEAD"],
    ["POST", "/openapi.json", "GET, HEAD"],
  ])("%s %s: 405, and Allow says %s", async (method, path, allow) => {
    const answer = await world().ask(path, { method, headers: ADMIN });
    expect(answer.headers.get("Allow")).toBe(allow);
    expect(await problemIn(answer)).toMatchObject({ status: 405 });
  });

  it("no path, however made, gives a 5xx or a redirect", async () => {
    const { ask } = world();
    const segment = fc.oneof(
      fc.webSegment(),
      fc.constantFrom("%zz", "%", "..", "%2F", "🔥", "%00", "k", "v1", "sites"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(segment, { maxLength: 8 }), async (segments) => {
        const answer = await ask(`/${segments.join("/")}`, { headers: READ });
        expect(answer.status === 200 || answer.status >= 400).toBe(true);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
  });
});
