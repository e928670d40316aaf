import { env } from "cloudflare:workers";
import { runInDurableObject, reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { Bindings } from "../../src/config.ts";
import { ProblemSchema } from "../../src/domain/problem.ts";
import type { TargetAnswer } from "../../src/domain/target.ts";
import type { Vantage } from "./worker.ts";
import { forget } from "./scene.ts";

/** Names of properties that objects or functions have from the start. */
const BORN_WITH = [...Object.getOwnPropertyNames(Object.prototype), "prototype", "length", "name", "caller"];
const LOST = "__proto__";
const HEADERS = BORN_WITH.filter((name) => name !== LOST);

beforeEach(async () => {
  await reset();
  forget();
});

/** The real API over the real aggregator. */
const open = () => {
  const app = createApp({ resolveAddresses: async () => [] });
  /** `body` is sent as it is, since an object of ours cannot hold every such name. */
  const send = async (method: string, path: string, body?: string): Promise<Response> => {
    const answer = await app.request(
      path,
      {
        method,
        headers: { Authorization: "Bearer local-admin", "Content-Type": "application/json" },
        ...(body === undefined ? {} : { body }),
      },
      env as unknown as Bindings,
    );
    expect(answer.status, `${method} ${path} ${body ?? ""}`).toBeLessThan(500);
    return answer;
  };
  const refusedFor = async (answer: Response): Promise<string[]> => {
    expect(answer.status).toBe(400);
    return (ProblemSchema.parse(await answer.json()).errors ?? []).map(({ path }) => path);
  };
  return { send, refusedFor };
};

const pairs = (entries: (readonly [string, string | string[]])[]): string =>
  `{${entries.map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)}`).join(", ")}}`;
const target = (headers: (readonly [string, string])[]): string =>
  `{"url": "http://127.0.0.1:9001/", "headers": ${pairs(headers)}}`;

/** The headers in the newest assignment of a vantage. */
const toldHeaders = (): Promise<[string, string][]> => {
  const stub = env.VANTAGE.get(env.VANTAGE.idFromName("0/weur")) as unknown as DurableObjectStub<Vantage>;
  return runInDurableObject(stub, ({ assignments }: Vantage) =>
    Object.entries(assignments.at(-1)?.targets[0]?.headers ?? {}),
  );
};

describe("a name that every object is born with", () => {
  it("is a header like any other: sent, masked, kept by its mask, and no mask stands for what was never stored", async () => {
    const { send, refusedFor } = open();
    const path = "/v1/sites/fra/targets/db-1";
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...HEADERS, "X-Key"), { minLength: 1, maxLength: 5 }),
        fc.constantFrom(...HEADERS),
        async (names, other) => {
          await send("DELETE", path);
          const secrets = names.map((name, index) => [name, `secret-${index}`] as const);
          expect((await send("PUT", path, target(secrets))).status).toBe(201);
          const masked = names.map((name) => [name, "***"] as const);
          const kept = await send("PUT", path, target(masked));
          expect(kept.status).toBe(200);
          expect(Object.entries((await kept.json<TargetAnswer>()).headers ?? {})).toEqual(masked);
          await expect.poll(toldHeaders).toEqual(secrets);
          if (names.includes(other)) return;
          const unknown = await send("PUT", path, target([...masked, [other, "***"]]));
          expect(await refusedFor(unknown)).toEqual([`headers.${other}`]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is refused by its place where it is the one that is lost on the way", async () => {
    const { send, refusedFor } = open();
    const path = "/v1/sites/fra/targets/db-1";
    for (const value of ["***", "secret"])
      for (const name of [LOST, "\\u005f_proto__"]) {
        const body = `{"url": "http://127.0.0.1:9001/", "headers": {"x-key": "1", "${name}": "${value}"}}`;
        expect(await refusedFor(await send("PUT", path, body))).toEqual([`headers.${LOST}`]);
      }
  });

  it("is no field of a body, wherever it stands in it", async () => {
    const { send, refusedFor } = open();
    const scheme = fc.constantFrom("http", "https", "tcp", "tls", "redis", "postgres");
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...BORN_WITH),
        scheme,
        fc.constantFrom("", "expect", "policy"),
        async (name, kind, where) => {
          const field = `"${name}": {"a": 1}`;
          const inner = where === "" ? field : `"${where}": {${field}}`;
          const answer = await send(
            "PUT",
            "/v1/sites/fra/targets/db-1",
            `{"url": "${kind}://127.0.0.1:9001", ${inner}}`,
          );
          const problem = ProblemSchema.parse(await answer.clone().json());
          expect(await refusedFor(answer)).toEqual([where === "" ? name : `${where}.${name}`]);
          expect(JSON.stringify(problem)).not.toMatch(/function|\[object/);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("names a site, a target, a vantage and a webhook of nobody but what was put under it", async () => {
    const { send } = open();
    const names = [...new Set(BORN_WITH.map((name) => name.toLowerCase()))];
    for (const name of names) {
      const path = `/v1/sites/${name}/targets/${name}`;
      const isName = /^[a-z0-9-]+$/.test(name);
      const nothing = isName ? 404 : 400;
      for (const way of ["", "/verdict", "/history", "/up"])
        expect((await send("GET", `${path}${way}`)).status, way).toBe(nothing);
      expect((await send("GET", `/v1/webhooks/${name}`)).status).toBe(nothing);
      expect((await send("GET", `/v1/webhooks/${name}/deliveries`)).status).toBe(nothing);
      expect((await send("DELETE", `/v1/vantages/${name}`)).status).toBe(nothing);
      expect((await send("DELETE", `/v1/drills/${name}`)).status).toBeGreaterThanOrEqual(400);
      const made = await send(
        "POST",
        "/v1/vantages",
        pairs([
          ["id", name],
          ["region", name],
          ["provider", name],
          ["sites", [name]],
        ]),
      );
      expect(made.status).toBe(isName ? 201 : 400);
      const hook = await send("PUT", `/v1/webhooks/${name}`, pairs([["url", "https://hook.example/"]]));
      expect(hook.status).toBe(isName ? 201 : 400);
      const put = await send("PUT", path, pairs([["url", "http://127.0.0.1:9001/"]]));
      expect(put.status).toBe(isName ? 201 : 400);
      if (!isName) continue;
      for (const way of ["", "/verdict", "/history"])
        expect((await send("GET", `${path}${way}?from=${name}`)).status, way).toBe(200);
      expect((await send("GET", `${path}/up?from=${name}`)).status).toBe(200);
      const beat = await send("POST", `${path}/heartbeats`, pairs([["bootId", name]]));
      expect(beat.status).toBeLessThan(300);
    }
    const { vantages } = await (
      await send("GET", "/v1/vantages")
    ).json<{ vantages: { id: string; rearmed: number }[] }>();
    for (const { id, rearmed } of vantages) expect(rearmed, id).toBe(0);
  });
});
