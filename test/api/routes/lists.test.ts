import { beforeEach, describe, expect, it, vi } from "vitest";
import { mergeVantages } from "../../../src/api/routes/vantage-routes.ts";
import type { DrillAnswer } from "../../../src/domain/drill.ts";
import type { History } from "../../../src/domain/verdict.ts";
import { vantageAnswer } from "../fake.ts";
import { ADMIN, DB1, READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const SITES = ["fra", "ams", "sin", "gru", "nrt", "lhr"];
const url = "http://127.0.0.1/";

/** Four shards with two targets in each of six sites. */
const spread = async () => {
  const staged = world({ shards: 4 });
  for (const site of SITES)
    for (const target of ["db-1", "db-2"])
      await staged.send("PUT", `/v1/sites/${site}/targets/${target}`, { url });
  return staged;
};

describe("lists", () => {
  it("sites come from all shards, in the order of their names", async () => {
    const { ask } = await spread();
    const sites = SITES.toSorted().map((site) => ({ site, targets: 2 }));
    expect(await (await ask("/v1/sites", { headers: READ })).json()).toEqual({ sites });
  });

  it("an empty deployment has no sites, and that is no error", async () => {
    expect(await (await world().ask("/v1/sites", { headers: READ })).json()).toEqual({ sites: [] });
  });

  it("targets come from the site's own shard", async () => {
    const { ask } = await spread();
    const { targets } = await (
      await ask("/v1/sites/sin/targets", { headers: READ })
    ).json<{ targets: unknown[] }>();
    expect(targets).toMatchObject([{ target: "db-1" }, { target: "db-2" }]);
  });

  it("half a list is no list: one silent shard makes it 503", async () => {
    const { ask, shards } = await spread();
    shards[2]!.mood = () => new Promise(() => {});
    expect((await ask("/v1/sites", { headers: READ })).status).toBe(503);
  });

  it("a vantage is one entry, whatever the number of shards", async () => {
    const { ask, shards } = world({ shards: 3 });
    const turns = { due: 4, missed: 1, heldMs: 840, perSecond: 4, assignedPerSecond: 1 };
    const fuller = { ...turns, perSecond: 2, heldMs: 1_680 };
    for (const [index, shard] of shards.entries())
      shard.vantages = [vantageAnswer({ rearmed: index, turns: index === 1 ? fuller : turns })];
    // Another shard is of an older version, which does not report it.
    shards[0]!.shardHealth = { ...shards[0]!.shardHealth, colo: "FRA", warnings: [] };
    expect(await (await ask("/v1/vantages", { headers: READ })).json()).toEqual({
      vantages: [
        vantageAnswer({
          rearmed: 3,
          counts: { reports: 3, observations: 6, dropped: 0, refused: 0 },
          turns: { ...fuller, due: 12, missed: 3 },
        }),
      ],
      aggregators: [
        { shard: 0, colo: "FRA" },
        { shard: 1, colo: null },
        { shard: 2, colo: null },
      ],
    });
  });

  it("merged, a vantage is as well as where it is worst", () => {
    const early = "2026-11-22T18:30:04.120Z";
    const late = "2026-11-22T18:30:09.120Z";
    const merged = mergeVantages([
      [
        vantageAnswer({ id: "a", state: "faulty", reason: "why", lastReportAt: late }),
        vantageAnswer({ id: "b" }),
      ],
      [vantageAnswer({ id: "a", state: "suspect", reason: "else", lastReportAt: early, colo: "FRA" })],
      [vantageAnswer({ id: "a", state: "sound" })],
    ]);
    expect(merged).toMatchObject([
      { id: "a", state: "faulty", reason: "why", lastReportAt: late, colo: "FRA" },
      { id: "b", state: "sound" },
    ]);
    const silent = mergeVantages([
      [vantageAnswer({ state: "silent" })],
      [vantageAnswer({ state: "faulty" })],
    ]);
    expect(silent).toMatchObject([{ state: "silent" }]);
  });
});

describe("history", () => {
  it("comes in pages, newest first, without a gap or a repetition", async () => {
    const { ask, send } = world();
    await send("PUT", DB1, { url });
    const seen: number[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const query: string = cursor === "" ? "?limit=17" : `?limit=17&cursor=${cursor}`;
      const page: History = await (await ask(`${DB1}/history${query}`, { headers: READ })).json();
      expect(page.transitions.length).toBeLessThanOrEqual(17);
      seen.push(...page.transitions.map(({ sequence }) => sequence));
      cursor = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 42 }, (_, index) => 42 - index));
  });

  it("gives 20 unless told otherwise, and 400 for a cursor that is none", async () => {
    const { ask, send } = world();
    await send("PUT", DB1, { url });
    const page = await (await ask(`${DB1}/history`, { headers: READ })).json<History>();
    expect(page.transitions).toHaveLength(20);
    expect((await ask(`${DB1}/history?cursor=nonsense`, { headers: READ })).status).toBe(400);
  });
});

describe("overrides", () => {
  it.each([
    { verdict: "node_dead", reason: "pulled the plug" },
    { advice: { routing: "avoid" }, reason: "maintenance" },
    { advice: { failover: true, routing: "avoid" }, reason: "planned switch" },
  ])("%j is put in force and withdrawn", async (word) => {
    const { ask, send } = world();
    await send("PUT", DB1, { url });
    const put = await send("PUT", `${DB1}/override`, { ...word, ttlMs: 60_000 });
    expect(put.status).toBe(200);
    expect(await put.json()).toMatchObject({ ...word, until: expect.stringMatching(/Z$/) });
    expect((await ask(`${DB1}/override`, { method: "DELETE", headers: ADMIN })).status).toBe(204);
  });
});

describe("drills", () => {
  const drill = { site: "fra", target: "db-1", fault: "silence", vantages: ["weur"], durationMs: 60_000 };

  it("are started in the site's shard, listed from all and ended by id alone", async () => {
    const { ask, send } = await spread();
    const started: DrillAnswer[] = [];
    for (const site of SITES) {
      const answer = await send("POST", "/v1/drills", { ...drill, site });
      expect(answer.status).toBe(201);
      started.push(await answer.json<DrillAnswer>());
    }
    expect(started[0]).toMatchObject({ ...drill, live: false, startsAt: "2026-11-22T18:30:04.120Z" });
    const list = async () =>
      (await (await ask("/v1/drills", { headers: ADMIN })).json<{ drills: DrillAnswer[] }>()).drills;
    const listed = await list();
    expect(listed).toHaveLength(SITES.length);
    const starts = listed.map(({ startsAt }) => startsAt);
    expect(starts).toEqual(starts.toSorted());
    const end = (id: string) => ask(`/v1/drills/${id}`, { method: "DELETE", headers: ADMIN });
    for (const id of new Set(listed.map((each) => each.id))) expect((await end(id)).status).toBe(204);
    expect(await list()).toEqual([]);
    const past = await (
      await ask("/v1/drills?since=-1h", { headers: READ })
    ).json<{ drills: DrillAnswer[] }>();
    expect(past.drills).toEqual(listed);
    expect((await ask("/v1/drills?since=ever", { headers: READ })).status).toBe(400);
    for (const id of ["drill-0-1", "drill-9-1", "drill-1"]) expect((await end(id)).status).toBe(404);
  });

  it("of a site that is not there are 404", async () => {
    expect((await world().send("POST", "/v1/drills", { ...drill, site: "mars" })).status).toBe(404);
  });
});
