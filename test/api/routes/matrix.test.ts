import { beforeEach, describe, expect, it, vi } from "vitest";
import { MatrixAnswerSchema, type MatrixAnswer } from "../../../src/domain/matrix.ts";
import type { NewToken } from "../../../src/domain/token.ts";
import { vantageAnswer, verdictOf } from "../fake.ts";
import { problemIn, READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const INSIDE = { kind: "remote", provider: "own", region: "hel" } as const;
const AT = "2026-11-22T18:30:04.120Z";

const matrixIn = async (answer: Response): Promise<MatrixAnswer> => {
  expect(answer.status).toBe(200);
  return MatrixAnswerSchema.parse(await answer.json());
};

/** Two sites with a vantage inside of each. */
const staged = () => {
  const made = world();
  made.aggregator.vantages = [
    vantageAnswer({ ...INSIDE, id: "in-ams", site: "ams", sites: ["ams"] }),
    vantageAnswer({ ...INSIDE, id: "in-fra", site: "fra", sites: ["fra"] }),
    vantageAnswer({ id: "weur" }),
    vantageAnswer({ id: "hel-1", kind: "remote", provider: "hetzner" }),
    vantageAnswer({ id: "eeur", state: "faulty", reason: "3 of 3 controls silent" }),
  ];
  made.aggregator.judge(
    verdictOf({
      site: "fra",
      target: "db-1",
      verdict: "partitioned",
      paused: true,
      notCounted: [{ vantage: "eeur", reason: "faulty: 3 of 3 controls silent" }],
      evidence: [
        { vantage: "weur", at: AT, outcome: "ok", stage: "done", totalMs: 11.6 },
        { vantage: "hel-1", at: AT, outcome: "refused", stage: "connect", totalMs: 3 },
      ],
    }),
  );
  made.aggregator.judge(verdictOf({ site: "ams", target: "web", evidence: [] }));
  return made;
};

describe("GET /v1/matrix", () => {
  it("has a cell for each vantage in its order, by provider, the inside ones last", async () => {
    const { ask } = staged();
    const matrix = await matrixIn(await ask("/v1/matrix", { headers: READ }));
    expect(matrix.vantages.map(({ id, inside, sound }) => [id, inside, sound])).toEqual([
      ["weur", null, true],
      ["eeur", null, false],
      ["hel-1", null, true],
      ["in-ams", "ams", true],
      ["in-fra", "fra", true],
    ]);
    expect(matrix.vantages[1]?.reason).toBe("3 of 3 controls silent");
    expect(matrix.targets.map(({ site, target }) => `${site}/${target}`)).toEqual(["ams/web", "fra/db-1"]);
    const [ams, fra] = matrix.targets;
    expect(fra?.cells).toEqual([12, "~", "R", null, null]);
    expect(ams?.cells).toEqual([null, "~", null, null, null]);
    expect(fra).toMatchObject({
      verdict: "partitioned",
      confirmed: true,
      routing: "serve",
      failover: false,
      sequence: 42,
      marks: ["paused"],
    });
    expect(matrix.letters).toMatchObject({ R: "refused", T: "connect_timeout" });
  });

  it("of a site has its targets, and leaves out who stands inside of another", async () => {
    const { ask } = staged();
    const matrix = await matrixIn(await ask("/v1/matrix?site=fra", { headers: READ }));
    expect(matrix.targets.map(({ target }) => target)).toEqual(["db-1"]);
    expect(matrix.vantages.map(({ id }) => id)).toEqual(["weur", "eeur", "hel-1", "in-fra"]);
  });

  it("shows a token that is confined to a site nothing of the others", async () => {
    const { ask, send } = staged();
    const made = await send("POST", "/v1/tokens", { scope: "read", sites: ["fra"] });
    const { token } = await made.json<NewToken>();
    const headers = { Authorization: `Bearer ${token}` };
    const matrix = await matrixIn(await ask("/v1/matrix", { headers }));
    expect(JSON.stringify(matrix)).not.toContain("ams");
    expect((await ask("/v1/matrix?site=ams", { headers })).status).toBe(403);
  });

  it("of a site without a target is 404, and with a silent shard 503: half of it looks whole", async () => {
    const { ask, aggregator } = staged();
    const problem = await problemIn(await ask("/v1/matrix?site=nowhere", { headers: READ }));
    expect(problem).toMatchObject({ status: 404, errors: [{ path: "site" }] });
    aggregator.mood = () => new Promise(() => {});
    expect((await ask("/v1/matrix", { headers: READ })).status).toBe(503);
  });

  it("takes about 10 bytes a cell of 500 targets by 16 vantages", async () => {
    const { ask, aggregator } = world();
    const ids = Array.from({ length: 16 }, (_, number) => `vantage-${number}`);
    aggregator.vantages = ids.map((id) => vantageAnswer({ id }));
    const evidence = ids.map((vantage, number) => ({
      vantage,
      at: AT,
      outcome: "ok" as const,
      stage: "done" as const,
      totalMs: 9 + 14 * number,
    }));
    for (let number = 0; number < 500; number++)
      aggregator.judge(verdictOf({ target: `db-${number}`, notCounted: [], evidence }));
    const text = await (await ask("/v1/matrix", { headers: READ })).text();
    expect(text.length / (500 * 16)).toBeLessThan(20);
  });
});
