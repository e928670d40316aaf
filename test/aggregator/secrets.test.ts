import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { Specification } from "../../src/api/openapi/specification.ts";
import type { Bindings } from "../../src/config.ts";
import { completeTarget, TargetSchema, type TargetAnswer } from "../../src/domain/target.ts";
import { forget, put, query, reportAll } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

const app = createApp({ resolveAddresses: async () => [] });
const ask = async (path: string, token: string, init: RequestInit = {}): Promise<Response> =>
  app.request(
    path,
    {
      ...init,
      headers: {
        Authorization: `Bearer ${token}`,
        "Content-Type": "application/json",
        Accept: "text/html,*/*",
      },
    },
    env as unknown as Bindings,
  );

const secret = fc.stringMatching(/^s3cret[a-z0-9]{4,12}$/);
const wanted = fc.oneof(
  fc.tuple(secret, secret, secret, secret).map(([key, header, word, witness]) => ({
    url: `http://127.0.0.1:9000/health?key=${key}&mode=on&${key}`,
    witness: `http://127.0.0.1:9001/?key=${witness}`,
    headers: { authorization: `h-${header}` },
    expect: { bodyIncludes: word, status: [200] },
  })),
  fc.tuple(secret, secret).map(([sends, word]) => ({
    url: "tcp://127.0.0.1:9000",
    expect: { sends, bodyIncludes: word },
  })),
);

const filled = (path: string): string => path.replace("{site}", "fra").replace("{target}", "db-1");

/** Every read in the document, of this target or of all targets. */
const readsIn = ({ paths }: Specification): string[] =>
  Object.entries(paths)
    .filter(([path, { get }]) => get !== undefined && path !== "/v1/events" && path !== "/docs")
    .map(([path]) => filled(path))
    .filter((path) => !path.includes("{"));

const stored = async (): Promise<unknown[]> =>
  (await query<{ config: string }>("SELECT config FROM targets")).map(
    ({ config }): unknown => JSON.parse(config) as unknown,
  );

it("no answer to a reader has a secret, none to anybody a header's value; and what a GET gives a PUT takes back, and changes nothing", async () => {
  const reads = readsIn(await (await ask("/openapi.json", "local-read")).json<Specification>());
  expect(reads).toEqual(expect.arrayContaining(["/v1/sd", "/v1/metrics", "/v1/sites/fra/targets"]));
  await fc.assert(
    fc.asyncProperty(wanted, async (config) => {
      await put("fra", "db-1", config);
      await reportAll(["fra/db-1"]);
      const header = "headers" in config ? config.headers.authorization : "no header";
      for (const path of reads) {
        const read = await ask(path, "local-read");
        expect([200, 403, 409], path).toContain(read.status);
        expect(await read.text(), path).not.toContain("s3cret");
        expect(await (await ask(path, "local-admin")).text(), path).not.toContain(header);
      }
      const before = await stored();
      expect(before).toEqual([completeTarget(TargetSchema.parse({ intervalMs: 5_000, ...config }))]);
      const path = "/v1/sites/fra/targets/db-1";
      for (const token of ["local-read", "local-admin"]) {
        const shown = await (await ask(path, token)).json<TargetAnswer>();
        const body = JSON.stringify(shown);
        const answer = await ask(path, "local-admin", { method: "PUT", body });
        expect(answer.status).toBe(200);
        expect(await answer.json<TargetAnswer>()).toMatchObject({ url: config.url, expect: config.expect });
        expect(await stored()).toEqual(before);
      }
    }),
    { numRuns: 5 },
  );
});

it("a masked header is not sent to another place by a PUT that changes the URL alone: it has to be said again", async () => {
  const path = "/v1/sites/fra/targets/db-1";
  const url = "https://db-1.example.com/health";
  const body = (changes: object): string =>
    JSON.stringify({ url, headers: { authorization: "***" }, intervalMs: 5_000, ...changes });
  const putAs = (changes: object): Promise<Response> =>
    ask(path, "local-admin", { method: "PUT", body: body(changes) });
  expect((await putAs({ headers: { authorization: "s3cret" } })).status).toBe(201);
  for (const moved of [
    "https://thief.example.com/health",
    "https://db-1.example.com:8443/",
    "http://db-1.example.com/",
  ]) {
    const answer = await putAs({ url: moved });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      errors: [{ path: "headers.authorization", message: expect.stringContaining("say the value itself") }],
    });
    expect(JSON.stringify(await stored())).not.toContain(moved);
  }
  expect((await putAs({ url: "https://db-1.example.com/another" })).status).toBe(200);
  expect(JSON.stringify(await stored())).toContain("s3cret");
});
