import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { toInstant } from "../../../src/domain/instant.ts";
import type { PastPage } from "../../../src/domain/rpc.ts";
import { shardOf } from "../../../src/domain/shard-of.ts";
import type { ListedTransition, TransitionsAnswer } from "../../../src/domain/verdict.ts";
import { verdictOf } from "../fake.ts";
import { READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const SITES = ["fra", "ams", "sin", "gru"];
const NOW = Date.UTC(2026, 10, 22, 18);

const transition = (site: string, target: string, at: number, sequence: number): ListedTransition => {
  const { confirmed, confidence, because, advice, evidence } = verdictOf();
  return {
    site,
    target,
    sequence,
    at: toInstant(at),
    from: "unknown",
    to: "alive",
    rule: "good",
    confirmed,
    confidence,
    because,
    advice,
    evidence,
    drill: null,
    override: null,
    by: null,
    told: [],
  };
};

type Made = { site: string; target: string; agoMs: number };
const made = fc.array(
  fc.record({
    site: fc.constantFrom(...SITES),
    target: fc.constantFrom("db-1", "db-2"),
    agoMs: fc.integer({ min: 0, max: 20 }).map((n) => n * 60_000),
  }),
  { maxLength: 60 },
);

/** A detector of `shards` shards in which these transitions have happened. */
const staged = (all: readonly Made[], shards: number, looksAt = Infinity) => {
  const stage = world({ shards });
  for (const [shard, aggregator] of stage.shards.entries()) {
    const own = all
      .filter(({ site }) => shardOf(site, shards) === shard)
      .toSorted((a, b) => a.agoMs - b.agoMs);
    aggregator.looksAt = looksAt;
    aggregator.past = own.map(
      ({ site, target, agoMs }, index): PastPage<ListedTransition>["entries"][number] => ({
        at: NOW - agoMs,
        before: `${own.length - index - 1}.0`,
        entry: transition(site, target, NOW - agoMs, own.length - index),
      }),
    );
  }
  return stage;
};

const nameOf = ({ site, target, sequence }: ListedTransition): string => `${site}/${target} ${sequence}`;

/** All pages of an answer. */
const readAll = async ({ ask }: ReturnType<typeof world>, query: string, limit: number) => {
  const seen: ListedTransition[] = [];
  let cursor = "";
  for (let pages = 0; pages < 500; pages++) {
    const path = `/v1/transitions?limit=${limit}${query}${cursor && `&cursor=${cursor}`}`;
    const page = await (await ask(path, { headers: READ })).json<TransitionsAnswer>();
    expect(page.transitions.length).toBeLessThanOrEqual(limit);
    seen.push(...page.transitions);
    if (page.next === null) return seen;
    cursor = page.next;
  }
  throw new Error("the pages never end");
};

describe("transitions of all targets", () => {
  it("come once each and newest first, over any number of shards, pages and looks", () =>
    fc.assert(
      fc.asyncProperty(
        made,
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 20 }),
        async (all, shards, limit, looksAt) => {
          const stage = staged(all, shards, looksAt);
          const seen = await readAll(stage, "", limit);
          const there = stage.shards.flatMap(({ past }) => past.map((one) => nameOf(one.entry)));
          expect(seen.map(nameOf).toSorted()).toEqual(there.toSorted());
          const times = seen.map(({ at }) => at);
          expect(times).toEqual(times.toSorted().toReversed());
        },
      ),
      { numRuns: 50 },
    ));

  it("are those of a site, of a name and between two instants, where that is asked for", () =>
    fc.assert(
      fc.asyncProperty(made, fc.integer({ min: 1, max: 20 }), async (all, limit) => {
        const [since, until] = [toInstant(NOW - 15 * 60_000), toInstant(NOW - 5 * 60_000)];
        const query = `&site=fra&target=db-1&since=${since}&until=${until}`;
        const seen = await readAll(staged(all, 3), query, limit);
        const wanted = all.filter(
          ({ site, target, agoMs }) =>
            site === "fra" && target === "db-1" && agoMs >= 5 * 60_000 && agoMs <= 15 * 60_000,
        );
        expect(seen).toHaveLength(wanted.length);
        for (const one of seen) {
          expect(one).toMatchObject({ site: "fra", target: "db-1" });
          expect(one.at >= since && one.at <= until).toBe(true);
        }
      }),
      { numRuns: 30 },
    ));

  it("are told for so long ago as well", async () => {
    vi.useFakeTimers({ now: NOW, toFake: ["Date"] });
    const all = [10, 50, 100].map((minutes) => ({ site: "fra", target: "db-1", agoMs: minutes * 60_000 }));
    const stage = staged(all, 1);
    const ages = async (query: string): Promise<number[]> =>
      (await readAll(stage, query, 10)).map(({ at }) => (NOW - Date.parse(at)) / 60_000);
    expect(await ages("&since=-1h")).toEqual([10, 50]);
    expect(await ages("&until=-1800s")).toEqual([50, 100]);
    expect(await ages("&since=-2d&until=-60m")).toEqual([100]);
    expect(await ages("&since=2026-11-22T18:55:00%2B01:00")).toEqual([]);
    expect(await ages("&since=2026-11-22T18:45:00%2B01:00")).toEqual([10]);
    vi.useRealTimers();
  });

  it.each([
    ["since=yesterday", "since"],
    ["since=-1w", "since"],
    ["since=2026-11-22", "since"],
    ["until=2026-13-01T00:00:00Z", "until"],
    ["site=Fra!", "site"],
    ["target=", "target"],
    ["limit=101", "limit"],
    ["cursor=nonsense", "cursor"],
  ])("asked for by %s is 400, and names the field", async (query, path) => {
    const answer = await world().ask(`/v1/transitions?${query}`, { headers: READ });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ path }] });
  });
});
