import { abortAllDurableObjects, reset } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { PastPage, PastQuery } from "../../src/domain/rpc.ts";
import type { ListedTransition } from "../../src/domain/verdict.ts";
import type { TransitionData } from "../../src/domain/webhook.ts";
import { forget, put, query, reportAll, rpc } from "./scene.ts";

const REFUSED = { outcome: "refused", stage: "connect", totalMs: 2 } as const;
const KEYS = ["fra/db-1", "fra/db-2", "ams/web-1"];

beforeEach(async () => {
  await reset();
  forget();
  for (const key of KEYS) {
    const [site = "", target = ""] = key.split("/");
    await put(site, target);
  }
  await reportAll(KEYS);
  await reportAll(["fra/db-1", "ams/web-1"], REFUSED);
  await reportAll(["fra/db-2"]);
});

/** Everything from a place on, in pages of `limit`. */
const follow = async (after: string | null, limit: number): Promise<{ names: string[]; next: string }> => {
  const names: string[] = [];
  let next = after;
  for (;;) {
    const page = await rpc().transitionsAfter(next, limit);
    expect(page.isGap).toBe(false);
    for (const { json, site } of page.events) {
      const data = JSON.parse(json) as TransitionData;
      expect(data.site).toBe(site);
      names.push(`${data.site}/${data.target} ${data.transition.sequence}`);
    }
    next = page.next;
    if (page.isEnd) return { names, next };
  }
};

const histories = async (): Promise<string[]> => {
  const all = KEYS.map(async (key) => {
    const [site = "", target = ""] = key.split("/");
    const history = await rpc().history(site, target, null, 100);
    return history.ok ? history.value.transitions.map(({ sequence }) => `${key} ${sequence}`) : [];
  });
  return (await Promise.all(all)).flat();
};

describe("transitions after a place", () => {
  it.each([1, 2, 1_000])(
    "in pages of %i are all there are, once each, in the order of each target",
    async (limit) => {
      const { names } = await follow("1.0", limit);
      expect(names.toSorted()).toEqual((await histories()).toSorted());
      expect(names.length).toBeGreaterThan(KEYS.length);
      for (const key of KEYS) {
        const own = names
          .filter((name) => name.startsWith(`${key} `))
          .map((name) => Number(name.split(" ")[1]));
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    },
  );

  it("go on after any of them, be it in the midst of a judgement", async () => {
    const page = await rpc().transitionsAfter("1.0", 1_000);
    const { names } = await follow("1.0", 1_000);
    for (const [index, { next }] of page.events.entries())
      expect((await follow(next, 1_000)).names).toEqual(names.slice(index + 1));
  });

  it("begin at the end where no place is given, and the place outlives the object", async () => {
    const { next, events } = await rpc().transitionsAfter(null, 10);
    expect(events).toEqual([]);
    expect(next).toBe((await follow("1.0", 1_000)).next);
    await abortAllDurableObjects();
    const sequences = (await histories()).length;
    await reportAll(["fra/db-1"]);
    const { names } = await follow(next, 10);
    expect(names.length).toBe((await histories()).length - sequences);
    expect(names.length).toBeGreaterThan(0);
  });

  it("tell a gap where some are not kept any more, or the place is none of this shard's", async () => {
    const { events, next } = await rpc().transitionsAfter("1.0", 1_000);
    await query("DELETE FROM transitions WHERE id <= 2");
    const page = await rpc().transitionsAfter("1.0", 1_000);
    expect(page).toMatchObject({ isGap: true, start: "3.0", next });
    expect(page.events.length).toBeLessThan(events.length);
    expect(page.events).toEqual(events.slice(-page.events.length));
    expect(await rpc().transitionsAfter("99999.0", 10)).toEqual({
      isGap: true,
      start: next,
      events: [],
      next,
      isEnd: true,
    });
  });
});

/** Everything before a place, in pages of `limit`. */
const back = async (limit: number, query: Partial<PastQuery> = {}): Promise<string[]> => {
  const names: string[] = [];
  const all = { since: null, until: null, sites: null, target: null, ...query };
  for (let before: string | null = null; ;) {
    const page: PastPage<ListedTransition> = await rpc().transitionsBefore({ ...all, before, limit });
    for (const { entry, at } of page.entries) {
      expect(new Date(at).toISOString()).toBe(entry.at);
      names.push(`${entry.site}/${entry.target} ${entry.sequence}`);
    }
    if (page.next === null) return names;
    before = page.next;
  }
};

describe("transitions before a place", () => {
  it.each([1, 2, 1_000])(
    "in pages of %i are those that were followed, the other way round",
    async (limit) => {
      const { names } = await follow("1.0", 1_000);
      expect(await back(limit)).toEqual(names.toReversed());
      const ofSite = names.filter((name) => name.startsWith("fra/")).toReversed();
      expect(await back(limit, { sites: ["fra"] })).toEqual(ofSite);
      expect(await back(limit, { sites: ["fra"], target: "db-2" })).toEqual(
        ofSite.filter((name) => name.startsWith("fra/db-2 ")),
      );
      expect(await back(limit, { sites: [] })).toEqual([]);
    },
  );

  it("are none of what is older than asked for, newer, or not kept any more", async () => {
    const all = await back(1_000);
    expect(await back(1_000, { since: 0, until: Date.now() })).toEqual(all);
    expect(await back(1_000, { since: Date.now() + 60_000 })).toEqual([]);
    expect(await back(1_000, { until: 0 })).toEqual([]);
    await query("DELETE FROM transitions WHERE id <= 2");
    const kept = await back(2);
    expect(kept.length).toBeLessThan(all.length);
    expect(kept).toEqual(all.slice(0, kept.length));
  });

  it("carry the operator's word that held, which history tells, too", async () => {
    await rpc().putOverride("fra", "db-1", {
      verdict: "node_dead",
      reason: "pulled the plug",
      ttlMs: 60_000,
    });
    const asked = { since: null, until: null, sites: ["fra"], target: "db-1", before: null, limit: 1 };
    const { entries } = await rpc().transitionsBefore(asked);
    const override = { verdict: "node_dead", reason: "pulled the plug" };
    expect(entries).toMatchObject([{ entry: { to: "node_dead", override, drill: null, by: null } }]);
    const history = await rpc().history("fra", "db-1", null, 2);
    expect(history).toMatchObject({ value: { transitions: [{ override }, { override: null }] } });
  });
});
