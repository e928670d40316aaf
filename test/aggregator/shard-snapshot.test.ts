import { reset } from "cloudflare:test";
import { beforeEach, expect, it, vi } from "vitest";
import type { Observation } from "../../src/domain/observation.ts";
import type { ShardSnapshot } from "../../src/domain/snapshot.ts";
import { answerOf, forget, put, REGIONS, reportAll, reportOf, rpc } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
});

const census = async (site: string | null = null): Promise<ShardSnapshot> =>
  JSON.parse(await rpc().census(site)) as ShardSnapshot;

it("a census has every target by site and name, with the answer that reading it gives", async () => {
  for (const [site, target] of [
    ["fra", "db-2"],
    ["a-b", "x"],
    ["fra", "db-1"],
    ["a", "x"],
  ] as const)
    await put(site, target);
  await reportAll(["fra/db-1", "fra/db-2"]);
  const { targets } = await census();
  expect(targets.map(({ verdict: { site, target } }) => `${site}/${target}`)).toEqual([
    "a/x",
    "a-b/x",
    "fra/db-1",
    "fra/db-2",
  ]);
  for (const { verdict, ...rest } of targets) {
    expect(verdict).toEqual(await answerOf(verdict.site, verdict.target));
    expect(rest).toEqual({
      rehearsal: false,
      url: `tcp://127.0.0.1:${9_000 + verdict.target.length}`,
      intervalMs: 5_000,
    });
  }
});

it("a census of one site has that site's targets alone, and none of a site that is not there", async () => {
  await put("fra", "db-1");
  await put("ams", "db-1");
  expect((await census("ams")).targets).toMatchObject([{ verdict: { site: "ams" } }]);
  expect((await census("nowhere")).targets).toEqual([]);
});

it("a census tells a rehearsal from the real thing, and never a header", async () => {
  await put("fra", "db-1", { url: "http://127.0.0.1:9000/", headers: { authorization: "secret" } });
  await reportAll(["fra/db-1"]);
  const refused = { outcome: "refused", stage: "connect", totalMs: 1 } as const;
  await reportAll(["fra/db-1"], { ...refused, drill: { id: "d-1", live: false } });
  const text = await rpc().census(null);
  expect((JSON.parse(text) as ShardSnapshot).targets).toMatchObject([{ rehearsal: true }]);
  expect(text).not.toMatch(/secret|authorization/);
});

it("a census has the shard's vantages and what was counted", async () => {
  await put("fra", "db-1");
  const before = await census();
  // Every vantage looks at a new target once, out of turn.
  expect(before.counters).toEqual({ bursts: 1, burstProbes: REGIONS.length });
  await reportAll(["fra/db-1"]);
  await rpc().report([{ ...reportOf("weur", ["fra/db-1"]), dropped: 7 }]);
  const hook = { url: "https://ops.example/", events: "all", disabled: false } as const;
  await rpc().putWebhook("ops", hook, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
  const after = await census();
  expect(after.webhooks).toEqual([{ id: "ops", pending: 0, delivered: 0, failed: 0, dead: 0, dropped: 0 }]);
  expect(after.vantages).toEqual(await rpc().listVantages());
  expect(after.vantages.find(({ id }) => id === "weur")).toMatchObject({
    counts: { reports: 2, observations: 2, dropped: 7 },
  });
});

it("a census has what a vantage saw that is not counted, apart from the evidence and as long as it is fresh", async () => {
  await put("fra", "db-1");
  await put("fra", "db-2");
  const keys = ["fra/db-1", "fra/db-2"];
  const report = async (vantage: string, isSound: boolean, finding: Partial<Observation> = {}) => {
    const look = { url: "tcp://ok:1", begin: Date.now(), totalMs: 5 };
    const control = isSound
      ? ({ ...look, outcome: "ok", stage: "done" } as const)
      : ({ ...look, outcome: "connect_timeout", stage: "connect" } as const);
    await rpc().report([{ ...reportOf(vantage, keys, finding), controls: [control] }]);
  };
  for (const vantage of REGIONS) await report(vantage, true);
  for (let round = 0; round < 3; round++)
    await report("weur", false, { outcome: "refused", stage: "connect", totalMs: 4 });
  const { targets, vantages } = await census();
  expect(vantages.find(({ id }) => id === "weur")?.state).toBe("faulty");
  for (const { aside, verdict } of targets) {
    expect(aside).toEqual([{ vantage: "weur", outcome: "refused", totalMs: 4 }]);
    expect(verdict.evidence.map(({ vantage }) => vantage)).not.toContain("weur");
  }
  const later = vi.spyOn(Date, "now").mockReturnValue(Date.now() + 3_600_000);
  expect((await census()).targets.map(({ aside }) => aside)).toEqual([undefined, undefined]);
  later.mockRestore();
});

it("a full shard's census is far from what a call may carry", async () => {
  for (let target = 0; target < 60; target++) await put("fra", `t-${target}`, { intervalMs: 60_000 });
  await reportAll(
    Array.from({ length: 60 }, (_, target) => `fra/t-${target}`),
    { outcome: "app_error", detail: "x".repeat(200) },
  );
  const bytes = new TextEncoder().encode(await rpc().census(null)).length;
  // 500 targets, seen from 7 regions and 16 remote vantages. The limit is 32 MiB.
  expect((bytes / 60) * 500 * (23 / 7)).toBeLessThan(16 * 1024 * 1024);
});
