import { reset, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { asked, conduct, conductor, GROUP, requestOf } from "./conducted.ts";
import { forget, put, REGIONS, reportOf, rpc } from "./scene.ts";
import { steps } from "./worker.ts";

// What a group costs while nothing happens to it, in numbers: rows and alarms written, and calls of shards.

const MINUTE_MS = 60_000;
const INTERVAL_MS = 30_000;
const KEYS = Array.from({ length: 6 }, (_, index) => `fra/db-${index + 1}`);

let aheadMs = 0;
let now = (): number => 0;

/** The next look of each vantage, and when it is due. */
let looks: { at: number; vantage: string }[] = [];

beforeEach(async () => {
  await reset();
  forget();
  const realNow = Date.now.bind(Date);
  now = () => realNow() + aheadMs;
  vi.spyOn(Date, "now").mockImplementation(() => now());
  for (const key of KEYS) {
    const [site = "", target = ""] = key.split("/");
    await put(site, target, { intervalMs: INTERVAL_MS });
  }
  looks = REGIONS.map((vantage, index) => ({ at: now() + (index * INTERVAL_MS) / 7, vantage }));
  for (const vantage of REGIONS) await rpc().report([reportOf(vantage, KEYS)]);
});
afterEach(() => vi.restoreAllMocks());

const until = (at: number): void => {
  aheadMs += Math.max(0, at - now());
};

/** Lets `forMs` pass. Vantages look and the conductor's alarm rings when they are due, and `more` runs every `everyMs`. */
const live = async (
  forMs: number,
  everyMs = Infinity,
  more: () => Promise<unknown> = async () => undefined,
) => {
  const end = now() + forMs;
  let moreAt = now() + everyMs;
  for (;;) {
    const alarm = await runInDurableObject(conductor(), (_object, { storage }) => storage.getAlarm());
    const [look] = looks.toSorted((a, b) => a.at - b.at);
    const next = Math.min(alarm ?? Infinity, look?.at ?? Infinity, moreAt);
    if (next > end) return until(end);
    until(next);
    if (next === moreAt) {
      moreAt += everyMs;
      await more();
    } else if (next === look?.at) {
      look.at += INTERVAL_MS;
      await rpc().report([reportOf(look.vantage, KEYS)]);
    } else await runDurableObjectAlarm(conductor());
  }
};

const costs = (): { rows: number; calls: number } => ({
  rows: steps.get("conductor row") ?? 0,
  calls: steps.get("conductor before memberViews") ?? 0,
});

test.each(["pool", "leader"] as const)("an idle %s of 6 members", async (mode) => {
  await conduct().put(GROUP, requestOf(mode, KEYS), null, asked("put"));
  await live(2 * MINUTE_MS);
  steps.clear();
  await live(10 * MINUTE_MS);
  // A member's state is valid for some 55 s, and the conductor asks for it anew when it runs out.
  const { rows, calls } = costs();
  expect(calls).toBeLessThanOrEqual(13);
  expect(rows).toBeLessThanOrEqual(13);
});

test("a strict lease renewed every 5 s while the others ask: none writes a row", async () => {
  await conduct().put(GROUP, requestOf("leader", KEYS, { lease: "strict" }), null, asked("put"));
  let granted = 0;
  const ask = async (): Promise<void> => {
    for (const key of KEYS) {
      const reply = await conduct().lease(GROUP, key, null);
      if (reply.ok && reply.value.kind === "granted") granted += 1;
    }
  };
  await ask();
  await live(2 * MINUTE_MS, 5_000, ask);
  steps.clear();
  granted = 0;
  await live(10 * MINUTE_MS, 5_000, ask);
  const { rows, calls } = costs();
  expect(granted).toBeGreaterThanOrEqual(119);
  expect(calls).toBeLessThanOrEqual(13);
  expect(rows).toBeLessThanOrEqual(13);
});
