import { abortAllDurableObjects, reset } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import type { TokenAnswer } from "../../src/domain/token.ts";
import type { Vantage } from "../../src/domain/vantage.ts";
import { answerOf, forget, put, query, reportAll, reportOf, REGIONS, rpc } from "./scene.ts";

const OUTSIDE: Vantage = { id: "lab-1", kind: "remote", region: "hel", provider: "hetzner" };
const INSIDE: Vantage = { id: "fra-in", kind: "remote", region: "fra", provider: "own", site: "fra" };
const BOTH = ["fra/db-1", "fra/db-2"];

const token = (id: string, of: Partial<TokenAnswer> = {}): TokenAnswer => ({
  id,
  scope: "vantage",
  createdAt: toInstant(Date.now()),
  ...of,
});

const register = (vantage: Vantage, hash = `hash-${vantage.id}`) =>
  rpc().addVantage(vantage, token(`t-${vantage.id}`, { vantage: vantage.id }), hash);

beforeEach(async () => {
  await reset();
  forget();
  await put("fra", "db-1");
  await put("fra", "db-2");
  await put("ams", "web-1");
});

afterEach(() => void vi.restoreAllMocks());

describe("a remote vantage", () => {
  it("is given all targets outside of any site, and those of its own inside one", async () => {
    for (const vantage of [OUTSIDE, INSIDE]) expect(await register(vantage)).toMatchObject({ ok: true });
    const targetsOf = async (id: string) =>
      (await rpc().exchange(id, 0, [])).assignment?.targets.map(({ site, target }) => `${site}/${target}`);
    expect(await targetsOf("lab-1")).toEqual(["ams/web-1", ...BOTH]);
    expect(await targetsOf("fra-in")).toEqual(BOTH);
  });

  it("is given the targets and drills of the sites it was made for, and nobody else's secret headers", async () => {
    await put("sto", "new-1", { url: "http://127.0.0.1:9000/", headers: { "x-probe-key": "sto-secret" } });
    await put("ams", "web-2", { url: "http://127.0.0.1:9000/", headers: { "x-probe-key": "ams-secret" } });
    for (const [id, part] of Object.entries({
      "ams-2": { sites: ["ams"] },
      every: { sites: "all" },
      "ams-in": { site: "ams", sites: ["ams"] },
      both: { site: "fra", sites: ["fra", "ams"] },
    } satisfies Record<string, Partial<Vantage>>))
      expect(await register({ ...OUTSIDE, id, ...part })).toMatchObject({ ok: true });
    await rpc().startDrill({ site: "sto", fault: "silence", durationMs: 60_000, live: false });
    const givenTo = async (id: string) => {
      const { assignment } = await rpc().exchange(id, 0, []);
      return {
        targets: assignment?.targets.map(({ site, target }) => `${site}/${target}`),
        drills: assignment?.drills.length,
        secrets: [...JSON.stringify(assignment).matchAll(/\w+-secret/g)].map(([secret]) => secret),
      };
    };
    const ams = { targets: ["ams/web-1", "ams/web-2"], drills: 0, secrets: ["ams-secret"] };
    expect(await givenTo("ams-2")).toEqual(ams);
    expect(await givenTo("ams-in")).toEqual(ams);
    expect(await givenTo("both")).toEqual({ ...ams, targets: [...ams.targets, ...BOTH] });
    expect(await givenTo("every")).toEqual({
      targets: [...ams.targets, ...BOTH, "sto/new-1"],
      drills: 1,
      secrets: ["ams-secret", "sto-secret"],
    });
  });

  it("made before there were sites is given all as ever, shown without, and named by health", async () => {
    await register(OUTSIDE);
    await register({ ...OUTSIDE, id: "new-1", sites: ["ams"] });
    await put("sto", "named-1", { vantages: ["weur", "lab-1"] });
    const { assignment } = await rpc().exchange("lab-1", 0, []);
    expect(assignment?.targets.map(({ site }) => site)).toEqual(["ams", "fra", "fra", "sto"]);
    const sites = Object.fromEntries((await rpc().listVantages()).map((one) => [one.id, one.sites]));
    expect(sites).toMatchObject({ weur: "all", "lab-1": null, "new-1": ["ams"] });
    const named = async () =>
      (await rpc().health()).warnings?.filter((one) => one.includes("made before there were sites"));
    expect(await named()).toEqual([expect.stringMatching(/headers: lab-1; delete/)]);
    await rpc().deleteVantage("lab-1");
    expect(await named()).toEqual([]);
  });

  it("is told of changes by its version, and of nothing twice", async () => {
    await register(OUTSIDE);
    const { assignment } = await rpc().exchange("lab-1", 0, []);
    const version = assignment?.version ?? 0;
    expect((await rpc().exchange("lab-1", version, [])).assignment).toBeUndefined();
    await put("sto", "new-1");
    expect((await rpc().exchange("lab-1", version, [])).assignment?.targets).toHaveLength(4);
  });

  it("has its reports taken once each, by sequence, and its word counted", async () => {
    await register(OUTSIDE);
    await reportAll(BOTH);
    const report = reportOf("lab-1", BOTH);
    expect(await rpc().exchange("lab-1", 9, [report, report])).toMatchObject({ acknowledged: 1 });
    await abortAllDurableObjects();
    expect(await rpc().exchange("lab-1", 9, [report])).toMatchObject({ acknowledged: 1 });
    const [shown] = (await rpc().listVantages()).filter(({ id }) => id === "lab-1");
    expect(shown).toMatchObject({
      kind: "remote",
      provider: "hetzner",
      state: "sound",
      counts: { reports: 1 },
    });
    expect((await answerOf("fra", "db-1")).reachableFrom).toContain("lab-1");
  });

  it("finds the probes the judge asks for with its next exchange, once", async () => {
    await register(OUTSIDE);
    await reportAll(BOTH);
    const { assignment } = await rpc().exchange("lab-1", 0, [reportOf("lab-1", BOTH)]);
    for (const region of REGIONS.slice(0, 3))
      await rpc().report([
        reportOf(region, ["fra/db-1"], { outcome: "refused", stage: "connect", totalMs: 2 }),
      ]);
    const ask = async () => (await rpc().exchange("lab-1", assignment?.version ?? 0, [])).wanted;
    // The judge has asked for a target just created already, so the next burst is due in a moment.
    await expect.poll(ask).toContainEqual({ site: "fra", target: "db-1", subject: "target" });
    expect(await ask()).toEqual([]);
  });

  it("cannot take a name that is in use, and there is a limit to how many there are", async () => {
    expect(await register(OUTSIDE)).toMatchObject({ ok: true });
    expect(await register(OUTSIDE)).toMatchObject({ ok: false, refusal: { reason: "conflict", path: "id" } });
    expect(await register({ ...OUTSIDE, id: "weur" })).toMatchObject({ ok: false });
    for (let more = 2; more <= 16; more++)
      expect(await register({ ...OUTSIDE, id: `lab-${more}` })).toMatchObject({ ok: true });
    expect(await register({ ...OUTSIDE, id: "lab-17" })).toMatchObject({
      ok: false,
      refusal: { reason: "capacity" },
    });
  });

  it("is known by its newest token alone, and by none when it is deleted; all of it outlives the object", async () => {
    await register(OUTSIDE, "old");
    expect(await rpc().grant("old")).toEqual({ id: "t-lab-1", scope: "vantage", vantage: "lab-1" });
    await rpc().rotateVantage("lab-1", token("t-new", { vantage: "lab-1" }), "new");
    await abortAllDurableObjects();
    expect(await rpc().grant("old")).toBeNull();
    expect(await rpc().grant("new")).toEqual({ id: "t-new", scope: "vantage", vantage: "lab-1" });
    await rpc().deleteVantage("lab-1");
    await abortAllDurableObjects();
    expect(await rpc().grant("new")).toBeNull();
    expect((await rpc().listVantages()).map(({ id }) => id)).not.toContain("lab-1");
    expect((await answerOf("fra", "db-1")).notCounted.map(({ vantage }) => vantage)).not.toContain("lab-1");
  });
});

describe("tokens", () => {
  it("are kept as hashes only", async () => {
    await rpc().addToken(token("t-1", { scope: "notify", site: "fra", target: "db-1" }), "a".repeat(64));
    const rows = await query<{ hash: string; body: string }>("SELECT hash, body FROM tokens");
    expect(rows).toHaveLength(1);
    expect(rows[0]?.hash).toBe("a".repeat(64));
    expect(await rpc().grant("a".repeat(64))).toEqual({
      id: "t-1",
      scope: "notify",
      site: "fra",
      target: "db-1",
    });
  });

  it("of scope read open all sites, or those they name", async () => {
    await rpc().addToken(token("t-1", { scope: "read" }), "all");
    await rpc().addToken(token("t-2", { scope: "read", sites: ["fra", "ams"] }), "some");
    await abortAllDurableObjects();
    expect(await rpc().grant("all")).toEqual({ id: "t-1", scope: "read" });
    expect(await rpc().grant("some")).toEqual({ id: "t-2", scope: "read", sites: ["fra", "ams"] });
  });

  it("are rotated: the old text opens for its grace and no longer, all of it outliving the object", async () => {
    await rpc().addToken(token("t-1", { scope: "read", sites: ["fra"] }), "first");
    const opened = { id: "t-1", scope: "read", sites: ["fra"] };
    const grants = () => Promise.all(["first", "second", "third"].map((hash) => rpc().grant(hash)));
    expect(await rpc().rotateToken("t-1", "second", 400)).toMatchObject({
      ok: true,
      value: { id: "t-1", sites: ["fra"], rotatedAt: expect.any(String), formerUntil: expect.any(String) },
    });
    await abortAllDurableObjects();
    expect(await grants()).toEqual([opened, opened, null]);
    await expect.poll(() => rpc().grant("first")).toBeNull();
    expect((await rpc().listTokens())[0]).not.toHaveProperty("formerUntil");
    expect(await rpc().rotateToken("t-1", "third", 0)).toMatchObject({ ok: true });
    expect(await grants()).toEqual([null, null, opened]);
    expect(await query("SELECT * FROM former_tokens")).toEqual([]);
  });

  it("rotated without a grace are void in every earlier text, and so are deleted ones", async () => {
    await rpc().addToken(token("t-1", { scope: "admin" }), "first");
    await rpc().rotateToken("t-1", "second", 60_000);
    await rpc().rotateToken("t-1", "third", 0);
    expect(await rpc().grant("first")).toBeNull();
    await rpc().rotateToken("t-1", "fourth", 60_000);
    await rpc().deleteToken("t-1");
    for (const hash of ["third", "fourth"]) expect(await rpc().grant(hash)).toBeNull();
    expect(await query("SELECT * FROM former_tokens")).toEqual([]);
  });

  it("rotated twice with one hash are rotated once, and not without an end", async () => {
    await rpc().addToken(token("t-1", { scope: "read" }), "0");
    for (const _ of [1, 2]) await rpc().rotateToken("t-1", "1", 60_000);
    expect(await query("SELECT hash FROM former_tokens")).toEqual([{ hash: "0" }]);
    for (const hash of ["2", "3", "4"])
      expect(await rpc().rotateToken("t-1", hash, 60_000)).toMatchObject({ ok: true });
    expect(await rpc().rotateToken("t-1", "5", 60_000)).toMatchObject({
      ok: false,
      refusal: { reason: "capacity" },
    });
    expect(await rpc().grant("4")).toEqual({ id: "t-1", scope: "read" });
    expect(await rpc().rotateToken("t-1", "5", 0)).toMatchObject({ ok: true });
    expect(await rpc().grant("4")).toBeNull();
  });

  it("of vantages are rotated and not deleted", async () => {
    await register(OUTSIDE);
    expect(await rpc().deleteToken("t-lab-1")).toMatchObject({ ok: false, refusal: { reason: "conflict" } });
    expect(await rpc().rotateToken("t-lab-1", "new", 0)).toMatchObject({
      ok: false,
      refusal: { reason: "conflict" },
    });
    expect(await rpc().rotateToken("t-none", "new", 0)).toMatchObject({
      ok: false,
      refusal: { reason: "not-found" },
    });
    expect(await rpc().deleteToken("t-none")).toMatchObject({ ok: false, refusal: { reason: "not-found" } });
  });
});

describe("a node's own words", () => {
  const rows = async () => (await query<{ n: number }>("SELECT max(id) AS n FROM journal"))[0]?.n;

  it("heartbeats cost no row of their own while all is well, and reach the judge with the next report", async () => {
    await reportAll(BOTH);
    await rpc().heartbeat("fra", "db-1", { bootId: "b1", everyMs: 1_000 });
    const before = await rows();
    // A heartbeat within a quarter of a second of the one before is too many.
    const realNow = Date.now.bind(Date);
    vi.spyOn(Date, "now").mockImplementation(() => realNow() + 250);
    const heard = await rpc().heartbeat("fra", "db-1", { bootId: "b1", everyMs: 1_000 });
    expect(heard).toMatchObject({ ok: true, value: { accepted: true } });
    expect(await rows()).toBe(before);
    await rpc().report([reportOf("weur", BOTH)]);
    expect(await rows()).toBe((before ?? 0) + 1);
    const [last] = await query<{ events: string }>("SELECT events FROM journal ORDER BY id DESC LIMIT 1");
    expect(JSON.parse(last?.events ?? "[]")).toMatchObject([{ kind: "heartbeat" }, { kind: "report" }]);
  });

  it("heartbeats that come in a bunch are told to be too many", async () => {
    await rpc().heartbeat("fra", "db-1", { bootId: "b1" });
    expect(await rpc().heartbeat("fra", "db-1", { bootId: "b1" })).toMatchObject({
      ok: true,
      value: { accepted: false },
    });
  });

  it("a notice is kept before it is answered, and a burst follows", async () => {
    await reportAll(BOTH);
    const heard = await rpc().notice("fra", "db-1", { kind: "crash", bootId: "b1", restarting: false });
    expect(heard).toMatchObject({ ok: true, value: { accepted: true } });
    await abortAllDurableObjects();
    const [last] = await query<{ events: string }>("SELECT events FROM journal ORDER BY id DESC LIMIT 1");
    expect(JSON.parse(last?.events ?? "[]")).toMatchObject([{ kind: "notice", notice: { kind: "crash" } }]);
    await reportAll(["fra/db-1"], { outcome: "refused", stage: "connect", totalMs: 2 });
    await reportAll(["fra/db-2"]);
    expect(await answerOf("fra", "db-1")).toMatchObject({ verdict: "process_crashed", confirmed: true });
  });

  it("of a boot that another has followed are ignored, and the answer says so", async () => {
    await rpc().notice("fra", "db-1", { kind: "start", bootId: "b1", restarting: false });
    await rpc().notice("fra", "db-1", { kind: "start", bootId: "b2", restarting: false });
    await abortAllDurableObjects();
    const heard = await rpc().notice("fra", "db-1", { kind: "crash", bootId: "b1", restarting: false });
    expect(heard).toMatchObject({ ok: true, value: { accepted: false } });
    expect(heard.ok ? heard.value.detail : "").toContain("b2 has followed it");
    const beat = await rpc().heartbeat("fra", "db-1", { bootId: "b1" });
    expect(beat).toMatchObject({ ok: true, value: { accepted: false } });
  });

  it("about nobody are not found", async () => {
    const notice = await rpc().notice("fra", "none", { kind: "crash", bootId: "b", restarting: false });
    expect(notice).toMatchObject({ ok: false, refusal: { reason: "not-found" } });
    const beat = await rpc().heartbeat("nowhere", "db-1", { bootId: "b" });
    expect(beat).toMatchObject({ ok: false, refusal: { reason: "not-found" } });
  });
});

describe("several shards", () => {
  it("learn of remote vantages from shard 0, at the watchdog's round and when they are told", async () => {
    await register(OUTSIDE);
    await rpc("1").watch();
    const known = async () => (await rpc("1").listVantages()).map(({ id }) => id);
    expect(await known()).toContain("lab-1");
    await rpc().deleteVantage("lab-1");
    await rpc("1").follow();
    expect(await known()).not.toContain("lab-1");
  });
});

describe("the key by which texts of tokens are tagged", () => {
  it("is made once, outlives the object, and is told beside texts that are older for as long as one opens something", async () => {
    await rpc().addToken(token("t-1", { scope: "read" }), "old");
    await rpc().addToken(token("t-2", { scope: "read" }), "older");
    const { key, ...beside } = await rpc().tokenKey();
    expect(key.length).toBeGreaterThan(60);
    expect(beside).toEqual({ untagged: true, listed: ["old", "older"] });
    await rpc().addToken(token("t-3", { scope: "read" }), "new");
    await abortAllDurableObjects();
    expect(await rpc().tokenKey()).toMatchObject({ key, untagged: true });
    await rpc().rotateToken("t-1", "tagged", 60_000);
    await rpc().deleteToken("t-2");
    expect(await rpc().tokenKey()).toMatchObject({ key, untagged: true });
    await rpc().rotateToken("t-1", "tagged again", 0);
    expect(await rpc().tokenKey()).toEqual({ key, untagged: false });
  });

  it("has none beside it where there was no token", async () => {
    expect(await rpc().tokenKey()).toMatchObject({ untagged: false });
  });
});
