import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRecord } from "../../src/domain/merge.ts";
import type { Operation } from "../../src/api/openapi/specification.ts";
import { ADMIN, DB1, problemIn, world } from "./world.ts";

/** Patterns of the schema library's own sentences in its English locale. */
const LIBRARYS = /^Invalid|^Too (big|small)|^Unrecognized|\bexpected\b|\breceived\b|\b(undefined|NaN)\b/;
/** Patterns that say what would be right, or that the field must be left out. */
const RIGHT =
  /\bmust\b|\bis required\b|\bleave (it|them) out\b|\bneeds\b|\bgive\b|; a \w+ target has\b|\bthere is type alone\b/;

const BROKEN = [
  null,
  true,
  7,
  -1,
  1.5,
  1e300,
  "",
  "x",
  "x".repeat(3_000),
  [],
  [null],
  ["a", "a"],
  {},
  { a: 1 },
];

type Json = fc.JsonValue;

/** The same value with something broken in one place, which `choose` picks. */
const brokenBy = (value: Json, choose: (below: number) => number): Json => {
  if (Array.isArray(value) && value.length > 0 && choose(3) > 0) {
    const at = choose(value.length);
    return value.with(at, brokenBy(value[at] ?? null, choose));
  }
  if (isRecord(value) && choose(4) > 0) {
    const names = Object.keys(value);
    const name = names[choose(names.length + 1)] ?? "stranger";
    if (choose(4) === 0)
      return Object.fromEntries(Object.entries(value).filter(([other]) => other !== name)) as Json;
    return { ...value, [name]: brokenBy((value[name] ?? null) as Json, choose) } as Json;
  }
  return (BROKEN[choose(BROKEN.length)] ?? null) as Json;
};

/** Bodies with more fields than the document's examples have. */
const MORE: Record<string, Json> = {
  "put /v1/sites/{site}/targets/{target}": {
    url: "http://127.0.0.1/",
    intervalMs: 5_000,
    timeoutMs: 1_000,
    expect: { status: [200], bodyIncludes: "ok", fresh: true },
    headers: { "x-a": "b" },
    witness: "tcp://127.0.0.1:22",
    vantages: ["weur"],
    policy: { failoverOn: ["gray", { verdict: "node_dead", afterMs: 1 }], minVantages: 3, providers: 1 },
    paused: false,
    site: "fra",
    createdAt: "2026-11-22T18:30:04.120Z",
  },
  // Without `waitMs`, since the API would hold the request.
  "post /v1/observations": {
    version: 3,
    reports: [
      {
        sequence: 1,
        madeAt: "2026-11-22T18:30:04.120Z",
        version: 3,
        dropped: 0,
        controls: [],
        observations: [],
      },
    ],
  },
  "post /v1/tokens": { scope: "notify", site: "fra", target: "db-1", sites: ["fra"], note: "n" },
  "post /v1/drills": { site: "fra", fault: "hang", durationMs: 1_000, vantages: ["weur"], live: true },
};

const exampleOf = (name: string, { requestBody }: Operation): Json =>
  MORE[name] ?? (Object.values(requestBody?.content ?? {})[0]?.example as Json);

const filled = (path: string): string =>
  path
    .replace("{site}", "fra")
    .replace("{target}", "db-1")
    .replace("{id}", "weur")
    .replace("{delivery}", "d-1");

const complaints = async (response: Response): Promise<string[]> => {
  if (response.status !== 400) return [];
  const { type, errors, detail } = await problemIn(response);
  if (!type.endsWith(":validation")) return [];
  expect(detail).not.toMatch(LIBRARYS);
  return errors.map(({ path, message }) => `${path}: ${message}`);
};

const expectOurs = (found: string[]): void => {
  for (const complaint of found) {
    const [path = "", message = ""] = complaint.split(/: (.*)/s);
    expect(message, path).not.toMatch(LIBRARYS);
    expect(message, path).toMatch(RIGHT);
  }
};

describe("what is said of what is wrong", () => {
  it("is ours of every body there is, and says what would be right", async () => {
    const { ask, document } = world();
    const { paths } = await document();
    const bodies = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        // The API would make an attempt over the network.
        .filter(([, { requestBody }]) => requestBody !== undefined && !path.endsWith("/attempts"))
        .map(([method, operation]) => ({ method, path, example: exampleOf(`${method} ${path}`, operation) })),
    );
    expect(bodies.length).toBeGreaterThan(10);
    const { token } = await (
      await ask("/v1/vantages", {
        method: "POST",
        headers: { ...ADMIN, "Content-Type": "application/json" },
        body: JSON.stringify({ id: "lab-1", region: "hel", provider: "own", sites: "all" }),
      })
    ).json<{ token: string }>();
    const told = new Set<string>();
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...bodies), fc.infiniteStream(fc.nat(1_000)), async (one, numbers) => {
        const choose = (below: number): number => (numbers.next().value ?? 0) % below;
        const body = brokenBy(one.example, choose);
        const found = await complaints(
          await ask(filled(one.path), {
            method: one.method.toUpperCase(),
            headers: {
              ...(one.path === "/v1/observations" ? { Authorization: `Bearer ${token}` } : ADMIN),
              "Content-Type": "application/json",
            },
            body: JSON.stringify(body),
          }),
        );
        expectOurs(found);
        for (const complaint of found) told.add(complaint);
      }),
      { numRuns: 400 },
    );
    expect(told.size).toBeGreaterThan(50);
  });

  it("is ours of every parameter there is", async () => {
    const { ask, document } = world();
    const { paths } = await document();
    const values = ["", "x", "-1", "1.5", "NaN", "1e99", "x".repeat(20_000), "-1h", "a&b"];
    let told = 0;
    for (const [path, { get }] of Object.entries(paths))
      for (const { name, in: place } of get?.parameters ?? []) {
        if (place !== "query" || path === "/v1/events") continue;
        for (const value of values) {
          const found = await complaints(
            await ask(`${filled(path)}?${name}=${encodeURIComponent(value)}&${name}=2`, { headers: ADMIN }),
          );
          expectOurs(found);
          told += found.length;
        }
      }
    expect(told).toBeGreaterThan(50);
  });

  it.each([
    [{}, { url: "is required: a text" }],
    [{ url: 7 }, { url: "must be a text" }],
    [{ intervalMs: 4_999 }, { intervalMs: "must be at least 5000" }],
    [{ intervalMs: "5" }, { intervalMs: "must be a number" }],
    [{ intervalMs: 5_000.5 }, { intervalMs: "must be a whole number" }],
    [{ paused: 1 }, { paused: "must be true or false" }],
    [{ vantages: [] }, { vantages: "must have at least 1 item" }],
    [{ vantages: "weur" }, { vantages: "must be a list" }],
    [{ policy: [] }, { policy: "must be an object" }],
    [{ policy: { expectedLoss: 0.6 } }, { "policy.expectedLoss": "must be at most 0.5" }],
    [{ headers: { "a b": "c" } }, { "headers.a b": /^must be a header's name/ }],
    [{ expect: { status: [99] } }, { "expect.status.0": "must be at least 100" }],
    [{ expect: { bodyIncludes: "" } }, { "expect.bodyIncludes": "must have at least 1 character" }],
    [
      { policy: { failoverOn: ["dead"] } },
      { "policy.failoverOn.0": /^must be one of "gray", .*, or an object$/ },
    ],
    [{ createdAt: "today" }, { createdAt: /^must be an instant in UTC/ }],
    [{ colour: "red" }, { colour: "is not a field of this body: leave it out" }],
  ])("of a target with %j is %j", async (part, wrong) => {
    const url = "url" in part || Object.keys(part).length === 0 ? {} : { url: "http://127.0.0.1/" };
    const { errors } = await problemIn(await world().send("PUT", DB1, { ...url, ...part }));
    expect(errors).toHaveLength(1);
    for (const [path, message] of Object.entries(wrong)) {
      expect(errors[0]?.path).toBe(path);
      expect(errors[0]?.message).toMatch(
        message instanceof RegExp ? message : new RegExp(`^${message.replaceAll(".", "\\.")}$`),
      );
    }
  });
});
