import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { FakeDetector, MOODS } from "../fake-detector.ts";
import { Running } from "../running.ts";
import { FakeTargets } from "./fake-targets.ts";

const FILE = `sites:
  fra:
    db-1:
      url: http://db-1.example/health
      intervalMs: 5000
      timeoutMs: 2000
      headers: {authorization: "Bearer \${KEY}"}
    db-2: {url: "tcp://db-2.example:5432", intervalMs: 5000, timeoutMs: 2000}
`;
const DB_2 = { url: "tcp://db-2.example:5432", intervalMs: 5_000, timeoutMs: 2_000 };

let api: FakeDetector;
let targets: FakeTargets;
let folder: string;

beforeEach(async () => {
  api = await FakeDetector.start();
  targets = new FakeTargets(api);
  folder = mkdtempSync(join(tmpdir(), "parallax-apply-"));
});
afterEach(async () => {
  await api.vanish();
  rmSync(folder, { recursive: true, force: true });
});

const apply = async (args: string[] = [], text = FILE, environment = {}) => {
  const file = join(folder, "targets.yaml");
  writeFileSync(file, text);
  const run = new Running(["apply", file, "--timeout-ms", "1000", ...args], {
    ...api.environment,
    KEY: "s3cret-key",
    ...environment,
  });
  const code = await run.ended;
  return { code, said: run.stdout, told: run.stderr };
};

describe("parallax apply", () => {
  it("shows the difference first and changes nothing where nobody can be asked", async () => {
    const { code, said, told } = await apply();
    expect(said).toBe(`+ fra/db-1
    url: "http://db-1.example/health"
    intervalMs: 5000
    timeoutMs: 2000
    headers.authorization: "***"
+ fra/db-2
    url: "tcp://db-2.example:5432"
    intervalMs: 5000
    timeoutMs: 2000
2 to create, 0 to change, 0 to delete; 0 as they are
`);
    expect(told).toContain("give --yes");
    expect(code).toBe(5);
    expect(await apply(["--dry-run"])).toMatchObject({ code: 5, told: "" });
    expect(targets.done).toEqual([]);
  });

  it.each([
    [".", ". is a directory: name a file"],
    ["/no/such.yaml", "/no/such.yaml cannot be read: ENOENT"],
  ])("names a file that it cannot read: %s", async (file, said) => {
    const run = new Running(["apply", file], api.environment);
    expect(await run.ended).toBe(2);
    expect(run.stderr).toContain(said);
  });

  it("makes it so, passes warnings on, and has nothing to do the second time", async () => {
    const { code, said } = await apply(["--yes"]);
    expect(said).toContain("created fra/db-1\n  warning: fewer than 3 vantages\ncreated fra/db-2\n");
    expect(code).toBe(0);
    expect(targets.kept.get("fra/db-1")?.config.headers).toEqual({ authorization: "Bearer s3cret-key" });
    const again = await apply(["--yes"]);
    expect(again).toMatchObject({
      code: 0,
      said: "Nothing to do: 2 targets are as the file says.\nValues of headers of 1 of these cannot be compared: --send-secrets sends them anew.\n",
    });
    expect(await apply([])).toMatchObject({ code: 0 });
    expect(targets.done).toEqual(["PUT fra/db-1", "PUT fra/db-2"]);
  });

  it("changes only what differs, field by field, on the tag it compared with", async () => {
    await apply(["--yes"]);
    targets.put("fra/db-2", { ...DB_2, intervalMs: 30_000, witness: "tcp://db-2.example:22" });
    const { said } = await apply(["--yes"]);
    expect(said).toContain(
      '~ fra/db-2\n    intervalMs: 30000 → 5000\n    witness: "tcp://db-2.example:22" → (not set)\n0 to create, 1 to change',
    );
    const put = api.asked.findLast(({ method }) => method === "PUT");
    expect(put?.headers["if-match"]).toBe('"3"');
    expect(JSON.parse(put?.body ?? "")).toEqual(DB_2);
  });

  it("overwrites nothing that somebody else changed meanwhile, and does the rest", async () => {
    targets.put("fra/db-2", { ...DB_2, intervalMs: 30_000 });
    targets.before = (method, name) => {
      if (method === "PUT" && name === "fra/db-2") targets.put(name, { ...DB_2, intervalMs: 60_000 });
    };
    const { code, told } = await apply(["--yes"]);
    expect(told).toContain("fra/db-2 was not changed: somebody else changed it meanwhile");
    expect(code).toBe(1);
    expect(targets.kept.get("fra/db-2")?.config.intervalMs).toBe(60_000);
    expect(targets.kept.has("fra/db-1")).toBe(true);
  });

  it("deletes with --prune alone, within the sites the file names, and not what was changed meanwhile", async () => {
    for (const name of ["fra/old", "fra/older", "ams/other"]) targets.put(name, DB_2);
    await apply(["--yes"]);
    expect(targets.kept.size).toBe(5);
    targets.before = (method, name) => {
      if (method === "DELETE" && name === "fra/older") targets.put(name, DB_2);
    };
    const { code, said, told } = await apply(["--yes", "--prune"]);
    expect(said).toContain(
      "- fra/old\n- fra/older\n0 to create, 0 to change, 2 to delete; 2 as they are\nValues of headers of 1 of these cannot be compared: --send-secrets sends them anew.\ndeleted fra/old\n",
    );
    expect(told).toContain("fra/older was not deleted");
    expect(code).toBe(1);
    expect([...targets.kept.keys()].toSorted()).toEqual(["ams/other", "fra/db-1", "fra/db-2", "fra/older"]);
    targets.before = () => undefined;
    await apply(["--yes", "--prune"], "sites: {ams: {}}");
    expect([...targets.kept.keys()].filter((name) => name.startsWith("ams"))).toEqual([]);
  });

  it("sends headers whose names are as they were only when told to", async () => {
    await apply(["--yes"]);
    const other = { KEY: "another-key" };
    expect((await apply(["--yes"], FILE, other)).said).toContain("Nothing to do");
    const { said } = await apply(["--yes", "--send-secrets"], FILE, other);
    expect(said).toContain("~ fra/db-1\n    headers: as they are → sent anew\n0 to create, 1 to change");
    expect(targets.kept.get("fra/db-1")?.config.headers).toEqual({ authorization: "Bearer another-key" });
  });

  it("sees that a text or a query is another, and shows neither", async () => {
    const file = (key: string, path = "/health"): string =>
      `sites: {fra: {db-1: {url: "http://10.0.0.1${path}?mode=on&key=${key}", expect: {bodyIncludes: "${key}"}}}}`;
    const created = await apply(["--yes"], file("s3cret-1"));
    expect(created.said).toContain('url: "http://10.0.0.1/health?mode=on&key=***"');
    expect((await apply(["--yes"], file("s3cret-1"))).said).toContain("Nothing to do");
    const another = await apply(["--yes"], file("s3cret-2"));
    expect(another.said).toContain(
      "    url: as it is → another\n    expect.bodyIncludes: as it is → another\n",
    );
    const moved = await apply(["--yes"], file("s3cret-3", "/alive"));
    expect(moved.said).toContain("/alive?mode=on&key=***");
    const { url, expect: expected } = targets.kept.get("fra/db-1")?.config ?? { url: "" };
    expect([url, expected]).toEqual([
      "http://10.0.0.1/alive?mode=on&key=s3cret-3",
      { bodyIncludes: "s3cret-3" },
    ]);
    expect([created, another, moved].map(({ said, told }) => said + told).join()).not.toContain("s3cret-");
  });

  it("never shows a secret, not even one that an answer shows", async () => {
    const route = api.route;
    api.route = (request, response, body) => {
      if (request.method !== "PUT") return route(request, response, body);
      response.writeHead(400).end(`you sent ${body} as ${request.headers.authorization}`);
      return true;
    };
    const { code, said, told } = await apply(["--yes"]);
    expect(told).toContain("you sent");
    expect(said + told).not.toContain("s3cret-key");
    expect(said + told).not.toContain("local-read");
    expect(code).toBe(1);
  });

  it("names file, line and field of all that is wrong, and asks the detector nothing", async () => {
    const { code, told } = await apply(
      ["--yes"],
      "sites:\n  fra:\n    a: {url: x}\n    b:\n      url: tcp://b:1\n      x: 1\n",
    );
    expect(told).toMatch(/targets\.yaml:3: sites\.fra\.a\.url must begin with/);
    expect(told).toMatch(/targets\.yaml:6: sites\.fra\.b\.x is no field of a target/);
    expect(code).toBe(2);
    expect((await apply(["--yes"], FILE, { KEY: "" })).told).toContain("KEY is not set");
    expect(api.asked).toEqual([]);
  });

  it.each(MOODS)("changes nothing and exits not 0 when the detector is %s", async (mood) => {
    api.mood = mood;
    const { code, said, told } = await apply(["--yes"]);
    const expected: Record<string, number> = { "401": 3, "403": 3, "404": 1 };
    expect(code).toBe(expected[mood] ?? 4);
    expect(said.includes("created")).toBe(false);
    expect(told).not.toBe("");
    expect(targets.done).toEqual([]);
  });

  it("needs the tag of what it changes", async () => {
    targets.put("fra/db-2", { ...DB_2, intervalMs: 30_000 });
    const route = api.route;
    api.route = (request, response, body) => {
      const writeHead = response.writeHead.bind(response);
      response.writeHead = (status: number) => writeHead(status, { "Content-Type": "application/json" });
      return route(request, response, body);
    };
    expect(await apply(["--yes"])).toMatchObject({ code: 4, told: expect.stringContaining("ETag") });
    expect(targets.done).toEqual([]);
  });

  it.each([
    [[], "exactly one FILE"],
    [["a", "b"], "exactly one FILE"],
    [["a", "--yes", "--dry-run"], "--dry-run"],
    [["/no/such/file"], "/no/such/file"],
  ])("exits 2 for %j", async (args, said) => {
    const bad = new Running(["apply", ...args], api.environment);
    expect(await bad.ended).toBe(2);
    expect(bad.stderr).toContain(said);
  });
});
