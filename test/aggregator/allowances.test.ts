import { reset } from "cloudflare:test";
import fc from "fast-check";
import { beforeEach, expect, test } from "vitest";
import { Allowances } from "../../src/aggregator/allowances.ts";
import { forget, put, query, rpc } from "./scene.ts";

beforeEach(async () => {
  await reset();
  forget();
  await put("fra", "db-1");
  await put("fra", "db-2");
});

const judgements = async (): Promise<number> =>
  (await query<{ count: number }>("SELECT coalesce(max(id), 0) AS count FROM journal"))[0]?.count ?? 0;

const notice = async (target: string, bootId: string): Promise<boolean> => {
  const heard = await rpc().notice("fra", target, { kind: "crash", bootId, restarting: false });
  return heard.ok && heard.value.accepted;
};

test("a flood of one node's words is judged twenty times and once a second, and another node is heard as ever", async () => {
  const before = await judgements();
  const began = Date.now();
  const heard: boolean[] = [];
  for (let boot = 0; boot < 200; boot++) heard.push(await notice("db-1", `boot-${boot}`));
  const most = 20 + Math.ceil((Date.now() - began) / 1_000);
  const count = heard.filter(Boolean).length;
  expect(count).toBeGreaterThanOrEqual(20);
  expect(count).toBeLessThanOrEqual(most);
  expect((await judgements()) - before).toBeLessThanOrEqual(most);
  expect(heard.slice(0, 20)).toEqual(heard.slice(0, 20).map(() => true));
  expect(await notice("db-2", "boot-1")).toBe(true);
});

test("a heartbeat is heard though the words are used up, and costs no judgement of its own", async () => {
  for (let boot = 0; boot < 40; boot++) await notice("db-1", `boot-${boot}`);
  const before = await judgements();
  const heard = await rpc().heartbeat("fra", "db-1", { bootId: "another" });
  expect(heard.ok && heard.value.accepted).toBe(true);
  // The target may have earned one more word meanwhile.
  expect((await judgements()) - before).toBeLessThanOrEqual(1);
});

test("whoever asks how often: never more than there is at once and what has come since", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          waitMs: fc.nat(5_000),
          who: fc.constantFrom("a", "b"),
          cost: fc.integer({ min: 1, max: 5 }),
        }),
        { maxLength: 60 },
      ),
      (steps) => {
        const allowances = new Allowances();
        const used = new Map<string, number>();
        let now = 0;
        for (const { waitMs, who, cost } of steps) {
          now += waitMs;
          if (allowances.take(who, cost, { most: 10, perSecond: 2 }, now))
            used.set(who, (used.get(who) ?? 0) + cost);
          expect(used.get(who) ?? 0).toBeLessThanOrEqual(10 + (2 * now) / 1_000 + 1e-6);
        }
      },
    ),
  ));
