import { beforeEach, describe, expect, it, vi } from "vitest";
import { platformError } from "./fake.ts";
import { advice, stage } from "./stage.ts";
import { ADMIN, DB1, problemIn, READ, world } from "./world.ts";
import { passed } from "./passed.ts";

const log = vi.spyOn(console, "warn");
beforeEach(() => {
  log.mockReset().mockImplementation(() => {});
});

describe("our own trouble", () => {
  const troubles: [string, () => Promise<void>][] = [
    ["throws", () => Promise.reject(platformError())],
    ["is overloaded", () => Promise.reject(platformError({ overloaded: true, retryable: true }))],
    ["stays down through a second attempt", () => Promise.reject(platformError({ retryable: true }))],
    ["does not answer", () => new Promise(() => {})],
    ["throws what is no error", () => Promise.reject(Object.create(null) as Error)],
  ];

  it.each(troubles)(
    "when the aggregator %s and nothing is remembered: serve, keep, hold",
    async (_, mood) => {
      const { ask, aggregator } = world();
      aggregator.mood = mood;
      const [up, avoid, failover] = await Promise.all(
        ["up?from=weur", "avoid", "failover"].map((kind) => ask(`${DB1}/${kind}`, { headers: READ })),
      );
      expect([up?.status, avoid?.status, failover?.status]).toEqual([200, 409, 409]);
      expect(await up?.text()).toBe("up unknown fra/db-1 unavailable\n");
      expect(await failover?.text()).toBe("hold unknown fra/db-1 unavailable\n");
    },
  );

  it.each(troubles)(
    "when the aggregator %s, /up repeats the last answer and the others do not",
    async (_, mood) => {
      const dead = {
        verdict: "node_dead",
        advice: advice("avoid", true, { weur: "avoid", enam: "serve" }),
      } as const;
      const { ask, aggregator, status } = stage(dead);
      expect([await status("avoid"), await status("failover")]).toEqual([200, 200]);
      aggregator.mood = mood;
      const [up, enam, avoid, failover] = await Promise.all(
        ["up", "up?from=enam", "avoid", "failover"].map((kind) => ask(`${DB1}/${kind}`, { headers: READ })),
      );
      expect([up?.status, enam?.status, avoid?.status, failover?.status]).toEqual([503, 200, 409, 409]);
      expect(await up?.text()).toBe("down node_dead fra/db-1 seq=42 cached\n");
    },
  );

  it("answers within the second a poller gives us, and once the trouble is over, anew", async () => {
    const { ask, aggregator } = stage({});
    aggregator.mood = () => new Promise(() => {});
    expect((await passed(() => ask(`${DB1}/up`, { headers: READ }))).tookMs).toBe(1_000);
    aggregator.mood = async () => {};
    expect(await (await ask(`${DB1}/up`, { headers: READ })).text()).toBe("up alive fra/db-1 seq=42\n");
  });

  it("an answer that cannot be read is trouble too", async () => {
    const { ask, aggregator } = stage({});
    aggregator.read = async () => '"tag"\nreal\n{"verdict":';
    const expected = { up: 200, avoid: 409, failover: 409 };
    for (const [kind, status] of Object.entries(expected))
      for (let round = 0; round < 2; round++)
        expect((await ask(`${DB1}/${kind}`, { headers: READ })).status).toBe(status);
  });

  it("what is wrong with the question is still the caller's, trouble or not", async () => {
    const { ask, aggregator } = world();
    aggregator.mood = () => Promise.reject(platformError());
    expect((await ask("/v1/sites/FRA/targets/db-1/up", { headers: READ })).status).toBe(400);
    expect((await ask(`${DB1}/up?gray=maybe`, { headers: READ })).status).toBe(400);
    expect((await ask(`${DB1}/up`)).status).toBe(401);
  });

  it("a target that is gone is not remembered", async () => {
    const { ask, aggregator } = stage({});
    await ask(`${DB1}/up`, { headers: READ });
    aggregator.readings.clear();
    expect((await ask(`${DB1}/up`, { headers: READ })).status).toBe(404);
    aggregator.mood = () => Promise.reject(platformError());
    expect(await (await ask(`${DB1}/up`, { headers: READ })).text()).toBe(
      "up unknown fra/db-1 unavailable\n",
    );
  });

  it("elsewhere it is 503, a problem, and a hint when to come back", async () => {
    const { ask, send, aggregator } = stage({});
    aggregator.mood = () => Promise.reject(platformError());
    const paths = [
      `${DB1}/verdict`,
      `${DB1}/history`,
      DB1,
      "/v1/sites",
      "/v1/sites/fra/targets",
      "/v1/vantages",
    ];
    const answers = await Promise.all([
      ...[...paths, "/v1/drills"].map((path) => ask(path, { headers: ADMIN })),
      send("PUT", DB1, { url: "http://127.0.0.1/" }),
      send("POST", "/v1/drills", { site: "fra", fault: "hang", durationMs: 1_000 }),
      send("PUT", `${DB1}/override`, { verdict: "gray", reason: "r", ttlMs: 1_000 }),
      ask(DB1, { method: "DELETE", headers: ADMIN }),
      ask("/v1/drills/drill-0-1", { method: "DELETE", headers: ADMIN }),
    ]);
    for (const answer of answers) {
      expect(answer.headers.get("Retry-After")).toBe("1");
      expect(await problemIn(answer)).toMatchObject({
        status: 503,
        type: "urn:parallax:problem:unavailable",
      });
    }
  });
});

it("the log tells of trouble in lines of JSON, and of no token", async () => {
  const { ask, aggregator } = world();
  aggregator.mood = () => Promise.reject(platformError());
  await ask(`/k/the-read-token${DB1}/up`);
  const lines = log.mock.calls.map(([line]) => String(line));
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: "warn", event: "api.aggregator", shard: 0, reason: platformError().message },
  ]);
  expect(lines.join()).not.toContain("the-read-token");
});

describe("a second attempt", () => {
  const failingOnce = (flags: Parameters<typeof platformError>[0]) => {
    const staged = stage({});
    let failures = 1;
    staged.aggregator.mood = async () => {
      if (failures-- > 0) throw platformError(flags);
    };
    return staged;
  };

  it("is made once where the platform allows it, on a fresh stub", async () => {
    const { ask, aggregator, env } = failingOnce({ retryable: true });
    expect((await ask(`${DB1}/verdict`, { headers: READ })).status).toBe(200);
    expect(aggregator.calls).toEqual(["read", "read"]);
    expect(env.stubs.taken).toBe(2);
  });

  it("is not made on an overloaded object, nor after an error that is not retryable", async () => {
    for (const flags of [{ retryable: true, overloaded: true }, { overloaded: true }, {}]) {
      const { ask, aggregator } = failingOnce(flags);
      expect((await ask(`${DB1}/verdict`, { headers: READ })).status).toBe(503);
      expect(aggregator.calls).toEqual(["read"]);
    }
  });

  it("is made for a write only if doing it twice does no harm", async () => {
    const config = { url: "http://127.0.0.1/" };
    const retried = failingOnce({ retryable: true });
    expect((await retried.send("PUT", DB1, config)).status).toBe(201);
    const conditional = failingOnce({ retryable: true });
    expect((await conditional.send("PUT", DB1, config, { "If-Match": '"1"' })).status).toBe(503);
    const drilled = failingOnce({ retryable: true });
    const drill = { site: "fra", fault: "hang", durationMs: 1_000 };
    expect((await drilled.send("POST", "/v1/drills", drill)).status).toBe(503);
    expect(drilled.aggregator.calls).toEqual(["startDrill"]);
  });
});
