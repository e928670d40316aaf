import { createScheduledController } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HealthAnswerSchema, type HealthAnswer } from "../../../src/domain/health.ts";
import worker from "../../../src/index.ts";
import { bindingsOf, FakeAggregator, platformError } from "../fake.ts";
import { READ, world, type World } from "../world.ts";
import { passed } from "../passed.ts";

const log = vi.spyOn(console, "warn");
beforeEach(() => {
  log.mockReset().mockImplementation(() => {});
});

/** Health as a token that reads all sites sees it. */
const healthIn = async ({ ask }: World): Promise<HealthAnswer> => {
  const answer = await ask("/healthz", { headers: READ });
  expect(answer.status).toBe(200);
  expect(answer.headers.get("Cache-Control")).toBe("no-store");
  return HealthAnswerSchema.parse(await answer.json());
};

describe("own health", () => {
  it("is ok when every shard says so", async () => {
    const staged = world({ shards: 2 });
    staged.shards[1]!.shardHealth = { shard: 1, targets: 3, overloaded: false, reasons: [], rearmed: [] };
    const health = await healthIn(staged);
    expect(health).toMatchObject({ ok: true, reasons: [], shards: [{ shard: 0 }, { shard: 1, targets: 3 }] });
  });

  it("tells what stalled and what the watchdog started again, oldest first", async () => {
    const staged = world({ shards: 2 });
    const at = (second: number) => `2026-11-22T18:30:0${second}.000Z`;
    staged.shards[0]!.shardHealth = {
      shard: 0,
      targets: 1,
      overloaded: false,
      reasons: ["vantage weur has not reported for 90 s"],
      rearmed: [{ what: "vantage weur", at: at(5) }],
    };
    staged.shards[1]!.shardHealth = {
      shard: 1,
      targets: 0,
      overloaded: false,
      reasons: [],
      rearmed: [{ what: "vantage oc", at: at(3) }],
    };
    const health = await healthIn(staged);
    expect(health).toMatchObject({ ok: false, reasons: ["vantage weur has not reported for 90 s"] });
    expect(health.rearmed.map(({ what }) => what)).toEqual(["vantage oc", "vantage weur"]);
  });

  it("is 200 with a reason when a shard throws or does not answer within a second", async () => {
    const staged = world({ shards: 3 });
    staged.shards[0]!.mood = () => Promise.reject(platformError());
    staged.shards[2]!.mood = () => new Promise(() => {});
    const { came: health, tookMs } = await passed(() => healthIn(staged));
    expect(tookMs).toBeLessThanOrEqual(1_000);
    expect(health.reasons).toEqual(["shard 0 does not answer", "shard 2 does not answer"]);
    expect(health.ok).toBe(false);
    expect(health.shards).toHaveLength(1);
  });

  it.each([
    [
      "database or disk is full: SQLITE_FULL",
      "shard 0 can keep nothing, so nothing is judged: database or disk",
    ],
    [
      "Internal error in Durable Object storage write caused object to be reset.",
      "shard 0 can keep nothing, so nothing is judged: Internal error in Durable Object storage write",
    ],
    ["Network connection lost.", "shard 0 does not answer"],
  ])("a shard that fails with %j is named by what it fails of", async (words, told) => {
    const staged = world();
    staged.aggregator.mood = () => Promise.reject(new Error(words));
    expect((await healthIn(staged)).reasons).toEqual([expect.stringContaining(told)]);
  });

  it("names each wrong variable, and asks no object then", async () => {
    const staged = world({ env: { SHARDS: "none", ALLOW_PRIVATE: "maybe" } });
    const health = await healthIn(staged);
    expect(health.ok).toBe(false);
    expect(health.reasons).toEqual(["SHARDS must be 1 to 1024", 'ALLOW_PRIVATE must be "true" or "false"']);
    expect(staged.aggregator.calls).toEqual([]);
  });

  it.each(["a".repeat(201), "with a space", "schlüssel"])(
    "a token like %j is named, and not shown",
    async (token) => {
      const { reasons } = await healthIn(world({ env: { READ_TOKEN: token } }));
      expect(reasons).toEqual(["READ_TOKEN must be at most 200 printable ASCII characters without a space"]);
    },
  );

  it("asks the objects at most once a second, and anew after that", async () => {
    const staged = world();
    for (let index = 0; index < 20; index++) await healthIn(staged);
    expect(staged.aggregator.calls.length).toBeLessThanOrEqual(2);
    staged.aggregator.shardHealth = {
      shard: 0,
      targets: 0,
      overloaded: false,
      reasons: ["the alarm stopped"],
      rearmed: [],
    };
    await expect.poll(async () => (await healthIn(staged)).ok, { interval: 100 }).toBe(false);
  });

  it("is served by the Worker as wired", async () => {
    const answer = await exports.default.fetch("https://parallax.test/healthz");
    expect(answer.status).toBe(200);
    expect(HealthAnswerSchema.safeParse(await answer.json()).success).toBe(true);
  });
});

describe("the watchdog's schedule", () => {
  const run = (shards: FakeAggregator[], changes = {}) =>
    worker.scheduled(createScheduledController({ cron: "* * * * *" }), bindingsOf(shards, changes));
  const shards = () => [new FakeAggregator(), new FakeAggregator(), new FakeAggregator()];

  it("has every shard watch, though one of them is in trouble, and says which", async () => {
    const watched = shards();
    watched[1]!.mood = () => Promise.reject(platformError());
    await run(watched);
    // The failing shard is called once more, since an object that ended itself is a new object at the next call.
    expect(watched.map(({ calls }) => calls)).toEqual([["watch"], ["watch", "watch"], ["watch"]]);
    expect(log.mock.calls.map(([line]) => JSON.parse(String(line)) as unknown)).toEqual([
      { level: "warn", event: "watchdog", shard: 1, reason: platformError().message },
    ]);
  });

  it("goes on watching under a wrong configuration, and names it", async () => {
    const watched = shards();
    await run(watched, { ADMIN_TOKEN: "" });
    expect(watched.map(({ calls }) => calls)).toEqual([["watch"], ["watch"], ["watch"]]);
    expect(String(log.mock.calls[0]?.[0])).toContain("ADMIN_TOKEN is not set");
  });

  it("asks for every aggregator where it is to be, since it may be the first to ask", async () => {
    const env = bindingsOf(shards(), { AGGREGATOR_HINT: "weur" });
    const get = vi.spyOn(env.AGGREGATOR, "get");
    await worker.scheduled(createScheduledController({ cron: "* * * * *" }), env);
    expect(get.mock.calls.map(([, options]) => options)).toEqual(
      shards().map(() => ({ locationHint: "weur" })),
    );
  });

  it("watches nothing where it is not clear which shards there are", async () => {
    const watched = shards();
    await run(watched, { SHARDS: "1000000000" });
    expect(watched.flatMap(({ calls }) => calls)).toEqual([]);
  });
});
