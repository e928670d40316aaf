import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { HealthAnswerSchema, type HealthAnswer } from "../../../src/domain/health.ts";
import type { NewToken } from "../../../src/domain/token.ts";
import type { VantageAnswer } from "../../../src/domain/vantage.ts";
import { vantageAnswer, verdictOf } from "../fake.ts";
import { READ, world, type World } from "../world.ts";

const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const INSIDE = { kind: "remote", provider: "own", region: "hel" } as const;

/** What one deployment may have and another with the same site `fra` may not have. */
interface Elsewhere {
  targets: string[];
  insides: string[];
  number: number;
  isOverloaded: boolean;
  webhooks: string[];
}

const names = fc.uniqueArray(fc.stringMatching(/^other-[a-z]{1,8}$/), { maxLength: 4 });
const elsewhere: fc.Arbitrary<Elsewhere> = fc.record({
  targets: names,
  insides: names,
  number: fc.integer({ min: 1, max: 1_000 }),
  isOverloaded: fc.boolean(),
  webhooks: names,
});

/** A deployment that watches `fra`, with other things elsewhere. */
const deployed = async ({ targets, insides, number, isOverloaded, webhooks }: Elsewhere) => {
  const made = world();
  const { aggregator } = made;
  const busy: Partial<VantageAnswer> = {
    counts: { reports: number, observations: number, dropped: number, refused: number },
    turns: { due: number, missed: number, heldMs: number, perSecond: number, assignedPerSecond: number },
  };
  aggregator.vantages = [
    vantageAnswer({ ...busy, controls: [] }),
    vantageAnswer({ ...busy, ...INSIDE, id: "inside-fra", site: "fra" }),
    ...insides.map((id) => vantageAnswer({ ...busy, ...INSIDE, id, site: "ams", state: "faulty" })),
  ];
  aggregator.counters = { bursts: number, burstProbes: number };
  const looks = insides.map((vantage) => ({ vantage, due: number, overdue: 1, lateMs: 0, isLate: false }));
  const behind = insides.map((vantage) => ({ vantage, due: number, missed: 1, since: 0 }));
  aggregator.load = { ...aggregator.load, looks, behind, isOverloaded };
  aggregator.tallies = webhooks.map((id) => ({
    id,
    pending: number,
    delivered: 1,
    failed: 0,
    dead: 0,
    dropped: 0,
  }));
  aggregator.judge(verdictOf({ site: "fra", target: "db-1" }));
  for (const target of targets) aggregator.judge(verdictOf({ site: "ams", target }));
  aggregator.shardHealth = {
    shard: 0,
    targets: 1 + targets.length,
    overloaded: isOverloaded,
    reasons: [...insides.map((id) => `vantage ${id} has stopped reporting`), ...targets, ...webhooks],
    causes: insides.length === 0 ? [] : ["a vantage has stopped reporting"],
    warnings: targets,
    rearmed: insides.map((what) => ({ what, at: "2026-11-22T18:30:05.000Z" })),
  };
  const answer = await made.send("POST", "/v1/tokens", { scope: "read", sites: ["fra"] });
  const { token } = await answer.json<NewToken>();
  return { ...made, token };
};

const textOf = async ({ ask }: World, path: string, token?: string): Promise<string> => {
  const answer = await ask(path, token === undefined ? {} : { headers: bearer(token) });
  expect(answer.status).toBe(200);
  return await answer.text();
};

/** The text without ages, which grow from one question to the next. */
const timeless = (text: string): string => text.replaceAll(/(_(age|held)_seconds\S*) \S+/g, "$1");

const healthOf = async (it: World, headers: Record<string, string> = {}): Promise<HealthAnswer> =>
  HealthAnswerSchema.parse(await (await it.ask("/healthz", { headers })).json());

describe("a token confined to a site", () => {
  it.each(["/v1/vantages", "/v1/metrics", "/v1/metrics?site=fra"])(
    "has the same from %s whatever else the deployment watches",
    async (path) => {
      const quiet = await deployed({
        targets: [],
        insides: [],
        number: 7,
        isOverloaded: false,
        webhooks: [],
      });
      const alone = timeless(await textOf(quiet, path, quiet.token));
      expect(alone).toContain("inside-fra");
      await fc.assert(
        fc.asyncProperty(elsewhere, async (others) => {
          const beside = await deployed(others);
          expect(timeless(await textOf(beside, path, beside.token))).toBe(alone);
        }),
        { numRuns: 25 },
      );
    },
  );

  it("sees its own vantages, and of those outside what says whether to believe them", async () => {
    const it = await deployed({
      targets: ["other-db"],
      insides: ["other-in"],
      number: 7,
      isOverloaded: false,
      webhooks: [],
    });
    const { vantages } = await (
      await it.ask("/v1/vantages", { headers: bearer(it.token) })
    ).json<{ vantages: VantageAnswer[] }>();
    expect(vantages.map(({ id, state }) => [id, state])).toEqual([
      ["weur", "sound"],
      ["inside-fra", "sound"],
    ]);
    const whole = await textOf(it, "/v1/vantages", READ.Authorization.slice("Bearer ".length));
    expect(whole).toContain("other-in");
  });
});

describe("own health", () => {
  it("is the causes alone to whoever is confined: nobody's name, and no number of anything", async () => {
    await fc.assert(
      fc.asyncProperty(elsewhere, async (others) => {
        const it = await deployed(others);
        const reasons = others.insides.length === 0 ? [] : ["a vantage has stopped reporting"];
        const told = others.targets.length + others.webhooks.length > 0 ? expect.any(Array) : reasons;
        const health = await healthOf(it, bearer(it.token));
        expect(health).toMatchObject({ warnings: [], shards: [], rearmed: [] });
        expect(health.reasons).toEqual(told);
        expect(JSON.stringify(health)).not.toMatch(/other-|ams|fra/);
        // A reason that occurs twice appears once.
        const all = new Set(it.aggregator.shardHealth.reasons);
        expect((await healthOf(it, READ)).reasons).toEqual([...all]);
      }),
      { numRuns: 25 },
    );
  });

  it("names no target and no webhook to whoever sends no token, or none that is known", async () => {
    const it = await deployed({
      targets: ["other-db"],
      insides: [],
      number: 7,
      isOverloaded: false,
      webhooks: ["other-hook"],
    });
    it.aggregator.shardHealth.unnamed = { reasons: ["a webhook takes nothing"], warnings: ["one target"] };
    for (const headers of [{}, bearer("no-such-token")]) {
      const health = await healthOf(it, headers);
      expect(health).toMatchObject({
        ok: false,
        reasons: ["a webhook takes nothing"],
        warnings: ["one target"],
      });
      expect(health.shards).toMatchObject([{ shard: 0, targets: 2, reasons: ["a webhook takes nothing"] }]);
      expect(JSON.stringify(health)).not.toMatch(/other-/);
    }
  });

  it("says that something is wrong where an older aggregator tells no cause", async () => {
    const it = world();
    it.aggregator.shardHealth = { ...it.aggregator.shardHealth, reasons: ["vantage ams-1 is late"] };
    const health = await healthOf(it);
    expect(health).toMatchObject({ ok: false, reasons: [expect.any(String)] });
    expect(JSON.stringify(health)).not.toContain("ams-1");
  });
});
