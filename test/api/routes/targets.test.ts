import { describe, expect, it } from "vitest";
import type { TargetAnswer } from "../../../src/domain/target.ts";
import { vantageAnswer } from "../fake.ts";
import { ADMIN, DB1, problemIn, READ, world } from "../world.ts";

const PUBLIC = { ALLOW_PRIVATE: "false" };

describe("a target", () => {
  it("is created, read, replaced and deleted", async () => {
    const { ask, send } = world();
    const created = await send("PUT", DB1, { url: "http://127.0.0.1:9001/health", intervalMs: 6_000 });
    expect(created.status).toBe(201);
    const target = await created.json<TargetAnswer>();
    expect(target).toMatchObject({ site: "fra", target: "db-1", intervalMs: 6_000, timeoutMs: 3_000 });
    expect(target.warnings).toEqual(["no sibling and no witness"]);

    const read = await ask(DB1, { headers: READ });
    expect(await read.json()).toEqual(target);
    expect(read.headers.get("ETag")).toBe(created.headers.get("ETag"));
    expect((await ask(DB1, { method: "HEAD", headers: READ })).status).toBe(200);

    const replaced = await send("PUT", DB1, { url: "tcp://127.0.0.1:5432", witness: "tcp://127.0.0.1:22" });
    expect(replaced.status).toBe(200);
    expect(await replaced.json()).toMatchObject({
      url: "tcp://127.0.0.1:5432",
      intervalMs: 30_000,
      timeoutMs: 5_000,
    });

    const deleted = await ask(DB1, { method: "DELETE", headers: ADMIN });
    expect(deleted.status).toBe(204);
    expect(await deleted.text()).toBe("");
    expect((await ask(DB1, { headers: READ })).status).toBe(404);
  });

  it("is changed only if If-Match names its present version", async () => {
    const { ask, send } = world();
    const body = { url: "http://127.0.0.1/" };
    expect((await send("PUT", DB1, body, { "If-Match": '"1"' })).status).toBe(412);
    const etag = (await send("PUT", DB1, body)).headers.get("ETag") ?? "";
    const changed = await send("PUT", DB1, body, { "If-Match": etag });
    expect(changed.status).toBe(200);
    const stale = await send("PUT", DB1, body, { "If-Match": etag });
    expect(await problemIn(stale)).toMatchObject({ status: 412, type: "urn:parallax:problem:precondition" });
    const remove = (tag: string) => ask(DB1, { method: "DELETE", headers: { ...ADMIN, "If-Match": tag } });
    expect((await remove(etag)).status).toBe(412);
    expect((await remove(changed.headers.get("ETag") ?? "")).status).toBe(204);
  });

  it("past a shard's capacity is 409", async () => {
    const { send } = world();
    const put = (index: number) =>
      send("PUT", `/v1/sites/fra/targets/db-${index}`, { url: "http://127.0.0.1/" });
    for (let index = 0; index < 10; index++) expect((await put(index)).status).toBe(201);
    const full = await problemIn(await put(10));
    expect(full).toMatchObject({ status: 409, type: "urn:parallax:problem:capacity" });
  });
});

describe("private places", () => {
  const hosts = [
    "localhost",
    "127.0.0.1",
    "127.1",
    "0x7f000001",
    "2130706433",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fd00::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:a00:1]",
    "[64:ff9b::7f00:1]",
    "db.internal",
    "printer.local",
    "db",
    "LOCALHOST.",
  ];
  it.each(hosts)("%s is refused as url and as witness", async (host) => {
    const { send, aggregator } = world({ env: PUBLIC });
    for (const scheme of ["http", "tcp"]) {
      const place = `${scheme}://${host}:8080`;
      const asUrl = await problemIn(await send("PUT", DB1, { url: place }));
      expect(asUrl).toMatchObject({ status: 400, errors: [{ path: "url" }] });
      const asWitness = await send("PUT", DB1, { url: "https://example.org/", witness: place });
      expect(await problemIn(asWitness)).toMatchObject({ status: 400, errors: [{ path: "witness" }] });
    }
    expect(aggregator.targets.size).toBe(0);
  });

  it.each<[string, string[]]>([
    ["to one", ["10.0.0.5"]],
    ["to one among others", ["93.184.216.34", "fd00::5"]],
    ["to the cloud's own services", ["169.254.169.254"]],
  ])("a name that leads %s is refused as url and as witness", async (_name, addresses) => {
    const { send, aggregator } = world({ env: PUBLIC, resolve: async () => addresses });
    const asUrl = await problemIn(await send("PUT", DB1, { url: "http://rebind.example/" }));
    expect(asUrl).toMatchObject({ status: 400, errors: [{ path: "url" }] });
    const second = { url: "http://93.184.216.34/", witness: "tcp://rebind.example:22" };
    expect(await problemIn(await send("PUT", DB1, second))).toMatchObject({ errors: [{ path: "witness" }] });
    expect(aggregator.targets.size).toBe(0);
  });

  it("public ones are taken, and private ones too where the deployment allows them", async () => {
    expect((await world({ env: PUBLIC }).send("PUT", DB1, { url: "http://93.184.216.34/" })).status).toBe(
      201,
    );
    expect((await world().send("PUT", DB1, { url: "http://127.0.0.1/" })).status).toBe(201);
  });
});

describe("text that a target is sent", () => {
  const text = (port: number, scheme = "tcp") => ({
    url: `${scheme}://93.184.216.34:${port}`,
    expect: { sends: "HELO there\r\n" },
  });
  const WAITING = [25, 465, 587, 2_525, 2_375, 2_379, 5_432, 6_379, 8_500, 9_200, 10_250, 11_211, 27_017];

  it.each(WAITING)("is not sent to port %i, where somebody does as it says", async (port) => {
    const { send, aggregator } = world({ env: PUBLIC });
    const problem = await problemIn(await send("PUT", DB1, text(port)));
    expect([problem.status, problem.errors.map(({ path }) => path)]).toEqual([400, ["expect.sends"]]);
    expect(aggregator.calls).not.toContain("putTarget");
  });

  it("is sent to others, and to these by remote vantages alone, or where private places are allowed", async () => {
    for (const port of [22, 80, 443, 2_526, 7_000, 65_535])
      expect((await world({ env: PUBLIC }).send("PUT", DB1, text(port))).status, String(port)).toBe(201);
    for (const port of WAITING) {
      expect((await world().send("PUT", DB1, text(port))).status).toBe(201);
      const known = world({ env: PUBLIC });
      known.aggregator.vantages.push(vantageAnswer({ id: "fra-in", kind: "remote", site: "fra" }));
      expect((await known.send("PUT", DB1, { ...text(port), vantages: ["fra-in"] })).status).toBe(201);
    }
  });

  it("is no matter where none is sent", async () => {
    const { send } = world({ env: PUBLIC });
    const mail = { url: "tcp://93.184.216.34:25", expect: { bodyIncludes: "220 " } };
    expect((await send("PUT", DB1, mail)).status).toBe(201);
    expect((await send("PUT", DB1, { url: "redis://93.184.216.34" })).status).toBe(200);
    expect((await send("PUT", DB1, { url: "postgres://93.184.216.34" })).status).toBe(200);
  });
});

describe("private places that remote vantages alone look at", () => {
  it("are taken: they may be at home where such a vantage stands", async () => {
    const known = world({ env: PUBLIC });
    known.aggregator.vantages.push(vantageAnswer({ id: "fra-in", kind: "remote", site: "fra" }));
    const put = async (vantages?: string[]) =>
      (await known.send("PUT", DB1, { url: "tcp://10.1.0.5:5432", ...(vantages && { vantages }) })).status;
    expect(await put()).toBe(400);
    expect(await put(["fra-in", "weur"])).toBe(400);
    expect(await put(["nobody"])).toBe(400);
    expect(await put(["fra-in"])).toBe(201);
  });
});

describe("a name with several addresses", () => {
  const warned = async (url: string, resolve: (host: string) => Promise<string[]>, env = PUBLIC) => {
    const asked: string[] = [];
    const { send } = world({ env, resolve: (host) => (asked.push(host), resolve(host)) });
    const answer = await send("PUT", DB1, { url });
    expect(answer.status).toBe(201);
    const { warnings } = await answer.json<TargetAnswer>();
    return { asked, warnings: warnings.filter((warning) => warning.includes("several addresses")) };
  };

  it("is warned of", async () => {
    const { warnings, asked } = await warned("https://db.example.org:8443/x", async () => [
      "192.0.2.1",
      "2001:db8::1",
    ]);
    expect(asked).toEqual(["db.example.org"]);
    expect(warnings).toEqual(["db.example.org is a name with several addresses (2): a target is one node"]);
  });

  it("is not when there is one, none, or the same twice", async () => {
    for (const addresses of [["192.0.2.1"], [], ["192.0.2.1", "192.0.2.1"]])
      expect((await warned("https://db.example.org/", async () => addresses)).warnings).toEqual([]);
  });

  it("is not when the resolver fails or takes too long", async () => {
    expect(
      (await warned("https://db.example.org/", () => Promise.reject(new Error("ESERVFAIL")))).warnings,
    ).toEqual([]);
    expect((await warned("https://db.example.org/", () => new Promise(() => {}))).warnings).toEqual([]);
  });

  it("is not asked for at all for an address, or where private places are allowed", async () => {
    const many = async () => ["192.0.2.1", "192.0.2.2"];
    expect((await warned("tcp://93.184.216.34:5432", many)).asked).toEqual([]);
    expect((await warned("tcp://[2606:2800:220:1::1]:5432", many)).asked).toEqual([]);
    expect((await warned("https://db.example.org/", many, { ALLOW_PRIVATE: "true" })).asked).toEqual([]);
  });
});
