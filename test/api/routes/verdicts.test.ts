import { beforeEach, describe, expect, it, vi } from "vitest";
import { VerdictsAnswerSchema } from "../../../src/domain/snapshot.ts";
import { verdictOf } from "../fake.ts";
import { problemIn, READ, world, type World } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const SITES = ["fra", "ams", "sin", "gru", "nrt", "a", "a-b"];
const url = "http://127.0.0.1/";

/** Four shards with two targets in each of seven sites. */
const spread = async (): Promise<World> => {
  const staged = world({ shards: 4 });
  for (const site of SITES)
    for (const target of ["db-2", "db-1"])
      await staged.send("PUT", `/v1/sites/${site}/targets/${target}`, { url });
  return staged;
};

const keysIn = async (answer: Response): Promise<string[]> => {
  const { verdicts } = VerdictsAnswerSchema.parse(await answer.json());
  return verdicts.map(({ site, target }) => `${site}/${target}`);
};

describe("GET /v1/verdicts", () => {
  it("has the targets of all shards, by site and then target", async () => {
    const { ask, shards } = await spread();
    for (const shard of shards) shard.calls = [];
    const expected = SITES.toSorted().flatMap((site) => [`${site}/db-1`, `${site}/db-2`]);
    expect(await keysIn(await ask("/v1/verdicts", { headers: READ }))).toEqual(expected);
    for (const shard of shards) expect(shard.calls).toEqual(["census"]);
  });

  it("has a single site's from that site's shard alone", async () => {
    const { ask, shards } = await spread();
    for (const shard of shards) shard.calls = [];
    expect(await keysIn(await ask("/v1/verdicts?site=sin", { headers: READ }))).toEqual([
      "sin/db-1",
      "sin/db-2",
    ]);
    expect(shards.flatMap(({ calls }) => calls)).toEqual(["census"]);
  });

  it("says of each what its own path says", async () => {
    const { ask, aggregator } = world();
    const verdict = verdictOf({ verdict: "gray", paused: true });
    aggregator.judge(verdict);
    expect(await (await ask("/v1/verdicts", { headers: READ })).json()).toEqual({ verdicts: [verdict] });
  });

  it("of a deployment without targets is empty, and of a site without any 404", async () => {
    const { ask } = world();
    expect(await keysIn(await ask("/v1/verdicts", { headers: READ }))).toEqual([]);
    const problem = await problemIn(await ask("/v1/verdicts?site=nowhere", { headers: READ }));
    expect(problem).toMatchObject({ status: 404, errors: [{ path: "site" }] });
  });

  it("half a list is no list: one silent shard makes it 503", async () => {
    const { ask, shards } = await spread();
    shards[2]!.mood = () => new Promise(() => {});
    const answer = await ask("/v1/verdicts", { headers: READ });
    expect(answer.headers.get("Retry-After")).toBe("1");
    expect(await problemIn(answer)).toMatchObject({ status: 503 });
  });

  it("HEAD answers as GET does", async () => {
    const { ask } = await spread();
    const answer = await ask("/v1/verdicts", { method: "HEAD", headers: READ });
    expect([answer.status, await answer.text()]).toEqual([200, ""]);
  });
});
