import { beforeEach, describe, expect, it, vi } from "vitest";
import type { StatedGroup } from "../../../src/domain/group.ts";
import { poolWithOneOut, withheldLeader } from "../../group/answers.ts";
import { conduct } from "../fake-conductors.ts";
import { problemIn, READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const list = async (query: string): Promise<StatedGroup[]> => {
  const built = world();
  conduct(built, { db: withheldLeader(), gone: "deleted", lost: "silent", web: poolWithOneOut() });
  const answer = await built.ask(`/v1/groups${query}`, { headers: READ });
  expect(answer.status).toBe(200);
  return (await answer.json<{ groups: StatedGroup[] }>()).groups;
};

describe("GET /v1/groups", () => {
  it("asks no conductor unless their word is wanted", async () => {
    const groups = await list("");
    expect(groups.map(({ group }) => group)).toEqual(["db", "gone", "lost", "web"]);
    for (const group of groups) expect(group).not.toHaveProperty("state");
  });

  it("has with each what its own path tells, null where its conductor does not answer", async () => {
    const groups = await list("?with=state");
    expect(groups.map(({ group, state }) => [group, state?.epoch ?? null])).toEqual([
      ["db", 1],
      ["lost", null],
      ["web", 2],
    ]);
    expect(groups.at(-1)?.state).toEqual(poolWithOneOut({ group: "web" }));
  });

  it("knows of nothing else that may come with it", async () => {
    const problem = await problemIn(await world().ask("/v1/groups?with=history", { headers: READ }));
    expect(problem).toMatchObject({ status: 400, errors: [{ path: "with" }] });
  });
});
