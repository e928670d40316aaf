import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Sample } from "./exposition.ts";
import { samplesIn } from "./exposition.ts";
import { HeldSchema, MAX_GROUPS } from "../../../src/domain/group.ts";
import {
  frozenLeader,
  leaderless,
  poolAtItsLimit,
  poolWithOneOut,
  wellPool,
  withheldLeader,
} from "../../group/answers.ts";
import { type Conducted, conduct } from "../fake-conductors.ts";
import { platformError } from "../fake.ts";
import { ADMIN, READ, world } from "../world.ts";

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
});

const scrape = async (
  groups: Record<string, Conducted>,
  { query = "", token }: { query?: string; token?: object } = {},
): Promise<(name: string) => Record<string, number>> => {
  const built = world();
  conduct(built, groups);
  let headers: Record<string, string> = READ;
  if (token !== undefined) {
    const made = await built.send("POST", "/v1/tokens", token, ADMIN);
    headers = { Authorization: `Bearer ${(await made.json<{ token: string }>()).token}` };
  }
  const answer = await built.ask(`/v1/metrics${query}`, { headers });
  expect(answer.status).toBe(200);
  const samples: Sample[] = samplesIn(await answer.text());
  return (name) =>
    Object.fromEntries(
      samples
        .filter((sample) => sample.name === `parallax_group_${name}`)
        .map(({ labels, value }) => [Object.values(labels).join(" "), value]),
    );
};

describe("metrics of groups", () => {
  it("say who serves, who leads, and by which epoch", async () => {
    const values = await scrape({ db: withheldLeader(), web: poolWithOneOut() });
    expect(values("up")).toEqual({ db: 1, web: 1 });
    expect(values("members")).toEqual({ db: 3, web: 3 });
    expect(values("serving")).toEqual({ db: 1, web: 2 });
    expect(values("member_serves")).toEqual({
      "db s0 db": 1,
      "db s1 db": 0,
      "db s2 db": 0,
      "web s0 db": 0,
      "web s1 db": 1,
      "web s2 db": 1,
    });
    expect(values("leads")).toMatchObject({ "db s0 db": 1, "db s1 db": 0, "web s1 db": 0 });
    expect(values("epoch")).toEqual({ db: 1, web: 2 });
    // A pool has no leader, so it has no changes of leader left to count.
    expect(values("switches_left")).toEqual({ db: 4 });
  });

  it.each([
    ["advice", withheldLeader()],
    ["max-out", poolAtItsLimit()],
    ["freeze", frozenLeader()],
    ["lease", leaderless()],
  ])("have 1 for the brake %s where it holds, and 0 for every other", async (what, answer) => {
    const held = (await scrape({ one: answer }))("held");
    expect(Object.keys(held)).toHaveLength(HeldSchema.shape.what.options.length);
    expect(Object.keys(held).filter((key) => held[key] === 1)).toEqual([`one ${what}`]);
  });

  it("tell a group without a leader, and one that is frozen", async () => {
    const values = await scrape({ none: leaderless(), still: frozenLeader() });
    expect(values("serving")).toEqual({ none: 0, still: 1 });
    expect(values("frozen")).toEqual({ none: 0, still: 1 });
  });

  it("lack what conductors that do not answer would say, and nothing else", async () => {
    const values = await scrape({ a: "throws", b: wellPool(), c: "silent", d: "deleted" });
    expect(values("up")).toEqual({ a: 0, b: 1, c: 0 });
    expect(values("serving")).toEqual({ b: 3 });
  });

  it("are of all groups there may be in one scrape", async () => {
    const names = Array.from({ length: MAX_GROUPS }, (_, index) => `g${index}`);
    const values = await scrape(Object.fromEntries(names.map((name) => [name, wellPool()])));
    expect(Object.keys(values("serving"))).toHaveLength(MAX_GROUPS);
  });

  it("of a token confined to sites, and of one site, are of the groups it reads", async () => {
    const groups = { all: wellPool(), near: wellPool({ members: wellPool().members.slice(0, 1) }) };
    const token = { scope: "read", sites: ["s0"] };
    expect((await scrape(groups, { token }))("up")).toEqual({ near: 1 });
    const both = { scope: "read", sites: ["s0", "s1", "s2"] };
    expect((await scrape(groups, { token: both }))("up")).toEqual({ all: 1, near: 1 });
  });

  it("are left out where nobody tells which groups there are, and the rest is there", async () => {
    const built = world({ shards: 1 });
    conduct(built, { db: withheldLeader() });
    built.aggregator.listGroups = () => Promise.reject(platformError());
    const text = await (await built.ask("/v1/metrics", { headers: READ })).text();
    expect(text).not.toContain("parallax_group");
    expect(text).toContain('parallax_shard_up{shard="0"} 1');
  });
});
