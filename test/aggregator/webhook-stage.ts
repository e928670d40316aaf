import { reset, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, beforeEach, expect, vi } from "vitest";
import type { Delivery, WebhookRequest } from "../../src/domain/webhook.ts";
import { Receiver } from "./receiver.ts";
import { forget, put, reportAll, reportWitnesses, rpc, shard } from "./scene.ts";

export const BOTH = ["fra/db-1", "fra/db-2"];
export const SECRET = `whsec_${btoa("0123456789abcdef0123456789abcdef")}`;
export const HOUR = 3_600_000;
export const REFUSED = { outcome: "refused", stage: "connect", totalMs: 2 } as const;

/** Makes or replaces a webhook. */
export const hook = (id = "ops", changes: Partial<WebhookRequest> = {}) =>
  rpc().putWebhook(id, { url: `https://${id}.example/`, events: "all", disabled: false, ...changes }, SECRET);

/**
 * All vantages are refused by one of the two targets, while its host and the other target answer. `part` is added to every look at the
 * target and its witness.
 */
export const crash = async (
  target = "fra/db-1",
  part: Parameters<typeof reportAll>[1] = {},
): Promise<void> => {
  // All looks begin at one instant, however long the reports take: a sibling that answers later may have been refused with the target.
  const begin = Date.now();
  await reportAll([target], { ...REFUSED, begin, ...part });
  await reportWitnesses([target], { begin, ...part });
  await reportAll(
    BOTH.filter((key) => key !== target),
    { begin },
  );
};

export const counts = async (id = "ops") => (await rpc().webhookCounts()).find((one) => one.id === id);
export const deliveries = async (id = "ops"): Promise<Delivery[]> =>
  (await rpc().deliveries(id, null, null, 2_000)).map(({ delivery }) => delivery);

/** Waits until nothing is under way and the outbox has these counts. */
export const settled = (expected: object, id = "ops") =>
  expect.poll(() => counts(id), { interval: 10 }).toMatchObject(expected);

/** The receiver of the test that runs. */
export let receiver: Receiver;
/** How far the object's clock is ahead of ours. */
let aheadMs = 0;

/** Before each test: two targets that are well, and nothing else. */
export const setTheStage = (): void => {
  beforeEach(async () => {
    const realNow = Date.now.bind(Date);
    aheadMs = 0;
    vi.spyOn(Date, "now").mockImplementation(() => realNow() + aheadMs);
    await reset();
    forget();
    receiver = new Receiver();
    // Failover is advised as soon as it is confirmed: these tests are about the messages that follow.
    for (const target of ["db-1", "db-2"])
      await put("fra", target, { witness: "tcp://127.0.0.1:22", policy: { restartGraceMs: 0 } });
    await reportAll(BOTH);
    await reportWitnesses(BOTH);
  });
  afterEach(() => vi.restoreAllMocks());
};

/** Puts the object's clock forward. */
export const setClock = (at: number): void => {
  aheadMs += Math.max(0, at - Date.now());
};

/** Instants of the next attempts, the soonest first. */
const dueTimes = async (id: string): Promise<number[]> =>
  (await deliveries(id))
    .flatMap(({ nextAttemptAt }) => (nextAttemptAt === null ? [] : [Date.parse(nextAttemptAt)]))
    .toSorted((left, right) => left - right);

/** Lets time pass as the alarm would see it: from one due attempt to the next. */
export const pass = async (ms: number, id = "ops"): Promise<void> => {
  const end = Date.now() + ms;
  for (let [next] = await dueTimes(id); next !== undefined && next <= end; [next] = await dueTimes(id)) {
    setClock(next);
    const now = Date.now();
    await runDurableObjectAlarm(shard());
    await expect
      .poll(async () => (await dueTimes(id)).some((due) => due <= now), { interval: 5 })
      .toBe(false);
  }
  setClock(end);
};
