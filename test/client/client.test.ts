import type { ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { until } from "../../scripts/until.ts";
import { Client } from "../../src/client/client.ts";
import { FakeDetector } from "../cli/fake-detector.ts";

const AT = "2026-11-22T18:30:05.000Z";
const HEARD = { accepted: true, detail: "heard", at: AT };
const PLACE = { site: "fra", target: "db-1" };
const BEAT = { bootId: "a", everyMs: 10_000 };
const MIB = 1_048_576;

let server: FakeDetector;
let asked: { method: string; path: string; authorization: string; body: unknown }[];
let open: number;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  server = await FakeDetector.start();
  server.mount(({ method, path, headers, body }, response) => {
    asked.push({ method, path, authorization: headers.authorization ?? "", body: JSON.parse(body) });
    open += 1;
    response.once("close", () => (open -= 1));
    answer(response);
  });
  [asked, open] = [[], 0];
});
afterEach(() => server.vanish());

const answerWith = (status: number, body: string, headers: Record<string, string> = {}): void => {
  answer = (response) => response.writeHead(status, headers).end(body);
};

/** Sends `chunk` again and again until the connection is closed. Returns a function that gives the number of bytes taken so far. */
const endless = (response: ServerResponse, chunk: string): (() => number) => {
  let bytes = 0;
  const more = (): void => {
    while (!response.destroyed) {
      bytes += chunk.length;
      if (!response.write(chunk)) return;
    }
  };
  response.on("drain", more);
  more();
  return () => bytes;
};

const client = (limitMs?: number): Client => new Client(`${server.url}/`, "local-token", limitMs);

const gone = (): Promise<unknown> =>
  until(() => open === 0, {
    withinMs: 20_000,
    everyMs: 5,
    explain: () => `${open} connections are still answered`,
  });

describe("a call that is answered", () => {
  it("without a token sends no Authorization, so that a browser can add what it was given", async () => {
    answerWith(202, JSON.stringify(HEARD));
    await new Client(server.url, "").heartbeat(PLACE, BEAT);
    expect(asked[0]?.authorization).toBe("");
  });

  it("is a POST as JSON with the token, and gives the detector's words", async () => {
    answerWith(202, JSON.stringify(HEARD));
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({ kind: "ok", value: HEARD });
    expect(asked).toEqual([
      {
        method: "POST",
        path: "/v1/sites/fra/targets/db-1/heartbeats",
        authorization: "Bearer local-token",
        body: BEAT,
      },
    ]);
  });

  it("has a path of its own for each kind", async () => {
    answerWith(202, JSON.stringify(HEARD));
    await client().notice(PLACE, { kind: "crash", bootId: "a", at: AT, restarting: false });
    await client().exchange({ version: 0 });
    expect(asked.map(({ path }) => path)).toEqual(["/v1/sites/fra/targets/db-1/notices", "/v1/observations"]);
  });

  it("goes below the path of the address, where it has one", async () => {
    answerWith(202, JSON.stringify(HEARD));
    await new Client(`${server.url}/parallax`, "t").heartbeat(PLACE, BEAT);
    expect(asked[0]?.path).toBe("/parallax/v1/sites/fra/targets/db-1/heartbeats");
  });

  it("passes over fields that it does not know", async () => {
    answerWith(202, JSON.stringify({ ...HEARD, colour: "blue" }));
    const heard = await client().heartbeat(PLACE, BEAT);
    expect("value" in heard && heard.value).toEqual(HEARD);
    const reply = { acknowledged: 7, wanted: [], shards: 1, at: AT };
    answerWith(200, JSON.stringify({ ...reply, tide: { high: true } }));
    const exchanged = await client().exchange({ version: 1 });
    expect("value" in exchanged && exchanged.value).toEqual(reply);
  });

  it("takes an answer of nearly 4 MiB, whatever its characters", async () => {
    const detail = "ä".repeat((4 * MIB) / 2 - 100);
    answerWith(202, JSON.stringify({ ...HEARD, detail }));
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({ kind: "ok", value: { detail } });
  });
});

describe("a call that is refused", () => {
  const problem = { type: "about:blank", title: "No", status: 401, detail: "token unknown", errors: [] };

  it.each([
    ["a problem's detail", JSON.stringify(problem), "token unknown"],
    [
      "that of a problem with fields of tomorrow",
      JSON.stringify({ ...problem, trace: "x" }),
      "token unknown",
    ],
    [
      "a proxy's HTML as it is",
      "<html><h1>502 Bad Gateway</h1></html>",
      "<html><h1>502 Bad Gateway</h1></html>",
    ],
    ["JSON that is no problem as it is", '{"error":"no"}', '{"error":"no"}'],
    ["the status's name where nothing else is said", "", "Unauthorized"],
  ])("has a status, and %s", async (_what, body, detail) => {
    answerWith(401, body);
    expect(await client().heartbeat(PLACE, BEAT)).toEqual({ kind: "refused", status: 401, detail });
  });

  it("tells the detector's own problem, and its fields, from what else answers", async () => {
    const problem = { type: "urn:parallax:problem:not-found", detail: "no", errors: [{ path: "code" }, 1] };
    answerWith(404, JSON.stringify(problem));
    expect(await client().heartbeat(PLACE, BEAT)).toEqual({
      kind: "refused",
      status: 404,
      detail: "no",
      problem: { kind: "not-found", fields: ["code"] },
    });
    answerWith(404, JSON.stringify({ ...problem, type: "about:blank" }));
    expect(await client().heartbeat(PLACE, BEAT)).toEqual({ kind: "refused", status: 404, detail: "no" });
  });

  it.each([
    ["must be a member: fra/a", "to", "must be a member: fra/a", "to must be a member: fra/a"],
    [
      "there is no target fra/a",
      "members.0.target",
      "there is no target fra/a",
      "members.0.target: there is no target fra/a",
    ],
    ["to must be a name", "to", "must be a name", "to must be a name"],
    ["the body must be JSON", "", "the body must be JSON", "the body must be JSON"],
  ])("names the wrong field, once: %s", async (detail, path, message, said) => {
    const wrong = { ...problem, status: 400, detail, errors: [{ path, message }] };
    answerWith(400, JSON.stringify(wrong));
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({
      kind: "refused",
      status: 400,
      detail: said,
    });
  });

  it("shows no more than the begin of a long page", async () => {
    answerWith(503, "x".repeat(100_000));
    const called = await client().heartbeat(PLACE, BEAT);
    expect(called).toEqual({ kind: "refused", status: 503, detail: "x".repeat(300) });
  });

  it("keeps its status though the body never ends, and ends the connection", async () => {
    answer = (response) => void endless(response.writeHead(401), "x".repeat(1_000));
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({ kind: "refused", status: 401 });
    await gone();
  });

  it("keeps its status though the body stops coming or breaks off", async () => {
    answer = (response) => void response.writeHead(403).write("<html>");
    expect(await client(200).heartbeat(PLACE, BEAT)).toMatchObject({ status: 403 });
    answer = (response) => response.writeHead(403).write("<html>", () => response.destroy());
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({ status: 403 });
  });
});

describe("a call that fails", () => {
  it.each([
    ["not JSON", 200, "<html>welcome to the hotel</html>", "not JSON: <html>welcome"],
    ["empty", 204, "", "not JSON"],
    ["of another shape", 200, '{"accepted":"yes"}', "not the detector's"],
    ["null", 200, "null", "not the detector's"],
    ["cut short", 200, '{"accepted":tr', "not JSON"],
  ])("since the answer is %s says so", async (_what, status, body, detail) => {
    answerWith(status, body);
    const called = await client().heartbeat(PLACE, BEAT);
    expect(called).toEqual({ kind: "failed", detail: expect.stringContaining(detail) });
    expect("detail" in called && called.detail.length).toBeLessThanOrEqual(300);
  });

  it("since it is sent elsewhere does not follow: the token is for the detector alone", async () => {
    answerWith(307, "", { Location: `${server.url}/elsewhere` });
    expect(await client().heartbeat(PLACE, BEAT)).toMatchObject({ kind: "failed" });
    expect(asked).toHaveLength(1);
  });

  it("since the answer never ends has read 4 MiB of it, and ends the connection", async () => {
    let taken = (): number => 0;
    answer = (response) => void (taken = endless(response.writeHead(200), "x".repeat(65_536)));
    const called = await client().exchange({ version: 0 });
    expect(called).toEqual({ kind: "failed", detail: `the answer is longer than ${4 * MIB} bytes` });
    await gone();
    // Kernel and stream buffer some more bytes than the client reads.
    expect(taken()).toBeGreaterThan(4 * MIB);
    expect(taken()).toBeLessThan(16 * MIB);
  });

  it.each([
    ["nothing comes", () => undefined],
    ["the answer stops in the middle", (response: ServerResponse) => void response.writeHead(200).write("{")],
  ])("since %s ends at its limit", async (_what, hang) => {
    answer = hang;
    const from = performance.now();
    const called = await client(300).heartbeat(PLACE, BEAT);
    expect(called).toEqual({ kind: "failed", detail: expect.stringContaining("timeout") });
    expect(performance.now() - from).toBeGreaterThan(250);
    await gone();
  });

  it("has as much more time as it asks to be held for", async () => {
    const reply = { acknowledged: 0, wanted: [], shards: 1, at: AT };
    answer = (response) => void setTimeout(() => response.end(JSON.stringify(reply)), 400);
    const short = client(200);
    expect(await short.exchange({ version: 0, waitMs: 55_000 })).toMatchObject({ kind: "ok" });
    answer = () => undefined;
    expect(await short.exchange({ version: 0 })).toMatchObject({ kind: "failed" });
  });

  it("as it is given up ends at once", async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const calling = client().heartbeat(PLACE, BEAT, stop.signal);
    await until(() => asked.length === 1, { withinMs: 20_000, everyMs: 5, explain: () => "not asked" });
    stop.abort();
    // The call failed by the abort, and not by its time limit.
    expect(await calling).toEqual({ kind: "failed", detail: expect.not.stringContaining("timeout") });
    await gone();
    expect(await client().heartbeat(PLACE, BEAT, stop.signal)).toMatchObject({ kind: "failed" });
    expect(asked).toHaveLength(1);
  });

  it("as nobody listens, or somebody hangs up, says why", async () => {
    answer = (response) => response.destroy();
    expect(await client().heartbeat(PLACE, BEAT)).toEqual({
      kind: "failed",
      detail: expect.stringMatching(/other side closed|ECONNRESET|UND_ERR_SOCKET/),
    });
    await server.vanish();
    expect(await client().heartbeat(PLACE, BEAT)).toEqual({
      kind: "failed",
      detail: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("never shows the token, not even where a proxy does", async () => {
    const shown = async (status: number): Promise<string> => {
      answerWith(status, `<pre>Authorization: Bearer local-token</pre>`);
      return JSON.stringify(await client().heartbeat(PLACE, BEAT));
    };
    for (const status of [200, 502]) expect(await shown(status)).toContain("Authorization: Bearer …<");
    // A token that no header can carry.
    const odd = new Client(server.url, "secret\nword");
    expect(JSON.stringify(await odd.heartbeat(PLACE, BEAT))).not.toContain("secret");
  });
});
