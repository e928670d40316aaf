import { abortAllDurableObjects, reset, runDurableObjectAlarm } from "cloudflare:test";
import fc from "fast-check";
import { afterEach, beforeEach, expect, inject, test, vi } from "vitest";
import { toInstant } from "../../src/domain/instant.ts";
import { Slot } from "../../harness/attack/slot.ts";
import { Receiver } from "./receiver.ts";
import { forget, put, rpc, shard } from "./scene.ts";
import "../provided.ts";
import { fallAfter, hasFallen, useShards, type Place } from "./worker.ts";

// Another shard learns what shard 0 keeps for all shards, and shard 0 learns what the other shard finds, whichever of the two ends at a
// call between them.

const PLACES: Place[] = ["shardCount", "remoteVantages", "webhooks", "closeWebhook", "follow"].flatMap(
  (call): Place[] => [`before ${call}`, `after ${call}`],
);
const SITE = "fra";
const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
const MORE = 6;
const [FIRST, OTHER] = ["0", "1"];

let receiver: Receiver;

beforeEach(() => {
  useShards(2);
  fallAfter(Infinity);
  receiver = new Receiver();
  receiver.answer = ({ url }) => new Response(null, { status: url.includes("shuts") ? 410 : 204 });
});
afterEach(() => {
  useShards(1);
  vi.restoreAllMocks();
});

const hook = (id: string, note: string) =>
  rpc(FIRST).putWebhook(id, { url: `https://${id}.example/`, events: "all", disabled: false, note }, SECRET);

const KINDS = {
  webhook: (value: string | null) => (value === null ? rpc(FIRST).deleteWebhook("ops") : hook("ops", value)),
  vantage: async (value: string | null) => {
    if (value === null) return rpc(FIRST).deleteVantage("far");
    const at = toInstant(Date.now());
    const token = { id: `far-${value}`, scope: "vantage" as const, vantage: "far", createdAt: at };
    const far = { id: "far", kind: "remote" as const, region: "weur", provider: value };
    return rpc(FIRST).addVantage(far, token, `hash-${value}`);
  },
};
type Kind = keyof typeof KINDS;

const READS: Record<Kind, (name: string) => Promise<string | null>> = {
  webhook: async (name) => (await rpc(name).webhooks()).find(({ id }) => id === "ops")?.note ?? null,
  vantage: async (name) =>
    (await rpc(name).remoteVantages()).find(({ id }) => id === "far")?.provider ?? null,
};

const step = fc.record({
  kind: fc.constantFrom<Kind | "transition" | "shut">("webhook", "vantage", "transition", "shut"),
  value: fc.option(fc.integer({ min: 10, max: 99 }).map(String), { freq: 3 }),
});
type CourseStep = { kind: Kind | "transition" | "shut"; value: string | null };

const quietly = (work: Promise<unknown>): Promise<unknown> => work.catch(() => undefined);
let nth = 0;
/** The number of requests that the receiver had when the webhook that it closes was last put. */
let unshutAt = 0;

/** Makes a step's change, and then the call to the other shard that the API makes after a change. */
const take = async (slots: Record<Kind, Slot>, { kind, value }: CourseStep): Promise<void> => {
  nth += 1;
  if (kind === "transition") {
    const override = { verdict: "alive", reason: String(nth), ttlMs: 3_600_000 } as const;
    await quietly(
      nth % 2 === 0
        ? rpc(OTHER).putOverride(SITE, "db-1", override)
        : rpc(OTHER).deleteOverride(SITE, "db-1"),
    );
  } else if (kind === "shut") {
    await hook("shuts", String(nth)).catch(() => hook("shuts", String(nth)));
    unshutAt = receiver.requests.length;
    await quietly(rpc(OTHER).follow());
    await quietly(rpc(value === null ? FIRST : OTHER).testWebhook("shuts", String(nth)));
  } else {
    await slots[kind].write(value, async () => ({
      status: (await KINDS[kind](value)).ok ? 200 : 409,
      text: "",
    }));
    if (!slots[kind].isSettled) slots[kind].check(await READS[kind](FIRST));
  }
  await quietly(rpc(OTHER).follow());
  await expect.poll(() => receiver.underWay).toBe(0);
};

const shownAt = async (name: string): Promise<unknown> => ({
  webhooks: await rpc(name).webhooks(),
  vantages: await rpc(name).remoteVantages(),
});

const play = async (steps: CourseStep[], at: number, place: Place): Promise<void> => {
  await reset();
  forget();
  receiver.requests = [];
  unshutAt = 0;
  const slots = { webhook: new Slot("webhook"), vantage: new Slot("vantage") };
  await hook("told", "");
  await hook("shuts", "");
  // A shard asks for the number of shards at its first call only.
  const isFirst = place.endsWith("shardCount");
  if (isFirst) fallAfter(1, place);
  await quietly(put(SITE, "db-1", {}, OTHER));
  await put(SITE, "db-1", {}, OTHER);
  for (const [index, one] of steps.entries()) {
    if (index === at && !isFirst) fallAfter(1, place);
    await take(slots, one);
  }
  for (let more = 0; !hasFallen() && more < MORE; more++)
    await take(slots, { kind: "shut", value: more % 2 === 0 ? "other" : null });
  expect(hasFallen()).toBe(true);
  fallAfter(Infinity);
  await abortAllDurableObjects();
  await meet(slots);
};

const meet = async (slots: Record<Kind, Slot>): Promise<void> => {
  for (const [kind, slot] of Object.entries(slots))
    expect(slot.check(await READS[kind as Kind](FIRST))).toBeNull();
  expect(await rpc(OTHER).shardCount()).toBe(2);
  await rpc(OTHER).follow();
  for (const name of [FIRST, OTHER]) {
    await runDurableObjectAlarm(shard(name));
    const waits = async () =>
      (await rpc(name).webhookCounts()).reduce((sum, { pending }) => sum + pending, 0);
    await expect.poll(waits, { interval: 5 }).toBe(0);
  }
  // The other shard reports what it has found to shard 0, and learns from shard 0 what all shards know.
  await expect.poll(() => shownAt(OTHER), { interval: 5 }).toEqual(await shownAt(FIRST));
  const isShut = receiver.requests.slice(unshutAt).some(({ url }) => url.includes("shuts"));
  const shuts = (await rpc(FIRST).webhooks()).find(({ id }) => id === "shuts");
  expect(shuts?.gone !== null).toBe(isShut);
  const history = await rpc(OTHER).history(SITE, "db-1", null, 100);
  const kept = history.ok ? history.value.transitions : [];
  const told = new Set(
    receiver.requests.flatMap(({ url, id, message }) =>
      url.includes("told") && message.type === "transition"
        ? [`${message.data.transition.sequence} ${message.data.transition.at} ${id}`]
        : [],
    ),
  );
  // Each transition comes under one id, and none comes that the history does not have.
  expect([...told].map((one) => one.split(" ").slice(0, 2).join(" ")).toSorted()).toEqual(
    kept.map(({ sequence, at }) => `${sequence} ${at}`).toSorted(),
  );
};

test.each(PLACES)("falls %s", async (place) => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), fc.nat(1), (steps, at) =>
      play(steps, at, place),
    ),
    { numRuns: inject("crashSeeds") },
  );
});
