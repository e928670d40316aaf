import {
  abortAllDurableObjects,
  evictAllDurableObjects,
  reset,
  runDurableObjectAlarm,
  runInDurableObject,
} from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Bindings } from "../../src/config.ts";
import type { GroupAnswer } from "../../src/domain/group.ts";
import { conductor, leaseRunsOut, queryConductor } from "./conducted.ts";
import { ask, json, refusalOf } from "./grouped.ts";
import { forget, put, reportAll, reportOf, REGIONS, rpc } from "./scene.ts";
import { steps, unanswered } from "./worker.ts";

// The detector's own trouble. The group learns nothing, so nothing changes; once the trouble ends, the conductor catches up.

const MEMBERS = [
  { site: "fra", target: "db-1", priority: 1 },
  { site: "fra", target: "db-2", priority: 2 },
  { site: "fra", target: "db-3", priority: 3 },
];
const KEYS = MEMBERS.map(({ site, target }) => `${site}/${target}`);
const DB = "/v1/groups/db";
const [FIRST, SECOND] = MEMBERS as [(typeof MEMBERS)[0], (typeof MEMBERS)[0]];

let aheadMs = 0;
const pass = async (ms: number): Promise<void> => {
  aheadMs += ms;
  await reportAll(KEYS);
};

beforeEach(async () => {
  await reset();
  forget();
  const realNow = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => realNow() + aheadMs);
  for (const { site, target } of MEMBERS) await put(site, target);
  await reportAll(KEYS);
});
afterEach(() => {
  unanswered.clear();
  vi.restoreAllMocks();
});

const make = (mode: "pool" | "leader", policy: object = {}): Promise<GroupAnswer> =>
  json("PUT", DB, { body: { mode, members: MEMBERS, policy: { holdDownMs: 0, ...policy } } });
const read = (): Promise<GroupAnswer> => json("GET", DB);
const lease = (member: object, body: object = {}) =>
  ask("POST", `${DB}/lease`, { body: { ...member, ...body } });
const asks = ({ site, target }: (typeof MEMBERS)[0]) => lease({ site, target });
const leaderOf = async (): Promise<string | null> => (await read()).leader?.target ?? null;
const serving = async (): Promise<string[]> => (await read()).serving.map(({ target }) => target);
const say = (target: string, advice: { routing?: "avoid" | "serve"; failover?: boolean }) =>
  rpc().putOverride("fra", target, { advice, reason: "an operator's word", ttlMs: 86_400_000 });
const wake = () => runDurableObjectAlarm(conductor());

describe("a conductor that ends", () => {
  test.each([
    ["is aborted", abortAllDurableObjects],
    ["is evicted", evictAllDurableObjects],
  ])(
    "in the middle of a lease: it %s, the holder keeps its epoch, and the lease counts anew in full",
    async (_, end) => {
      await make("leader", { lease: "strict" });
      expect((await asks(FIRST)).status).toBe(200);
      await asks(SECOND);
      await end();
      // No other member gets the lease, even if it asks first, and however late it is by the clock.
      await pass(60_000);
      expect((await asks(SECOND)).status).toBe(409);
      await wake();
      expect((await asks(SECOND)).status).toBe(409);
      expect(await (await asks(FIRST)).json()).toMatchObject({ epoch: 1 });
      await end();
      await pass(60_000);
      await asks(SECOND);
      await leaseRunsOut();
      expect(await (await asks(SECOND)).json()).toMatchObject({ epoch: 2 });
      expect((await asks(FIRST)).status).toBe(409);
    },
  );

  test("a clock that is set back in the middle of a lease: it is counted anew in full", async () => {
    await make("leader", { lease: "strict" });
    await asks(FIRST);
    steps.clear();
    await asks(SECOND);
    expect(steps.get("lease counted")).toBeUndefined();
    await pass(-3_600_000);
    expect((await asks(SECOND)).status).toBe(409);
    expect(steps.get("lease counted")).toBe(1);
    expect(await (await asks(FIRST)).json()).toMatchObject({ epoch: 1 });
  });

  test("a row of before fields were added is completed", async () => {
    await make("leader", { lease: "strict", leaseMs: 20_000 });
    await asks(FIRST);
    await runInDurableObject(conductor(), (_object, { storage }) => {
      const [{ body } = { body: "" }] = storage.sql
        .exec<{ body: string }>("SELECT body FROM state")
        .toArray();
      const {
        switches: _1,
        withheld: _2,
        openedAt: _3,
        lease: held,
        config,
        members,
        ...rest
      } = JSON.parse(body);
      delete held.leaseMs;
      delete config.policy.maxLag;
      for (const member of Object.values<Record<string, unknown>>(members)) delete member["unheardAt"];
      storage.sql.exec(
        "UPDATE state SET body = ?",
        JSON.stringify({ ...rest, lease: held, config, members }),
      );
      // The storage also goes back to before the table `unsettled` existed.
      storage.sql.exec("DROP TABLE unsettled");
      storage.sql.exec("DELETE FROM migrations WHERE id = 2");
    });
    await abortAllDurableObjects();
    await pass(10_000);
    expect(await (await asks(FIRST)).json()).toMatchObject({ epoch: 1, leaseMs: 20_000 });
    expect((await read()).policy.maxLag).toBe(1_000);
    expect((await ask("DELETE", DB)).status).toBe(204);
  });
});

/** Objects of this kind do not answer. */
const mute = {
  get: () => new Proxy({}, { get: () => () => new Promise(() => undefined) }),
  idFromName: () => "",
};
const bindings = { CONDUCTOR: mute } as unknown as Partial<Bindings>;
const poll = (path: string) => ask("GET", DB + path, { bindings });

describe("who does not answer", () => {
  test("the conductor: polls have the last answer, or serve; nobody is told who leads", async () => {
    await make("pool");
    const unknown = await poll("/members/fra/db-2/serving");
    expect([unknown.status, await unknown.text()]).toEqual([200, "serving fra/db-2 group=db unavailable\n"]);
    expect((await refusalOf(await poll("/addresses"))).status).toBe(503);
    await say("db-1", { routing: "avoid" });
    await expect.poll(async () => (await ask("GET", `${DB}/members/fra/db-1/serving`)).status).toBe(503);
    await ask("GET", `${DB}/addresses`);
    const last = await poll("/members/fra/db-1/serving");
    expect([last.status, await last.text()]).toEqual([503, "out fra/db-1 group=db epoch=2 cached\n"]);
    expect(await (await poll("/addresses")).text()).toBe("127.0.0.1\n127.0.0.1\n");
    await json("PUT", DB, { body: { mode: "leader", members: MEMBERS } });
    await ask("GET", `${DB}/leader`);
    expect((await refusalOf(await poll("/leader"))).status).toBe(503);
  });

  test("a member's shard: nothing changes while nothing is known, and it is asked until it answers", async () => {
    await make("leader");
    await wake();
    expect(await leaderOf()).toBe("db-1");
    unanswered.add("memberViews");
    aheadMs += 300_000;
    for (let turn = 0; turn < 3; turn++) {
      aheadMs += 10_000;
      expect(await wake()).toBe(true);
    }
    expect(await read()).toMatchObject({ epoch: 1, leader: { target: "db-1" } });
    unanswered.clear();
    await pass(0);
    await wake();
    expect((await read()).members.map(({ fit }) => fit)).toEqual([true, true, true]);
  });

  test("shard 0: a change is made all the same, and told when it answers", async () => {
    await make("pool");
    unanswered.add("takeFromGroup").add("noteGroup");
    expect(await json("POST", `${DB}/freeze`, { body: { reason: "x", ttlMs: 60_000 } })).toMatchObject({
      epoch: 1,
    });
    expect((await ask("DELETE", DB)).status).toBe(204);
    expect(await json("GET", "/v1/groups")).toMatchObject({ groups: [{ group: "db" }] });
    unanswered.clear();
    const left = async () => {
      await wake();
      return [await json("GET", "/v1/groups"), await queryConductor("SELECT number FROM words")];
    };
    await expect.poll(left).toEqual([{ groups: [] }, []]);
    const audit = JSON.stringify(await json("GET", "/v1/audit?limit=20"));
    expect(audit.split(`DELETE ${DB}"`)).toHaveLength(2);
    expect(audit.split(`POST ${DB}/freeze"`)).toHaveLength(2);
    // With nothing left to do, the conductor sets no alarm.
    await wake();
    expect(await wake()).toBe(false);
  });
});

describe("what is not meant for a group", () => {
  test("the target of a preferred member is deleted: it keeps no other from leading", async () => {
    await make("leader");
    await wake();
    expect(await leaderOf()).toBe("db-1");
    await rpc().deleteTarget("fra", "db-2", null);
    await pass(10_000);
    await say("db-1", { routing: "avoid", failover: true });
    await expect.poll(() => leaderOf()).toBe("db-3");
    expect((await read()).members[1]).toMatchObject({ verdict: "unknown", fit: false });
  });

  test("the target of a member of a pool is deleted, or paused: it stays as it was", async () => {
    await make("pool");
    await rpc().deleteTarget("fra", "db-2", null);
    await put("fra", "db-3", { paused: true });
    aheadMs += 300_000;
    await wake();
    expect(await serving()).toEqual(["db-1", "db-2", "db-3"]);
  });

  test("a rehearsal moves nothing, and a live drill does", async () => {
    await make("pool");
    const drill = { site: "fra", target: "db-1", fault: "refuse" as const, durationMs: 600_000 };
    const fail = async (live: boolean): Promise<void> => {
      const started = await rpc().startDrill({ ...drill, live });
      const { id } = started.ok ? started.value : { id: "" };
      const finding = { outcome: "refused" as const, stage: "connect" as const, drill: { id, live } };
      for (let turn = 0; turn < 3; turn++) {
        for (const vantage of REGIONS) await rpc().report([reportOf(vantage, ["fra/db-1"], finding)]);
        aheadMs += 1_000;
      }
      await wake();
    };
    await fail(false);
    expect((await read()).members[0]?.verdict).not.toBe("alive");
    expect(await serving()).toHaveLength(3);
    const [running] = await rpc().listDrills(null);
    await rpc().stopDrill(running?.id ?? "");
    await pass(60_000);
    await fail(true);
    await expect.poll(() => serving()).toEqual(["db-2", "db-3"]);
  });

  test("an operator's word takes a member out, and keeps it from the lead", async () => {
    await make("leader");
    await wake();
    await say("db-2", { routing: "avoid" });
    await say("db-1", { routing: "avoid", failover: true });
    await expect.poll(() => leaderOf()).toBe("db-3");
  });
});
