import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Answer, pathOf } from "../../scripts/detector-api.ts";
import type { Detector } from "../../scripts/detector.ts";
import { ProblemSchema } from "../../src/domain/problem.ts";
import { startDetector, stopDetector } from "./scene.ts";

const KEY = { site: "fra", target: "db-1" };
const PATH = pathOf(KEY);
const GOOD = { url: "http://127.0.0.1:9", intervalMs: 5_000, timeoutMs: 2_000 };

let detector: Detector;
beforeAll(async () => {
  detector = await startDetector();
  await detector.api.putTarget(KEY, { ...GOOD, paused: true });
});
afterAll(() => stopDetector(detector));

const put = (body: unknown, headers: Record<string, string> = {}): Promise<Answer> =>
  detector.api.ask(PATH, { method: "PUT", body, headers });

/** A refusal has this status and names each wrong field. */
const expectProblem = (answer: Answer, status: number, path?: string): void => {
  expect(answer.status, answer.text).toBe(status);
  expect(answer.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  const problem = ProblemSchema.parse(JSON.parse(answer.text));
  expect(problem.status).toBe(status);
  if (path !== undefined) {
    const named = problem.errors.map((error) => error.path);
    expect(
      named.some((one) => one === path || one.startsWith(`${path}.`)),
      answer.text,
    ).toBe(true);
  }
};

describe("a target's body that is wrong", () => {
  const wrong: [string, unknown, string][] = [
    ["unknown scheme", { ...GOOD, url: "ftp://127.0.0.1/" }, "url"],
    ["port 0", { ...GOOD, url: "http://127.0.0.1:0/" }, "url"],
    ["port 70000", { ...GOOD, url: "http://127.0.0.1:70000/" }, "url"],
    ["tcp without a port", { ...GOOD, url: "tcp://127.0.0.1" }, "url"],
    ["user information", { ...GOOD, url: "http://me:secret@127.0.0.1:80/" }, "url"],
    ["an interval of 1 s", { ...GOOD, intervalMs: 1_000, timeoutMs: 500 }, "intervalMs"],
    ["a timeout above the interval", { ...GOOD, timeoutMs: 6_000 }, "timeoutMs"],
    ["an unknown field", { ...GOOD, colour: "red" }, "colour"],
    ["a number as text", { ...GOOD, intervalMs: "5000" }, "intervalMs"],
    ["an unknown vantage", { ...GOOD, vantages: ["moon"] }, "vantages"],
    ["a witness of unknown scheme", { ...GOOD, witness: "ssh://127.0.0.1:22" }, "witness"],
    ["an unknown policy", { ...GOOD, policy: { trust: true } }, "policy"],
    ["no URL", { intervalMs: 5_000 }, "url"],
  ];
  test.for(wrong)("is 400 and names the field: %s", async ([, body, path]) => {
    const answer = await put(body);
    const problem = ProblemSchema.parse(JSON.parse(answer.text));
    expect(problem.errors.length, answer.text).toBeGreaterThan(0);
    // The refusal names an unknown field in the path or in the message.
    const said = problem.errors.map((error) => `${error.path} ${error.message}`).join("\n");
    expect(said).toContain(path);
    expectProblem(answer, 400);
  });

  test.for([
    ["broken JSON", "{"],
    ["an array", "[]"],
    ["null", "null"],
    ["a number", "7"],
    ["nothing", ""],
    ["binary", "\u0000\u0001"],
  ])("is 400: %s", async ([, text]) => {
    expectProblem(await put(text), 400);
  });

  test("is 413 past the limit", async () => {
    expectProblem(await put(JSON.stringify({ ...GOOD, x: "x".repeat(2_000_000) })), 413);
  });

  test("is 415 for another content type, and for none", async () => {
    expectProblem(await put(JSON.stringify(GOOD), { "content-type": "text/plain" }), 415);
    expectProblem(await put(JSON.stringify(GOOD), { "content-type": "application/xml" }), 415);
  });

  test("is 412 for a stale If-Match", async () => {
    expectProblem(await put({ ...GOOD, paused: true }, { "if-match": '"stale"' }), 412);
  });
});

/** Sends a request line unchanged: a client library would tidy up the path. */
const sendRaw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(detector.port, "127.0.0.1");
    let text = "";
    socket.setEncoding("utf8").on("data", (part: string) => (text += part));
    socket.on("error", reject);
    socket.on("close", () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])));
    socket.end(
      `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer local-admin\r\nConnection: close\r\n\r\n`,
    );
  });

describe("a name that is wrong", () => {
  test.for([
    ["a slash", "a%2Fb", "site"],
    ["300 characters", "a".repeat(300), "site"],
    ["an emoji", encodeURIComponent("🦊"), "site"],
    ["upper case", "FRA", "site"],
    ["a leading dash", "-fra", "site"],
    ["a space", "fra%201", "site"],
    ["a NUL", "fra%00", "site"],
  ])("is 400 and names the part: %s", async ([, name, part]) => {
    const answer = await detector.api.ask(`/v1/sites/${name}/targets/db-1`, { method: "PUT", body: GOOD });
    expectProblem(answer, 400, part);
    const read = await detector.api.ask(`/v1/sites/fra/targets/${name}/verdict`);
    expect([400, 404]).toContain(read.status);
  });

  test.for([
    "/v1/sites/../targets/db-1",
    "/v1/sites/%2e%2e/targets/db-1",
    "/v1/sites/fra/targets/../verdict",
    "/v1/sites/%ff/targets/x",
  ])("is a plain 4xx, dots and all: %s", async (path) => {
    const status = await sendRaw(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
  });
});

describe("a caller without the right", () => {
  test("is 401 without a token and with an unknown one, and learns how to give it", async () => {
    for (const token of [null, "local-nobody", ""]) {
      const answer = await detector.api.ask(`${PATH}/verdict`, { token });
      expectProblem(answer, 401);
      expect(answer.headers.get("www-authenticate")).toMatch(/^Basic/);
    }
    expectProblem(await detector.api.ask(`/k/local-nobody${PATH}/up`, { token: null }), 401);
  });

  test("is 403 with the wrong scope", async () => {
    expectProblem(await detector.api.ask(PATH, { method: "PUT", body: GOOD, token: "local-read" }), 403);
    expectProblem(await detector.api.ask(PATH, { method: "DELETE", token: "local-read" }), 403);
    const drill = { site: "fra", fault: "silence", durationMs: 1_000 };
    expectProblem(
      await detector.api.ask("/v1/drills", { method: "POST", body: drill, token: "local-read" }),
      403,
    );
  });
});

describe("what is not there", () => {
  test("is 404: targets, their checks, drills, routes", async () => {
    const nobody = pathOf({ site: "fra", target: "nobody" });
    for (const path of [
      nobody,
      ...["verdict", "history", "up", "avoid", "failover"].map((one) => `${nobody}/${one}`),
      "/v1/nothing",
      "/nothing",
    ])
      expectProblem(await detector.api.ask(path), 404);
    expectProblem(await detector.api.ask("/v1/drills/none", { method: "DELETE" }), 404);
    expectProblem(await detector.api.ask(nobody, { method: "DELETE" }), 404);
  });
});

describe("a query or drill that is wrong", () => {
  test.for([
    ["seq", "verdict?seq=x&waitMs=10", "seq"],
    ["negative wait", "verdict?seq=1&waitMs=-1", "waitMs"],
    ["long wait", "verdict?seq=1&waitMs=99999999", "waitMs"],
    ["unknown region", "up?from=moon", "from"],
    ["unknown flag", "up?gray=blue", "gray"],
    ["cursor", "history?cursor=%00", "cursor"],
  ])("is 400 and names the parameter: %s", async ([, rest, path]) => {
    expectProblem(await detector.api.ask(`${PATH}/${rest}`), 400, path);
  });

  test.for([
    [{ site: "fra", fault: "fire", durationMs: 1_000 }, "fault"],
    [{ site: "fra", fault: "silence", durationMs: 1 }, "durationMs"],
    [{ site: "fra", fault: "silence", durationMs: 1_000, vantages: ["moon"] }, "vantages"],
    [{ site: "FRA", fault: "silence", durationMs: 1_000 }, "site"],
  ] as const)("is 400 and names the field: %j", async ([body, path]) => {
    expectProblem(await detector.api.ask("/v1/drills", { method: "POST", body }), 400, path);
  });
});

test("none of it took the detector down, and its health says so", async () => {
  const answer = await detector.api.ask("/healthz", { token: null });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.text)).toMatchObject({ ok: true });
  expect((await detector.api.target(KEY)).url).toBe(GOOD.url);
});
