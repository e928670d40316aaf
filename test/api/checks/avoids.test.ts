import { beforeEach, describe, expect, it, vi } from "vitest";
import type { VerdictAnswer } from "../../../src/domain/verdict.ts";
import { verdictOf } from "../fake.ts";
import { advice } from "../stage.ts";
import { problemIn, READ, world, type World } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const until = "2026-11-22T18:30:04.120Z";
const cut: Partial<VerdictAnswer> = {
  verdict: "partitioned",
  reachableFrom: ["enam"],
  unreachableFrom: ["weur", "away"],
  advice: { ...advice("serve"), regions: { enam: "serve", weur: "avoid" } },
};
/** By the target's name: its verdict, and whether a rehearsal is behind it. */
const KNOWN: Record<string, [Partial<VerdictAnswer>, boolean]> = {
  alive: [{}, false],
  dead: [{ verdict: "node_dead", advice: advice("avoid", true) }, false],
  rehearsed: [{ verdict: "node_dead", advice: advice("avoid", true), drill: "d-1" }, true],
  drilled: [{ verdict: "node_dead", advice: advice("avoid", true), drill: "d-2" }, false],
  stale: [{ verdict: "unknown", stale: true, advice: advice("avoid") }, false],
  paused: [{ verdict: "unknown", paused: true }, false],
  gray: [{ verdict: "gray" }, false],
  cut: [cut, false],
  ordered: [
    { advice: advice("avoid"), override: { advice: { routing: "avoid" }, reason: "work", until } },
    true,
  ],
};

const built = async (): Promise<World> => {
  const made = world({ shards: 3 });
  for (const [target, [changes, rehearsal]] of Object.entries(KNOWN)) {
    await made.send("PUT", `/v1/sites/fra/targets/${target}`, { url: "http://192.0.2.1/" });
    const shard = made.shards.find((one) => one.readings.has(`fra/${target}`));
    shard?.judge(verdictOf({ site: "fra", target, ...changes }), rehearsal);
  }
  return made;
};

describe("GET /v1/avoid", () => {
  it.each([
    "",
    "?gray=down",
    "?partition=down",
    "?from=weur",
    "?from=enam",
    "?from=away",
    "?from=weur&gray=down",
  ])("says of each target what its own /avoid%s says", async (query) => {
    const { ask } = await built();
    const answer = await ask(`/v1/avoid${query}`, { headers: READ });
    expect([answer.status, answer.headers.get("Content-Type")]).toEqual([
      200,
      expect.stringMatching(/^text\/plain/),
    ]);
    const lines = (await answer.text()).split("\n");
    expect(lines.pop()).toBe("");
    const names = Object.keys(KNOWN).toSorted();
    expect(lines.map((line) => line.split(" ")[2])).toEqual(names.map((name) => `fra/${name}`));
    for (const [index, name] of names.entries()) {
      const own = await ask(`/v1/sites/fra/targets/${name}/avoid${query}`, { headers: READ });
      if (own.status === 400) expect(lines[index]).toMatch(/^keep .* from-unknown$/);
      else
        expect([lines[index], own.status]).toEqual([
          (await own.text()).trimEnd(),
          lines[index]?.startsWith("avoid ") ? 200 : 409,
        ]);
    }
  });

  it("is an error, and never a part: what is missing would be taken for gone", async () => {
    const made = await built();
    made.shards[1]!.mood = () => Promise.reject(new Error("gone"));
    expect((await problemIn(await made.ask("/v1/avoid", { headers: READ }))).status).toBe(503);
    expect((await problemIn(await world().ask("/v1/avoid", { headers: READ }))).status).toBe(404);
    expect((await problemIn(await world().ask("/v1/avoid?site=nowhere", { headers: READ }))).status).toBe(
      404,
    );
  });

  it.each([
    ["?from=nowhere", "from"],
    ["?gray=up", "gray"],
    ["?partition=", "partition"],
  ])("%s: 400 and %s named", async (query, field) => {
    const { ask } = await built();
    const problem = await problemIn(await ask(`/v1/avoid${query}`, { headers: READ }));
    expect(problem).toMatchObject({ status: 400, type: "urn:parallax:problem:validation" });
    expect(problem.errors.map(({ path }) => path)).toEqual([field]);
  });
});
