import {
  abortAllDurableObjects,
  evictDurableObject,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { EvidenceEvent } from "../../src/domain/evidence.ts";
import type { Transition } from "../../src/domain/verdict.ts";
import { judge } from "../../src/verdict/judge.ts";
import { TUNING } from "../../src/verdict/tuning.ts";
import { emptyState } from "../../src/verdict/memory/judge-state.ts";
import {
  answerOf,
  forget,
  put,
  query,
  reportAll,
  reportOf,
  REGIONS,
  reportWitnesses,
  rpc,
  shard,
} from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
  // Failover is advised as soon as it is confirmed: no real time passes here to wait for a restart. The interval is so long that findings
  // do not grow old meanwhile, however busy the machine is: at 5 s failover is withheld 8 s after the looks, which is a transition.
  const config = { intervalMs: 600_000, witness: "tcp://127.0.0.1:22", policy: { restartGraceMs: 0 } };
  for (const target of ["db-1", "db-2"]) await put("fra", target, config);
});

const BOTH = ["fra/db-1", "fra/db-2"];

/**
 * Both targets answer every vantage, and then one of them refuses while its host and the other target answer. All looks of a round begin at
 * one instant, however long the reports take: a sibling that answers later may have been refused with the target. The rounds are a second
 * apart, however quick the reports are: a look that begins in the same millisecond as one before it is not newer.
 */
const crash = async (): Promise<void> => {
  const now = Date.now();
  await reportAll(BOTH, { begin: now - 2_000 });
  await reportWitnesses(BOTH, { begin: now - 2_000 });
  const begin = now - 1_000;
  await reportAll(["fra/db-1"], { begin, outcome: "refused", stage: "connect", totalMs: 2 });
  await reportWitnesses(["fra/db-1"], { begin });
  await reportAll(["fra/db-2"], { begin });
};

describe("the aggregator", () => {
  it("tells a crashed process from reports, confirmed by a quorum", async () => {
    await crash();
    expect(await answerOf("fra", "db-1")).toMatchObject({
      verdict: "process_crashed",
      confirmed: true,
      advice: { routing: "avoid", failover: true },
    });
    expect(await answerOf("fra", "db-2")).toMatchObject({ verdict: "alive" });
  });

  it.each([
    ["evicted", async () => evictDurableObject(shard())],
    ["aborted", async () => abortAllDurableObjects()],
  ])("answers the same when it was %s in between", async (_name, interrupt) => {
    await crash();
    const before = await answerOf("fra", "db-1");
    await interrupt();
    expect(await answerOf("fra", "db-1")).toEqual(before);
    await interrupt();
    await reportAll(["fra/db-1"]);
    expect((await answerOf("fra", "db-1")).sequence).toBe(before.sequence + 1);
  });

  it("goes on after being aborted before every single report, and loses none of them", async () => {
    for (const finding of [{}, { outcome: "refused" as const, stage: "connect" as const }, {}])
      for (const vantage of REGIONS) {
        await abortAllDurableObjects();
        await rpc().report([reportOf(vantage, BOTH, finding)]);
      }
    const history = await rpc().history("fra", "db-1", null, 100);
    expect(history.ok && history.value.transitions.map(({ sequence }) => sequence)).toEqual(
      history.ok && history.value.transitions.map((_, index, all) => all.length - index),
    );
    const vantages = await rpc().listVantages();
    expect(vantages.map(({ counts }) => counts.reports)).toEqual(REGIONS.map(() => 3));
  });

  it("takes a report delivered again once, and acknowledges it again", async () => {
    const report = reportOf("weur", BOTH);
    expect((await rpc().report([report])).acknowledged).toBe(1);
    expect((await rpc().report([report])).acknowledged).toBe(1);
    await abortAllDurableObjects();
    expect((await rpc().report([report, reportOf("weur", BOTH)])).acknowledged).toBe(2);
    const weur = (await rpc().listVantages()).find(({ id }) => id === "weur");
    expect(weur?.counts).toEqual({ reports: 2, observations: 4, dropped: 0, refused: 0 });
  });

  it("gives the same transitions when its stored evidence is judged again", async () => {
    await reportAll(BOTH);
    await reportAll(BOTH, { outcome: "refused", stage: "connect", totalMs: 2 });
    await reportAll(["fra/db-1"]);
    const entries = await query<{ at: number; events: string }>("SELECT at, events FROM journal ORDER BY id");
    let state = emptyState();
    const judged: Transition[] = [];
    for (const { at, events } of entries) {
      const judgement = judge(state, JSON.parse(events) as EvidenceEvent[], at, TUNING);
      state = judgement.state;
      judged.push(...judgement.changes.map(({ transition }) => transition));
    }
    const batches = await query<{ body: string }>("SELECT body FROM transitions ORDER BY id");
    const kept = batches.flatMap(({ body }) =>
      (JSON.parse(body) as { transition: Transition }[]).map(({ transition }) => transition),
    );
    expect(kept.length).toBeGreaterThan(5);
    expect(judged).toEqual(kept);
  });

  it("recovers from a snapshot and what was kept since", async () => {
    for (let round = 0; round < 40; round++) await reportAll(BOTH);
    await runDurableObjectAlarm(shard());
    expect((await query("SELECT part FROM snapshot")).length).toBe(1);
    await reportAll(["fra/db-1"], { outcome: "refused", stage: "connect", totalMs: 2 });
    const before = await answerOf("fra", "db-1");
    await abortAllDurableObjects();
    expect(await answerOf("fra", "db-1")).toEqual(before);
    const history = await rpc().history("fra", "db-1", null, 100);
    expect(history.ok && history.value.transitions[0]?.sequence).toBe(before.sequence);
  });

  it("keeps what was published when a replay would have judged otherwise", async () => {
    await crash();
    const before = await answerOf("fra", "db-1");
    // As if the evidence had been judged by another version of the judge.
    await runInDurableObject(shard(), (_object, state) =>
      state.storage.sql.exec(`UPDATE journal SET events = replace(events, '"refused"', '"ok"')`),
    );
    await abortAllDurableObjects();
    expect((await answerOf("fra", "db-1")).sequence).toBeGreaterThanOrEqual(before.sequence);
    await reportAll(["fra/db-1"]);
    const history = await rpc().history("fra", "db-1", null, 100);
    const sequences = history.ok ? history.value.transitions.map(({ sequence }) => sequence) : [];
    expect(new Set(sequences).size).toBe(sequences.length);
    expect(sequences[0]).toBeGreaterThan(before.sequence);
  });

  it("writes one row for a report that changes nothing, and one more for all transitions together", async () => {
    for (let target = 3; target <= 40; target++) await put("fra", `node-${target}`);
    const keys = (await query<{ key: string }>("SELECT site || '/' || target AS key FROM targets")).map(
      ({ key }) => key,
    );
    await reportAll(keys);
    const rows = async () =>
      (
        await query<{ rows: number }>(
          "SELECT (SELECT max(id) FROM journal) + (SELECT max(id) FROM transitions) AS rows",
        )
      )[0]?.rows ?? 0;
    const healthy = await rows();
    await reportAll(keys);
    expect((await rows()) - healthy).toBe(REGIONS.length);
    const failing = await rows();
    await reportAll(keys, { outcome: "app_error", stage: "done", totalMs: 5 });
    const added = (await rows()) - failing;
    expect(added).toBeGreaterThan(REGIONS.length);
    expect(added).toBeLessThanOrEqual(REGIONS.length * 2);
  });
});

describe("its alarm", () => {
  it("appends unknown when the evidence has run out", async () => {
    await put("fra", "db-1");
    const old = Date.now() - 12_500;
    for (const vantage of REGIONS) await rpc().report([reportOf(vantage, BOTH, {}, old)]);
    expect((await answerOf("fra", "db-1")).verdict).toBe("alive");
    await expect
      .poll(async () => (await answerOf("fra", "db-1")).sequence, { timeout: 12_000, interval: 50 })
      .toBe(3);
    expect(await answerOf("fra", "db-1")).toMatchObject({
      verdict: "unknown",
      stale: true,
      lastVerdict: "alive",
    });
  });

  it("is set again by the watchdog when it is gone, which health then shows", async () => {
    await reportAll(BOTH);
    await runInDurableObject(shard(), (_object, state) => state.storage.deleteAlarm());
    await rpc().watch();
    expect(await runInDurableObject(shard(), (_object, state) => state.storage.getAlarm())).not.toBeNull();
    expect((await rpc().health()).rearmed.map(({ what }) => what)).toContain("aggregator");
  });
});
