import { abortAllDurableObjects, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import type { Vantage } from "../../src/domain/vantage.ts";
import { forget, put, query, reportAll, reportOf, rpc } from "./scene.ts";

const LAB: Vantage = { id: "lab-1", kind: "remote", region: "hel", provider: "own" };
const MINUTE_MS = 60_000;

beforeEach(async () => {
  await reset();
  forget();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const reasons = async (): Promise<string> => (await rpc().health()).reasons.join("\n");

const at = (ms: number): void => {
  vi.spyOn(Date, "now").mockImplementation(() => ms);
};

describe("a remote vantage", () => {
  const register = async (): Promise<void> => {
    const token = {
      id: "t-1",
      scope: "vantage" as const,
      createdAt: toInstant(Date.now()),
      vantage: "lab-1",
    };
    await rpc().addVantage(LAB, token, "hash");
    await put("fra", "db-1");
  };

  it("that was tried once is missed by nobody, also after a restart", async () => {
    const start = Date.now();
    await register();
    // `--once`: the vantage greets, looks and reports.
    await rpc().exchange("lab-1", 0, []);
    await rpc().exchange("lab-1", 1, [reportOf("lab-1", ["fra/db-1"])]);
    at(start + 10 * MINUTE_MS);
    expect(await reasons()).not.toContain("lab-1");
    await abortAllDurableObjects();
    await rpc().watch();
    expect(await reasons()).not.toContain("lab-1 has stopped");
    // … and again an hour later.
    at(start + 60 * MINUTE_MS);
    await rpc().exchange("lab-1", 1, [reportOf("lab-1", ["fra/db-1"])]);
    at(start + 70 * MINUTE_MS);
    expect(await reasons()).not.toContain("lab-1 has stopped");
  });

  it("that runs is missed once it has stopped, also after a restart", async () => {
    const start = Date.now();
    await register();
    for (let asked = 0; asked <= MINUTE_MS; asked += 15_000) {
      at(start + asked);
      await rpc().exchange("lab-1", 1, asked % 30_000 === 0 ? [reportOf("lab-1", ["fra/db-1"])] : []);
    }
    at(start + 3 * MINUTE_MS);
    expect(await reasons()).toContain("vantage lab-1 has stopped reporting");
    await abortAllDurableObjects();
    expect(await reasons()).toContain("vantage lab-1 has stopped reporting");
  });
});

describe("a vantage that is asked for something new", () => {
  /** Two vantages look at a target for two minutes; `first` is its first configuration. */
  const watched = async (first: object): Promise<number> => {
    const start = Date.now();
    await put("fra", "db-1", { vantages: ["weur", "wnam", "enam"], ...first });
    for (let ms = 0; ms <= 2 * MINUTE_MS; ms += 5_000) {
      at(start + ms);
      for (const id of ["weur", "wnam", "enam"]) await rpc().report([reportOf(id, ["fra/db-1"])]);
    }
    return start + 2 * MINUTE_MS;
  };

  it.each([
    { what: "a target that others look at", first: {}, later: { vantages: ["weur", "wnam", "enam", "oc"] } },
    { what: "a target that was paused", first: { paused: true }, later: { vantages: ["weur", "oc"] } },
    {
      what: "a look more often",
      first: { intervalMs: 3_600_000 },
      later: { vantages: ["weur", "wnam", "oc"], intervalMs: 5_000 },
    },
  ])("$what: is not missed before it had the time to look, and then it is", async ({ first, later }) => {
    let now = await watched(first);
    const changed = now;
    await put("fra", "db-1", later);
    for (; now < changed + 14_000; now += 1_000) {
      at(now);
      expect(await reasons()).toBe("");
    }
    at(changed + 30_000);
    expect(await reasons()).toContain("vantage oc has stopped reporting");
  });
});

describe("a shard", () => {
  it("that can keep nothing says so for as long as that is, and answers nothing as if it were known", async () => {
    await put("fra", "db-1");
    await reportAll(["fra/db-1"]);
    await query("ALTER TABLE journal RENAME TO elsewhere");
    const refusal = await rpc()
      .report([reportOf("weur", ["fra/db-1"])])
      .then(() => "none", String);
    expect(refusal).toContain("journal");
    expect(await reasons()).toMatch(
      /nothing can be kept since .*, so nothing is judged: Error: no such table: journal/,
    );
    await query("ALTER TABLE elsewhere RENAME TO journal");
    await rpc().report([reportOf("weur", ["fra/db-1"])]);
    expect(await reasons()).not.toContain("nothing can be kept");
  });

  it("that hears nothing tries whether it can keep anything, and says so where it cannot", async () => {
    await put("fra", "db-1");
    await reportAll(["fra/db-1"]);
    const start = Date.now();
    const tried = async () => (await query("SELECT 1 AS one FROM meta WHERE name = 'tried'")).length;
    await reasons();
    expect(await tried()).toBe(0);
    at(start + 6_500);
    expect(await reasons()).toBe("");
    expect(await tried()).toBe(1);
    await query(`CREATE TRIGGER full BEFORE UPDATE ON meta WHEN new.name = 'tried'
      BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`);
    const refusal = await reasons().catch(String);
    expect(refusal).toContain("database or disk is full");
    await query("DROP TRIGGER full");
    expect(await reasons()).toContain("nothing can be kept since");
  });

  it("whose clock was set back while it can keep nothing still tells its health", async () => {
    await put("fra", "db-1");
    await query("ALTER TABLE journal RENAME TO elsewhere");
    at(Date.now() - 60 * MINUTE_MS);
    expect(await reasons()).toContain("nothing can be kept");
    const refusal = await rpc()
      .read("fra", "db-1")
      .then(() => "none", String);
    expect(refusal).toContain("journal");
  });

  it("names a vantage that does not take the newest assignment, and not one that is on its way to it", async () => {
    await put("fra", "db-1");
    await put("fra", "db-2");
    const behind = (version: number) => rpc().report([{ ...reportOf("weur", ["fra/db-1"]), version }]);
    for (const version of [0, 0, 1]) await behind(version);
    expect(await reasons()).not.toContain("old assignment");
    for (const version of [1, 1]) await behind(version);
    expect(await reasons()).toContain("vantage weur works by an old assignment (version 1)");
    await behind(1_000);
    expect(await reasons()).not.toContain("old assignment");
  });

  it("writes what is wrong to the log, once", async () => {
    const log = vi.spyOn(console, "warn").mockImplementation(() => {});
    await put("fra", "db-1");
    const start = Date.now();
    at(start + 2 * MINUTE_MS);
    await rpc().watch();
    at(start + 3 * MINUTE_MS);
    await rpc().watch();
    const unwell = log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('"unwell"'));
    expect(unwell.filter((line) => line.includes("weur has stopped reporting"))).toHaveLength(1);
  });

  it("shows what controls a vantage looks at, and which answer", async () => {
    await put("fra", "db-1");
    const begin = Date.now();
    // The last control is not in CONTROLS any more.
    const controls = (["ok", "refused", "reset"] as const).map((outcome) => ({
      url: `tcp://${outcome}:1`,
      begin,
      outcome,
      stage: "connect" as const,
      totalMs: 1,
    }));
    await rpc().report([{ ...reportOf("weur", ["fra/db-1"]), controls }]);
    const weur = (await rpc().listVantages()).find(({ id }) => id === "weur");
    expect(weur?.controls).toEqual([
      { url: "tcp://ok:1", answered: true, lookedAt: toInstant(begin), answeredAt: toInstant(begin) },
      { url: "tcp://refused:1", answered: false, lookedAt: toInstant(begin), answeredAt: null },
    ]);
  });
});
