import { abortAllDurableObjects, evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, describe, expect, it } from "vitest";
import { GroupRequestSchema } from "../../src/domain/group.ts";
import type { ConductorRpc, GroupWord } from "../../src/domain/rpc.ts";
import { sign } from "../../src/webhooks/sign.ts";
import { refuse } from "./receiver.ts";
import { put, query, rpc, shard } from "./scene.ts";
import { deliveries, hook, pass, receiver, SECRET, settled, setTheStage } from "./webhook-stage.ts";
import { fallAfter, hasFallen } from "./worker.ts";

setTheStage();
afterEach(() => fallAfter(Infinity));

const conductor = (group = "web"): DurableObjectStub =>
  env.CONDUCTOR.get(env.CONDUCTOR.idFromName(group)) as unknown as DurableObjectStub;
const conductorRpc = (): ConductorRpc => conductor() as unknown as ConductorRpc;

const ASKED = { by: "ADMIN_TOKEN", what: "PUT /v1/groups/web", request: "" };

/** A pool of a member in `ams` and two in `fra`, of which one may be out. */
const pool = async (): Promise<void> => {
  await put("ams", "db-1", {});
  const request = GroupRequestSchema.parse({
    mode: "pool",
    members: [
      { site: "ams", target: "db-1" },
      { site: "fra", target: "db-1" },
      { site: "fra", target: "db-2" },
    ],
    policy: { maxOut: 0.4, holdDownMs: 0 },
  });
  const made = await conductorRpc().put("web", request, null, ASKED);
  if (!made.ok) throw new Error(made.refusal.detail);
};

/** An operator's override keeps traffic away from a member. */
const fell = async (site: string, target: string): Promise<void> => {
  await rpc().putOverride(site, target, {
    advice: { routing: "avoid" },
    reason: "a story",
    ttlMs: 3_600_000,
  });
};

/** The messages about groups that this webhook received. */
const told = (id: string): string[] =>
  receiver.requests.flatMap(({ url, message }) =>
    url.includes(id) && (message.type === "group.changed" || message.type === "group.withheld")
      ? [`${message.type} ${message.data.change.to.join(" ")}`]
      : [],
  );

const CHANGED = "group.changed ams/db-1 fra/db-2";
// The message says that only the brakes keep the group as it is.
const WITHHELD = "group.withheld ";

/** Ids of the messages about groups. */
const groupIds = (): Set<string> => new Set(receiver.ids.filter((id) => id.startsWith("group-")));

describe("a group's word", () => {
  it("is sent once to each webhook that wants it, by what it wants and by the members' sites", async () => {
    await hook("every");
    await hook("change", { groups: "changed" });
    await hook("never", { groups: "none" });
    await hook("inside", { sites: ["ams"] });
    await hook("beside", { sites: ["waw"] });
    await hook("still", { disabled: true });
    await pool();
    await fell("fra", "db-1");
    await expect.poll(() => told("every")).toEqual([CHANGED]);
    await fell("fra", "db-2");
    await expect.poll(() => told("every")).toEqual([CHANGED, WITHHELD]);
    await expect.poll(() => told("inside")).toEqual([CHANGED, WITHHELD]);
    expect(told("change")).toEqual([CHANGED]);
    for (const id of ["never", "beside", "still"]) expect(told(id)).toEqual([]);
  });

  it("has the line of the history whole, and a signature that its secret makes", async () => {
    await hook();
    await pool();
    await fell("fra", "db-1");
    await expect.poll(() => told("ops")).toEqual([CHANGED]);
    const request = receiver.requests.find(({ message }) => message.type === "group.changed");
    const history = await conductorRpc().history("web", null, 10);
    const line = history.ok ? history.value.changes.find(({ kind }) => kind === "changed") : undefined;
    expect(request?.message).toEqual({
      type: "group.changed",
      timestamp: line?.at,
      data: { group: "web", mode: "pool", change: line },
    });
    const { id = "", at = 0, message } = request ?? {};
    expect(request?.signature).toBe(await sign([SECRET], id, at / 1_000, JSON.stringify(message)));
  });

  it("is listed among the deliveries, and sent again under the same id when it is replayed", async () => {
    await hook();
    await pool();
    await fell("fra", "db-1");
    await expect.poll(() => told("ops")).toEqual([CHANGED]);
    await settled({ pending: 0 });
    const listed = (await deliveries()).filter(({ type }) => type === "group");
    expect(listed).toMatchObject([{ site: null, target: null, sequence: null, state: "delivered" }]);
    const id = listed[0]?.id ?? "";
    expect(await rpc().replayDelivery("ops", id)).toMatchObject({ ok: true });
    await expect.poll(() => told("ops")).toEqual([CHANGED, CHANGED]);
    const bodies = receiver.requests.filter((one) => one.id === id).map(({ message }) => message);
    expect(bodies).toHaveLength(2);
    expect(bodies[1]).toEqual(bodies[0]);
  });

  it("waits for a receiver that is down, over the end of shard 0", async () => {
    await hook("ops", { sites: ["ams"] });
    receiver.answer = refuse;
    await pool();
    await fell("fra", "db-1");
    await expect.poll(() => told("ops")).toEqual([CHANGED]);
    await expect.poll(() => receiver.underWay).toBe(0);
    await evictDurableObject(shard());
    receiver.answer = () => new Response();
    await pass(60_000);
    await settled({ pending: 0 });
    expect(told("ops")).toEqual([CHANGED, CHANGED]);
    expect(groupIds().size).toBe(1);
  });

  it("that shard 0 did not take is told again once the conductor is back from its own end", async () => {
    await hook("ops", { sites: ["ams"] });
    await pool();
    await fell("fra", "db-1");
    // Conductor and shard end wherever they are.
    await abortAllDurableObjects();
    await conductorRpc().read("web", null);
    await runDurableObjectAlarm(conductor());
    await expect.poll(() => new Set(told("ops"))).toEqual(new Set([CHANGED]));
    await pass(60_000);
    expect(groupIds().size).toBe(1);
  });
});

/** A change of a group, as a conductor sends it to shard 0. */
const wordOf = (number: number): GroupWord => ({
  number,
  audit: {
    at: "2026-11-28T03:00:00.000Z",
    by: "ADMIN_TOKEN",
    what: "a story",
    before: null,
    after: null,
    request: `request-${number}`,
  },
  message: {
    sites: ["fra"],
    body: {
      type: "group.changed",
      timestamp: "2026-11-28T03:00:00.000Z",
      data: {
        group: "web",
        mode: "pool",
        change: {
          number,
          at: "2026-11-28T03:00:00.000Z",
          kind: "changed",
          epoch: number,
          from: [],
          to: [String(number)],
          because: "a story",
          heldBy: [],
          verdicts: [],
          by: "parallax",
        },
      },
    },
  },
});

const STEPS = Array.from({ length: 10 }, (_, index) => index + 1);

it.each(STEPS)("of words that shard 0 takes as it falls at its step %i, each is kept once", async (step) => {
  await hook();
  const words = [1, 2].map(wordOf);
  fallAfter(step);
  const first = await rpc()
    .takeFromGroup("web", words)
    .catch(() => null);
  if (hasFallen()) expect(first).toBeNull();
  fallAfter(Infinity);
  expect(await rpc().takeFromGroup("web", words)).toBe(2);
  await pass(120_000);
  await settled({ pending: 0 });
  const byId = new Map(receiver.requests.map(({ id, message }) => [id, JSON.stringify(message)]));
  expect([...byId.values()].toSorted()).toEqual(words.map(({ message }) => JSON.stringify(message?.body)));
  const kept = await query<{ count: number }>("SELECT count(*) AS count FROM audit");
  expect(kept).toEqual([{ count: 2 }]);
});
