import { reset } from "cloudflare:test";
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { assignmentFor } from "../../src/aggregator/assignment.ts";
import type { TargetRow } from "../../src/aggregator/store/catalogue.ts";
import { judgedOf } from "../../src/aggregator/target-rules.ts";
import { createApp } from "../../src/api/app.ts";
import type { Bindings } from "../../src/config.ts";
import type { Problem } from "../../src/domain/problem.ts";
import { completeTarget, TargetSchema, type TargetAnswer } from "../../src/domain/target.ts";
import type { Vantage } from "../../src/domain/vantage.ts";
import { forget, query, rpc } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

const WEUR: Vantage = { id: "weur", kind: "regional", region: "weur", provider: "cloudflare" };
const PATH = "/v1/sites/fra/targets/db-1";
const app = createApp({ resolveAddresses: async () => [] });

const ask = async (method: string, body?: unknown, headers: Record<string, string> = {}, path = PATH) => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await app.request(
    path,
    {
      method,
      headers: { Authorization: "Bearer local-admin", "Content-Type": "application/json", ...headers },
      ...sent,
    },
    env as unknown as Bindings,
  );
  return {
    status: answer.status,
    etag: answer.headers.get("ETag") ?? "",
    headers: answer.headers,
    body: await answer.json<TargetAnswer & Problem>(),
  };
};

const PATCH = { "Content-Type": "application/merge-patch+json" };
const patch = (change: unknown, headers: Record<string, string> = {}, path = PATH) =>
  ask("PATCH", change, { ...PATCH, ...headers }, path);
const shown = () => ask("GET");
const put = (config: object) => ask("PUT", { url: "http://127.0.0.1:9000/", intervalMs: 5_000, ...config });
/** All that the aggregator keeps of a target, and the version under which vantages know the target. */
const kept = async (): Promise<unknown> => [
  await query("SELECT * FROM targets"),
  await query("SELECT * FROM meta"),
];
const changes = async (): Promise<number> => {
  const answer = await app.request(
    "/v1/audit?limit=100",
    { headers: { Authorization: "Bearer local-admin" } },
    env as unknown as Bindings,
  );
  return (await answer.json<{ entries: object[] }>()).entries.length;
};

const word = fc.stringMatching(/^[a-z0-9]{1,12}$/);
/** Any valid configuration of a target, with every field. */
const config = fc
  .record(
    {
      intervalMs: fc.integer({ min: 11_000, max: 3_600_000 }),
      timeoutMs: fc.integer({ min: 500, max: 10_000 }),
      headers: fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), word, {
        maxKeys: 4,
      }),
      witness: word.map((key) => `http://127.0.0.1:9001/?key=${key}&${key}`),
      vantages: fc.subarray(["wnam", "enam", "weur", "eeur", "oc"], { minLength: 1 }),
      expect: fc.record({ status: fc.constant([200, 204]), bodyIncludes: word }, { requiredKeys: [] }),
      policy: fc.record(
        {
          failoverOn: fc.constant(["gray" as const, { verdict: "node_dead" as const, afterMs: 5 }]),
          restartGraceMs: fc.nat(3_600_000),
          outsideProof: fc.boolean(),
          minVantages: fc.integer({ min: 1, max: 16 }),
          expectedLoss: fc.constantFrom(0, 0.125, 0.5),
        },
        { requiredKeys: [] },
      ),
      paused: fc.boolean(),
      publicBadge: fc.boolean(),
    },
    { requiredKeys: [] },
  )
  .chain((rest) => word.map((key) => ({ url: `https://127.0.0.1:9000/health?key=${key}&on`, ...rest })));

describe("what a GET gives", () => {
  it("can be put back, and patched with nothing: no version, no tag, no row and no line of the audit is another", async () => {
    await fc.assert(
      fc.asyncProperty(config, fc.boolean(), async (wanted, isByReader) => {
        await ask("PUT", wanted);
        const before = await kept();
        const lines = await changes();
        const { body, etag } = await ask("GET", undefined, {
          Authorization: `Bearer local-${isByReader ? "read" : "admin"}`,
        });
        for (const headers of [{}, { "If-Match": etag }, { "If-Match": "*" }]) {
          const back = await ask("PUT", body, headers);
          expect([back.status, back.etag, back.body.updatedAt]).toEqual([200, etag, body.updatedAt]);
          const same = await patch({}, headers);
          expect([same.status, same.etag]).toEqual([200, etag]);
          const whole = await patch(body, headers);
          expect([whole.status, whole.etag]).toEqual([200, etag]);
        }
        expect(await kept()).toEqual(before);
        expect(await changes()).toBe(lines);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    ["site", "ams", 'stands in the path: must be left out, or be "fra"'],
    ["target", "db-2", 'stands in the path: must be left out, or be "db-1"'],
    ["createdAt", "2020-01-01T00:00:00.000Z", "must be left out, or be as it stands: 20"],
    ["updatedAt", "2020-01-01T00:00:00.000Z", "must be left out, or be as it stands: 20"],
  ])("is refused with another %s", async (field, value, message) => {
    await put({});
    const before = await kept();
    const { body } = await shown();
    for (const refused of [await ask("PUT", { ...body, [field]: value }), await patch({ [field]: value })])
      expect(refused).toMatchObject({
        status: 400,
        body: { errors: [{ path: field, message: expect.stringContaining(message) as string }] },
      });
    expect(await kept()).toEqual(before);
  });

  it("is refused where nothing stands, and so nothing was made then", async () => {
    await put({});
    const { body } = await shown();
    await app.request(
      PATH,
      { method: "DELETE", headers: { Authorization: "Bearer local-admin" } },
      env as unknown as Bindings,
    );
    expect(await ask("PUT", body)).toMatchObject({ status: 400, body: { errors: [{ path: "createdAt" }] } });
    const { createdAt: _created, updatedAt: _updated, ...rest } = body;
    expect(await ask("PUT", rest)).toMatchObject({ status: 201 });
  });

  it("changes what was changed in it, and of the rest nothing, warnings of another moment included", async () => {
    await put({ headers: { "x-key": "s3cret" } });
    const { body } = await shown();
    const changed = await ask("PUT", { ...body, warnings: ["of yesterday"], paused: true });
    expect(changed).toMatchObject({ status: 200, body: { paused: true, createdAt: body.createdAt } });
    const [row] = await query<{ config: string }>("SELECT config FROM targets");
    expect(JSON.parse(row?.config ?? "")).toMatchObject({ headers: { "x-key": "s3cret" }, paused: true });
  });
});

it("whose badge anybody may see is neither the judge's matter nor the vantages'", async () => {
  await put({});
  await put({ publicBadge: true });
  expect((await shown()).body.publicBadge).toBe(true);
  expect(await rpc().publicBadges()).toEqual(["fra/db-1"]);
  const permission = { roster: [WEUR], allowPrivate: true };
  const rowOf = (config: object): TargetRow => ({
    site: "fra",
    target: "db-1",
    config: completeTarget(TargetSchema.parse({ url: "http://127.0.0.1:9000/", ...config })),
    revision: 2,
    version: 1,
    createdAt: 0,
    updatedAt: 0,
  });
  const told = (row: TargetRow): unknown => [
    judgedOf(row, permission, undefined, 0),
    assignmentFor("weur", { ...permission, version: 1, shard: 0, controls: [], drills: [], targets: [row] }),
  ];
  expect(told(rowOf({ publicBadge: true }))).toEqual(told(rowOf({})));
  await patch({ publicBadge: null });
  expect(await rpc().publicBadges()).toEqual([]);
});

describe("a patch", () => {
  it("changes one field, takes one away, and replaces a list whole", async () => {
    await put({
      intervalMs: 60_000,
      timeoutMs: 2_000,
      witness: "tcp://127.0.0.1:22",
      vantages: ["wnam", "enam"],
      headers: { "x-key": "s3cret", "x-more": "another" },
      policy: { outsideProof: true, minVantages: 4 },
    });
    const { etag } = await shown();
    const {
      status,
      body,
      etag: after,
    } = await patch({
      timeoutMs: null,
      witness: null,
      vantages: ["oc"],
      headers: { "x-more": null, "x-new": "one" },
      policy: { minVantages: null },
    });
    expect(status).toBe(200);
    expect(after).not.toBe(etag);
    expect(body).toMatchObject({ intervalMs: 60_000, timeoutMs: 5_000, vantages: ["oc"] });
    expect("witness" in body).toBe(false);
    expect(body.policy).toEqual({ outsideProof: true });
    const [row] = await query<{ config: string }>("SELECT config FROM targets");
    expect(JSON.parse(row?.config ?? "")).toMatchObject({ headers: { "x-key": "s3cret", "x-new": "one" } });
    expect((await shown()).etag).toBe(after);
    expect(await changes()).toBe(2);
  });

  it("is the same as the PUT of what it makes", async () => {
    await fc.assert(
      fc.asyncProperty(config, config, async (wanted, change) => {
        await ask("PUT", wanted);
        const { body } = await shown();
        const patched = await patch(change);
        await ask("PUT", wanted);
        const { headers = {}, expect: expected = {}, policy = {} } = body;
        const parts = Object.fromEntries(
          Object.entries({ headers, expect: expected, policy })
            .map(([name, part]) => [name, { ...part, ...change[name as "headers"] }] as const)
            .filter(([name]) => name in body || name in change),
        );
        const whole = await ask("PUT", { ...body, updatedAt: undefined, ...change, ...parts });
        expect(patched.status).toBe(whole.status);
        const { updatedAt: _one, ...one } = patched.body;
        const { updatedAt: _other, ...other } = whole.body;
        expect(one).toEqual(other);
      }),
      { numRuns: 25 },
    );
  });

  it.each([
    [{ url: null }, "url"],
    [{ url: 7 }, "url"],
    [{ timeoutMs: 1 }, "timeoutMs"],
    [{ timeoutMs: 9_000 }, "timeoutMs"],
    [{ colour: "red" }, "colour"],
    [{ constructor: 1 }, "constructor"],
    [{ headers: { "x-none": "***" } }, "headers.x-none"],
    [{ headers: { host: "x" } }, "headers.host"],
    [{ vantages: ["mars"] }, "vantages.0"],
    [{ policy: { minVantages: 99 } }, "policy.minVantages"],
    [JSON.parse('{"headers":{"__proto__":"x"}}'), "headers.__proto__"],
    [JSON.parse('{"__proto__":{"paused":true}}'), "__proto__"],
    [[], ""],
    [null, ""],
  ])("of %j is refused, and changes nothing", async (change, field) => {
    await put({});
    const before = await kept();
    expect(await patch(change)).toMatchObject({ status: 400, body: { errors: [{ path: field }] } });
    expect(await kept()).toEqual(before);
  });

  it("of objects within each other without end is refused", async () => {
    await put({});
    const deep = JSON.parse(`${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`) as unknown;
    expect(await patch(deep)).toMatchObject({ status: 400, body: { errors: [{ path: "" }] } });
  });

  it("honours If-Match, and is 404 where there is no such target", async () => {
    await put({});
    const { etag } = await shown();
    expect((await patch({ paused: true }, { "If-Match": '"0"' })).status).toBe(412);
    const changed = await patch({ paused: true }, { "If-Match": `"0", ${etag}` });
    expect(changed.status).toBe(200);
    expect((await patch({ paused: false }, { "If-Match": etag })).status).toBe(412);
    expect((await patch({ paused: false }, { "If-Match": "*" })).status).toBe(200);
    expect((await patch({ paused: true }, {}, "/v1/sites/fra/targets/none")).status).toBe(404);
    expect((await patch({ paused: true }, { "If-Match": "*" }, "/v1/sites/fra/targets/none")).status).toBe(
      404,
    );
  });

  it.each(["text/plain", "application/json-patch+json", ""])(
    "is 415 as %j, and told what is taken",
    async (type) => {
      await put({});
      const refused = await patch({}, { "Content-Type": type });
      expect(refused.status).toBe(415);
      expect(refused.headers.get("Accept-Patch")).toBe("application/merge-patch+json, application/json");
      expect((await patch({}, { "Content-Type": "application/json; charset=utf-8" })).status).toBe(200);
    },
  );

  it("of one field loses none of what others change at once", async () => {
    await put({ intervalMs: 60_000 });
    const fields = [
      { intervalMs: 30_000 },
      { timeoutMs: 1_000 },
      { witness: "tcp://127.0.0.1:22" },
      { paused: true },
      { vantages: ["oc"] },
      { headers: { "x-a": "1" } },
      { headers: { "x-b": "2" } },
      { policy: { minVantages: 2 } },
    ];
    const answers = await Promise.all(fields.map((field) => patch(field)));
    expect(answers.map(({ status }) => status)).toEqual(fields.map(() => 200));
    const [row] = await query<{ config: string }>("SELECT config FROM targets");
    expect(JSON.parse(row?.config ?? "")).toEqual({
      url: "http://127.0.0.1:9000/",
      ...Object.assign({}, ...fields),
      headers: { "x-a": "1", "x-b": "2" },
    });
    expect(new Set(answers.map(({ etag }) => etag)).size).toBe(fields.length);
    expect(await changes()).toBe(fields.length + 1);
  });
});
