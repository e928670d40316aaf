import { env } from "cloudflare:workers";
import { abortAllDurableObjects, reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import { createApp } from "../../src/api/app.ts";
import type { Bindings } from "../../src/config.ts";
import type { HealthAnswer } from "../../src/domain/health.ts";
import { ProblemSchema, type Problem } from "../../src/domain/problem.ts";
import type { ToldTurns } from "../../src/domain/report.ts";
import type { VantageAnswer } from "../../src/domain/vantage.ts";
import { forget, reportOf, rpc } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

/** The real API over the real aggregator. Each call makes a new API, which remembers nothing of earlier ones. */
const open = () => {
  const app = createApp({ resolveAddresses: async () => [] });
  const ask = (method: string, path: string, body?: unknown, token = "local-admin"): Promise<Response> =>
    Promise.resolve(
      app.request(
        path,
        {
          method,
          headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        env as unknown as Bindings,
      ),
    );
  const put = (name: string, config: object = {}): Promise<Response> =>
    ask("PUT", `/v1/sites/fra/targets/${name}`, {
      url: "tcp://127.0.0.1:9000",
      intervalMs: 5_000,
      ...config,
    });
  const vantage = async (id: string): Promise<VantageAnswer | undefined> => {
    const { vantages } = await (await ask("GET", "/v1/vantages")).json<{ vantages: VantageAnswer[] }>();
    return vantages.find((one) => one.id === id);
  };
  const health = async (): Promise<{ status: number } & HealthAnswer> => {
    const answer = await ask("GET", "/healthz");
    return { ...(await answer.json<HealthAnswer>()), status: answer.status };
  };
  return { ask, put, vantage, health };
};

const problemIn = async (answer: Response): Promise<Problem> => {
  expect([answer.status, answer.headers.get("Content-Type")]).toEqual([409, "application/problem+json"]);
  return ProblemSchema.parse(await answer.json());
};

/** Oceania to Europe over TLS: three round trips of 0.28 s. */
const FAR: ToldTurns = { due: 40, missed: 0, slots: 5, heldMs: 840 };

/** A regional vantage reports on db-0, and how well it keeps up. */
const tell = (id: string, turns: ToldTurns = FAR, madeAt = Date.now()) =>
  rpc().report([{ ...reportOf(id, ["fra/db-0"]), madeAt, turns }]);

const putMany = async ({ put }: ReturnType<typeof open>, from: number, to: number, config = {}) => {
  for (let n = from; n < to; n++) expect((await put(`db-${n}`, config)).ok).toBe(true);
};

describe("admission", () => {
  it("goes by the fixed figure while no pace is known, and by each vantage's own pace then", async () => {
    const api = open();
    await putMany(api, 0, 23);
    // 23 targets every 5 s are 4.6 looks a second. A vantage whose looks hold five slots for 840 ms each can do 4.76.
    await tell("oc");
    await tell("weur", { ...FAR, heldMs: 60 });
    const problem = await problemIn(await api.put("db-23", { intervalMs: 5_000 }));
    expect(problem).toMatchObject({
      type: "urn:parallax:problem:capacity",
      title: "The capacity is used up",
      detail:
        "vantage oc would have 4.80 looks a second to take, and its pace allows 4.76, as a look holds one of its 5 slots for 840 ms; " +
        'use an intervalMs of 7000 or more, fewer targets, or more vantages, naming in "vantages" which look at it',
      errors: [{ path: "intervalMs" }],
    });
    expect((await api.put("db-23", { intervalMs: 7_000 })).status).toBe(201);
    expect((await api.put("db-24", { vantages: ["weur", "wnam", "enam"] })).status).toBe(201);
    expect((await api.put("db-25", { paused: true })).status).toBe(201);
  });

  it("refuses nothing that makes a target no heavier, however slow a vantage has become", async () => {
    const api = open();
    await putMany(api, 0, 40, { intervalMs: 10_000 });
    await tell("oc", { ...FAR, heldMs: 4_000 });
    const change = (config: object) => api.put("db-7", { intervalMs: 10_000, ...config });
    expect((await change({ timeoutMs: 1_000 })).status).toBe(200);
    expect((await change({ intervalMs: 20_000, witness: "tcp://127.0.0.1:22" })).status).toBe(200);
    expect((await change({ intervalMs: 30_000 })).status).toBe(200);
    expect((await problemIn(await change({ intervalMs: 29_000 }))).detail).toContain("no interval");
    expect((await problemIn(await change({ witness: "tcp://127.0.0.1:22" }))).detail).toContain("vantage oc");
    // The list shows that the API dropped nothing.
    const { targets } = await (
      await api.ask("GET", "/v1/sites/fra/targets")
    ).json<{ targets: { intervalMs: number }[] }>();
    expect(targets).toHaveLength(40);
    expect((await api.vantage("oc"))?.turns).toEqual({
      due: 40,
      missed: 0,
      heldMs: 4_000,
      perSecond: 1,
      assignedPerSecond: 3.933,
    });
  });

  it("takes a vantage that is not sound, or too old to tell of its pace, for one whose pace is not known", async () => {
    const api = open();
    await putMany(api, 0, 23);
    await rpc().report([reportOf("weur", ["fra/db-0"])]);
    await tell("oc", { due: 1, missed: 0, slots: 5 });
    expect((await api.put("db-23")).status).toBe(201);
    expect((await api.vantage("weur"))?.turns).toMatchObject({ due: 0, heldMs: null, perSecond: 25 });
    expect((await api.vantage("oc"))?.turns).toMatchObject({ due: 1, heldMs: null, perSecond: 25 });
  });

  it("knows the pace after a restart", async () => {
    const api = open();
    await putMany(api, 0, 23);
    await tell("oc");
    await abortAllDurableObjects();
    await problemIn(await api.put("db-23"));
    expect((await api.vantage("oc"))?.turns).toMatchObject({ due: 40, heldMs: 840 });
  });
});

describe("a vantage that does not keep up", () => {
  const LATE: ToldTurns = { ...FAR, due: 60, missed: 20 };

  it("is named by /healthz, which is 200 all the same, and counted in /v1/vantages and the metrics", async () => {
    const api = open();
    await putMany(api, 0, 10);
    await tell("weur");
    await tell("oc", LATE);
    await tell("oc", LATE);
    const health = await api.health();
    expect(health).toMatchObject({ status: 200, ok: false, shards: [{ overloaded: false }] });
    expect(health.reasons).toEqual([
      expect.stringMatching(
        /^vantage oc does not keep up: within two minutes 40 of 120 turns went by without a look, some since \S+Z \(0 s\); it has 2\.0 looks a second to take, and its pace allows 4\.8$/,
      ),
    ]);
    expect((await api.vantage("oc"))?.turns).toMatchObject({ due: 120, missed: 40 });
    expect((await api.vantage("weur"))?.turns).toMatchObject({ due: 40, missed: 0 });
    const metrics = await (await api.ask("GET", "/v1/metrics")).text();
    for (const line of [
      'parallax_turns_total{shard="0",vantage="oc"} 120',
      'parallax_missed_turns_total{shard="0",vantage="oc"} 40',
      'parallax_look_capacity{shard="0",vantage="oc"} 4.762',
      'parallax_look_demand{shard="0",vantage="oc"} 2',
    ])
      expect(metrics).toContain(`${line}\n`);
  });

  it("is not named for a turn or two, nor by what it kept while we were out of reach", async () => {
    const api = open();
    await putMany(api, 0, 10);
    await tell("weur", { ...FAR, due: 60, missed: 2 });
    await tell("enam", { ...FAR, due: 600, missed: 10 });
    await tell("oc", LATE, Date.now() - 10 * 60_000);
    expect(await api.health()).toMatchObject({ ok: true, reasons: [] });
    expect((await api.vantage("oc"))?.turns).toMatchObject({ due: 60, missed: 20 });
  });

  it("is told of by a remote vantage in its reports over HTTPS, which an old one sends without", async () => {
    const api = open();
    await putMany(api, 0, 10);
    const made = await api.ask("POST", "/v1/vantages", {
      id: "lab-1",
      region: "hel",
      provider: "hetzner",
      sites: "all",
    });
    const { token } = await made.json<{ token: string }>();
    const send = (sequence: number, more: object) => {
      const at = new Date().toISOString();
      const seen = {
        site: "fra",
        target: "db-0",
        subject: "target",
        outcome: "ok",
        stage: "done",
        totalMs: 9,
      };
      const report = { sequence, madeAt: at, version: 1, dropped: 0, controls: [], ...more };
      const reports = [{ ...report, observations: [{ ...seen, begin: at }] }];
      return api.ask("POST", "/v1/observations", { version: 1_000, reports }, token);
    };
    expect((await send(1, {})).status).toBe(200);
    expect((await api.vantage("lab-1"))?.turns).toMatchObject({ due: 0, missed: 0, perSecond: 25 });
    expect((await send(2, { turns: { ...LATE, slots: 64 } })).status).toBe(200);
    expect((await api.vantage("lab-1"))?.turns).toMatchObject({ due: 60, missed: 20, heldMs: 840 });
    expect((await send(3, { turns: { ...LATE, slots: 64 } })).status).toBe(200);
    expect((await api.health()).reasons.join()).toContain("vantage lab-1 does not keep up");
    expect((await send(4, { turns: { ...LATE, slots: 0 } })).status).toBe(400);
  });
});
