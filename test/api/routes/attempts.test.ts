import { exports } from "cloudflare:workers";
import { describe, expect, inject, it } from "vitest";
import { AttemptsAnswerSchema, type AttemptsAnswer } from "../../../src/domain/attempt.ts";
import { ADMIN, READ, world } from "../world.ts";

const PATH = "/v1/vantages/weur/attempts";
const port = (name: string): number => inject("ports")[name] ?? 0;

/** The answer of the whole Worker, with a real vantage and a real prober. */
const attempts = async (body: object): Promise<AttemptsAnswer["attempts"]> => {
  const answer = await exports.default.fetch(`https://parallax.test${PATH}`, {
    method: "POST",
    headers: { authorization: "Bearer local-admin", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
  return AttemptsAnswerSchema.parse(await answer.json()).attempts;
};

describe("an attempt", () => {
  it("at nobody tells how each way fails, in the platform's own words and marks", async () => {
    const found = await attempts({ url: `http://localhost:${port("nobody")}/` });
    expect(found).toMatchObject([
      {
        by: "fetch",
        end: "failed",
        status: null,
        thrown: { message: "Network connection lost.", retryable: true },
      },
      { by: "connect", end: "failed", thrown: { message: expect.stringContaining("proxy request failed") } },
    ]);
    expect(JSON.stringify(found)).not.toContain(String(port("nobody")));
  });

  it("at a server tells its status and the beginning of its body, and by TLS what is no TLS", async () => {
    expect(await attempts({ url: `http://localhost:${port("ok")}/` })).toMatchObject([
      { by: "fetch", end: "answered", status: 200, proxied: false, thrown: null },
      { by: "connect", end: "opened", thrown: null },
    ]);
    const secure = await attempts({ url: `https://localhost:${port("ok")}/` });
    expect(secure).toMatchObject([
      { by: "fetch", end: "failed", thrown: { message: expect.stringMatching(/^internal error; …$/) } },
      { by: "connect", end: "opened" },
      { by: "connect with TLS", end: "failed" },
    ]);
    expect(secure[0]?.thrown?.retryable).not.toBe(true);
  });

  it("at one that is silent ends in time, and so often at once as is asked for", async () => {
    const found = await attempts({ url: `http://localhost:${port("silent")}/`, timeoutMs: 500, times: 3 });
    expect(found.map(({ by, end }) => `${by} ${end}`)).toEqual([
      "fetch late",
      "fetch late",
      "fetch late",
      "connect opened",
    ]);
  });

  it.each([
    [PATH, { url: "http://10.0.0.7/" }, 400, "public address"],
    [PATH, { url: "dns://db.example/a" }, 400, "url"],
    [PATH, { url: "tcp://db.example:1", timeoutMs: 10 }, 400, "timeoutMs"],
    [PATH, { url: "tcp://db.example:1", times: 9 }, 400, "times"],
    ["/v1/vantages/mars/attempts", { url: "tcp://db.example:1" }, 404, "wnam, enam"],
  ])("of %s with %j is refused", async (path, body, status, word) => {
    const { send } = world({ env: { ALLOW_PRIVATE: "false" } });
    const answer = await send("POST", path, body);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining(word)]);
  });

  it("is for administrators alone", async () => {
    const { ask } = world();
    const body = JSON.stringify({ url: "tcp://db.example:1" });
    const headers = { "content-type": "application/json" };
    expect((await ask(PATH, { method: "POST", body, headers: { ...headers, ...READ } })).status).toBe(403);
    expect((await ask(PATH, { method: "POST", body, headers })).status).toBe(401);
    expect((await ask(PATH, { method: "POST", body, headers: { ...headers, ...ADMIN } })).status).toBe(503);
  });
});
