import { abortAllDurableObjects, reset, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Permission } from "../../src/aggregator/assignment.ts";
import { judgedOf, shown } from "../../src/aggregator/target-rules.ts";
import { MASKED } from "../../src/domain/secrets.ts";
import { completeTarget, TargetSchema } from "../../src/domain/target.ts";
import { answerOf, forget, put, query, reportAll, reportOf, rpc, shard } from "./scene.ts";
import type { Vantage } from "./worker.ts";

beforeEach(async () => {
  await reset();
  forget();
});
afterEach(() => {
  vi.restoreAllMocks();
});

const NOBODY: Permission = { roster: [], allowPrivate: true };

const request = (config: object) =>
  completeTarget(TargetSchema.parse({ url: "http://127.0.0.1:9000/", intervalMs: 5_000, ...config }));

describe("targets", () => {
  it("are created, replaced and removed under their entity tags", async () => {
    const created = await rpc().putTarget("fra", "db-1", request({}), null);
    expect(created).toMatchObject({ ok: true, value: { created: true } });
    const etag = created.ok ? created.value.etag : "";
    const replaced = await rpc().putTarget("fra", "db-1", request({ intervalMs: 10_000 }), etag);
    expect(replaced).toMatchObject({ ok: true, value: { created: false, answer: { intervalMs: 10_000 } } });
    expect(await rpc().putTarget("fra", "db-1", request({}), etag)).toMatchObject({
      ok: false,
      refusal: { reason: "precondition" },
    });
    expect(await rpc().deleteTarget("fra", "db-1", etag)).toMatchObject({ ok: false });
    expect(await rpc().deleteTarget("fra", "db-1", "*")).toMatchObject({ ok: true });
    expect(await rpc().getTarget("fra", "db-1")).toMatchObject({ refusal: { reason: "not-found" } });
    expect(await rpc().read("fra", "db-1")).toBeNull();
  });

  it("never use a sequence again, not even after being removed and created anew", async () => {
    await put("fra", "db-1");
    await reportAll(["fra/db-1"]);
    const { sequence } = await answerOf("fra", "db-1");
    await rpc().deleteTarget("fra", "db-1", null);
    await abortAllDurableObjects();
    await put("fra", "db-1");
    expect((await answerOf("fra", "db-1")).sequence).toBe(sequence + 1);
  });

  it("show header values masked, and keep them when the mask comes back", async () => {
    await put("fra", "db-1", { url: "http://127.0.0.1:9000/", headers: { authorization: "secret" } });
    const shown = await rpc().getTarget("fra", "db-1");
    expect(shown).toMatchObject({ value: { answer: { headers: { authorization: MASKED } } } });
    await rpc().putTarget("fra", "db-1", request({ headers: { authorization: MASKED } }), null);
    const [row] = await query<{ config: string }>("SELECT config FROM targets");
    expect(row?.config).toContain("secret");
    expect(
      await rpc().putTarget("fra", "db-2", request({ headers: { "x-key": MASKED } }), null),
    ).toMatchObject({
      refusal: { reason: "invalid", path: "headers.x-key" },
    });
  });

  it("tell the judge where their witness is, and since which assignment at the latest", () => {
    const config = request({ witness: "tcp://127.0.0.1:22" });
    const row = { site: "fra", target: "db-1", config, revision: 7, version: 3, createdAt: 0, updatedAt: 0 };
    expect(judgedOf(row, NOBODY, undefined, 0)).toMatchObject({
      hasWitness: true,
      witness: { url: "tcp://127.0.0.1:22", version: 7 },
    });
    const without = judgedOf({ ...row, config: request({}) }, NOBODY, undefined, 0);
    expect([without.hasWitness, "witness" in without]).toEqual([false, false]);
  });

  it("are refused with an unknown vantage, or past the shard's capacity", async () => {
    expect(await rpc().putTarget("fra", "db-1", request({ vantages: ["weur", "mars"] }), null)).toMatchObject(
      {
        refusal: { reason: "invalid", path: "vantages.1" },
      },
    );
    for (let target = 0; target < 125; target++) await put("fra", `t-${target}`);
    expect(await rpc().putTarget("fra", "one-more", request({}), null)).toMatchObject({
      refusal: { reason: "capacity", path: "intervalMs" },
    });
    expect(await rpc().putTarget("fra", "one-more", request({ paused: true }), null)).toMatchObject({
      ok: true,
    });
  });

  it("come with warnings about what a verdict on them will lack", async () => {
    const alone = await rpc().putTarget("fra", "db-1", request({ vantages: ["weur", "wnam"] }), null);
    expect(alone.ok && alone.value.answer.warnings.join("; ")).toMatch(
      /no sibling.*fewer than 3.*one provider/,
    );
    const joined = await rpc().putTarget("fra", "db-2", request({}), null);
    expect(joined.ok && joined.value.answer.warnings).toEqual([
      expect.stringContaining("one provider"),
      expect.stringContaining("any 2xx"),
      expect.stringContaining("no failover on process_crashed"),
      expect.stringContaining("no failover on node_dead"),
    ]);
  });

  it.each<[string, string, object, string]>([
    ["a listener, by TCP alone", "tcp://127.0.0.1:1", {}, "a TCP connection that opens proves"],
    [
      "a listener, by what is sent alone",
      "tcp://127.0.0.1:1",
      { sends: "PING" },
      "a TCP connection that opens",
    ],
    ["a server, by what it says", "tcp://127.0.0.1:1", { bodyIncludes: "PONG" }, ""],
    ["an answer, by any status", "http://127.0.0.1:1", {}, "any 2xx is taken for a good answer"],
    ["an answer, by its status", "http://127.0.0.1:1", { status: [200] }, ""],
    ["an answer, by its word", "http://127.0.0.1:1", { bodyIncludes: "ready" }, ""],
    ["some record", "dns://127.0.0.1/db.example", {}, "any answer with a record of the type asked for"],
    ["a record", "dns://127.0.0.1/db.example", { answers: ["192.0.2.7"] }, ""],
    ["a server", "redis://127.0.0.1", {}, ""],
  ])("warn of what proves no more than %s", async (_name, url, wanted, warning) => {
    const put = await rpc().putTarget("fra", "db-1", request({ url, expect: wanted }), null);
    const warnings = put.ok ? put.value.answer.warnings : [];
    const found = warnings.filter((one) => /proves|2xx|any answer/.test(one));
    expect(found).toEqual(warning === "" ? [] : [expect.stringContaining(warning)]);
  });

  it.each<[string, object, "regional" | "remote", RegExp | undefined]>([
    ["https://127.0.0.1", { certDays: 14 }, "regional", /^expect\.certDays is held .* remote vantages alone/],
    ["tls://127.0.0.1:853", { certDays: 14 }, "regional", /^expect\.certDays is held/],
    ["tls://127.0.0.1:853", {}, "regional", undefined],
    ["tls://127.0.0.1:853", { certDays: 14 }, "remote", undefined],
    ["dns://127.0.0.1/db.example", {}, "regional", /^Workers has no UDP/],
    ["dns://127.0.0.1/db.example", {}, "remote", undefined],
    ["redis://127.0.0.1", {}, "regional", undefined],
  ])("of %s with %j are warned of what %s vantages cannot see", (url, wanted, kind, warning) => {
    const roster = ["weur", "wnam", "oc"].map((id) => ({ id, kind, region: id, provider: id }));
    const config = request({ url, expect: wanted });
    const row = { site: "fra", target: "db-1", config, revision: 1, version: 1, createdAt: 0, updatedAt: 0 };
    const found = shown(row, 1, { roster, allowPrivate: true }).answer.warnings.filter((one) =>
      /UDP|certDays/.test(one),
    );
    expect(found).toEqual(warning === undefined ? [] : [expect.stringMatching(warning)]);
  });

  const CRASH = "no failover on process_crashed";
  const DEATH = "no failover on node_dead";
  it.each<[string, object, string[]]>([
    ["has nothing but the outside", {}, [CRASH, DEATH]],
    ["has a witness", { witness: "tcp://127.0.0.1:22" }, [DEATH]],
    ["has a vantage inside its site, named", { vantages: ["weur", "wnam", "oc", "in-1"] }, []],
    ["names vantages without the one inside", { vantages: ["weur", "wnam", "oc"] }, [CRASH, DEATH]],
    ["takes what is seen outside for proof", { policy: { outsideProof: true } }, []],
    ["fails over on neither", { policy: { failoverOn: ["process_hung"] } }, []],
    ["fails over on a crash alone", { policy: { failoverOn: ["process_crashed"] } }, [CRASH]],
    [
      "fails over on a death after a while",
      { policy: { failoverOn: [{ verdict: "node_dead", afterMs: 60_000 }] } },
      [DEATH],
    ],
  ])("warn of failover that nothing can bring about where one %s", async (_name, config, warned) => {
    const ids = ["weur", "wnam", "oc"].map((id) => ({
      id,
      kind: "remote" as const,
      region: id,
      provider: id,
    }));
    const roster = [
      ...ids,
      { id: "in-1", kind: "remote" as const, region: "hall", provider: "own", site: "fra" },
    ];
    const seen = "vantages" in config ? roster : ids;
    const row = {
      site: "fra",
      target: "db-1",
      config: request(config),
      revision: 1,
      version: 1,
      createdAt: 0,
      updatedAt: 0,
    };
    const { warnings } = shown(row, 1, { roster: seen, allowPrivate: true }).answer;
    expect(warnings.filter((warning) => warning.startsWith("no failover"))).toEqual(
      warned.map((begin) => expect.stringMatching(`^${begin}.* policy.outsideProof`)),
    );
  });

  it("of one that is content with two vantages are not warned of a third", () => {
    const roster = ["weur", "wnam"].map((id) => ({ id, kind: "remote" as const, region: id, provider: id }));
    const row = { site: "fra", target: "db-1", revision: 1, version: 1, createdAt: 0, updatedAt: 0 };
    const quorums = [{}, { minVantages: 2 }].map((policy) =>
      shown({ ...row, config: request({ policy }) }, 1, {
        roster,
        allowPrivate: true,
      }).answer.warnings.filter((one) => one.includes("fewer")),
    );
    expect(quorums).toEqual([[expect.stringContaining("fewer than 3 vantages")], []]);
  });

  it("are listed by site", async () => {
    await put("fra", "db-1");
    await put("fra", "db-2");
    await put("ams", "web-1");
    expect(await rpc().listSites()).toEqual([
      { site: "ams", targets: 1 },
      { site: "fra", targets: 2 },
    ]);
    expect(await rpc().listTargets("nowhere")).toMatchObject({
      refusal: { reason: "not-found", path: "site" },
    });
  });

  it("forget what was seen of another address", async () => {
    await put("fra", "db-1");
    await reportAll(["fra/db-1"]);
    await put("fra", "db-1", { url: "tcp://127.0.0.1:9999" });
    expect(await answerOf("fra", "db-1")).toMatchObject({
      verdict: "unknown",
      lastVerdict: "alive",
      evidence: [],
    });
  });
});

describe("vantages", () => {
  const told = (vantage: string) =>
    runInDurableObject(
      env.VANTAGE.get(env.VANTAGE.idFromName(`0/${vantage}`)) as unknown as DurableObjectStub<Vantage>,
      (object) => ({ assignment: object.assignments.at(-1), asked: object.asked }),
    );

  it("are told of a new target at once, in turn over the interval, and asked to look at it", async () => {
    await put("fra", "db-1", { witness: "tcp://127.0.0.1:22", vantages: ["oc", "weur"] });
    await expect.poll(async () => (await told("oc")).asked.length).toBe(2);
    const phases = { weur: 0, oc: 0.5 };
    for (const [vantage, phase] of Object.entries(phases))
      expect((await told(vantage)).assignment?.targets).toMatchObject([
        { site: "fra", target: "db-1", witness: "tcp://127.0.0.1:22", phase },
      ]);
    expect((await told("wnam")).assignment?.targets).toEqual([]);
    expect((await told("oc")).asked.map(({ subject }) => subject)).toEqual(["target", "witness"]);
  });

  it("get the newest assignment on the reply to a report made under an older one", async () => {
    await put("fra", "db-1");
    const report = { ...reportOf("weur", ["fra/db-1"]), version: 0 };
    expect((await rpc().report([report])).assignment?.targets).toHaveLength(1);
    const current = (await rpc().report([reportOf("weur", ["fra/db-1"])])).assignment;
    expect(current).toBeUndefined();
  });

  it("that stopped reporting are started again by the watchdog, which their list and health show", async () => {
    await put("fra", "db-1");
    await expect.poll(async () => (await told("weur")).assignment?.targets.length).toBe(1);
    await abortAllDurableObjects();
    const inTenMinutes = Date.now() + 600_000;
    vi.spyOn(Date, "now").mockImplementation(() => inTenMinutes);
    expect((await rpc().health()).reasons.join()).toContain("vantage weur has stopped reporting");
    await rpc().watch();
    const vantages = await rpc().listVantages();
    expect(vantages.map(({ rearmed }) => rearmed)).toEqual(vantages.map(() => 1));
    expect((await rpc().health()).rearmed.map(({ what }) => what)).toContain("weur");
  });
});

describe("drills", () => {
  it("are refused where they name what does not exist", async () => {
    await put("fra", "db-1");
    const drill = { site: "fra", fault: "silence" as const, durationMs: 1_000, live: false };
    expect(await rpc().startDrill({ ...drill, site: "ams" })).toMatchObject({ refusal: { path: "site" } });
    expect(await rpc().startDrill({ ...drill, target: "db-9" })).toMatchObject({
      refusal: { path: "target" },
    });
    expect(await rpc().startDrill({ ...drill, vantages: ["mars"] })).toMatchObject({
      refusal: { path: "vantages.0" },
    });
  });

  it("are under way until they end or are ended", async () => {
    await put("fra", "db-1");
    const drill = { site: "fra", fault: "silence" as const, durationMs: 60_000, live: false };
    const started = await rpc().startDrill(drill);
    const id = started.ok ? started.value.id : "";
    expect(await rpc().listDrills(null)).toMatchObject([{ id, site: "fra", fault: "silence" }]);
    await abortAllDurableObjects();
    expect(await rpc().stopDrill(id)).toMatchObject({ ok: true });
    expect(await rpc().listDrills(null)).toEqual([]);
    expect(await rpc().stopDrill(id)).toMatchObject({ refusal: { reason: "not-found" } });
    expect(await rpc().listDrills(0)).toMatchObject([{ id, durationMs: 60_000 }]);
    expect(await rpc().listDrills(Date.now() + 1_000)).toEqual([]);
  });

  it("are remembered when they are over, the newest 500 of a shard", async () => {
    await put("fra", "db-1");
    await runInDurableObject(shard(), (_object, state) => {
      for (let n = 1; n <= 510; n++) {
        const drill = { site: "fra", fault: "hang", durationMs: 1_000, live: false };
        const body = { ...drill, id: `drill-0-p${n}`, startsAt: n, endsAt: n + 1_000 };
        state.storage.sql.exec("INSERT INTO drills VALUES (?, ?)", body.id, JSON.stringify(body));
      }
    });
    await rpc().watch();
    const kept = await rpc().listDrills(0);
    expect(kept).toHaveLength(500);
    expect(Math.min(...kept.map(({ startsAt }) => Date.parse(startsAt)))).toBe(11);
  });
});

describe("SHARDS", () => {
  it("is fixed at first start: a changed value is refused, and health names it", async () => {
    await put("fra", "db-1");
    await runInDurableObject(shard(), (_object, state) =>
      state.storage.sql.exec("UPDATE meta SET value = '4' WHERE name = 'shards'"),
    );
    await abortAllDurableObjects();
    const error = await rpc()
      .read("fra", "db-1")
      .then(() => "none", String);
    expect(error).toContain("SHARDS was 4 at first start");
    expect((await rpc().health()).reasons.join()).toContain("SHARDS was 4");
  });
});
