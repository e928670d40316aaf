import { describe, expect, it } from "vitest";
import {
  newTarget,
  siblingsOf,
  targetsOf,
  UNSEEN_SITE,
  withSiteList,
  withTargets,
} from "../../../src/verdict/memory/target-state.ts";
import { judged, KEY, NOW, shardOf, targetState } from "../made.ts";

const [first, second, paused, elsewhere] = [
  targetState(),
  targetState({}, "fra/db-2"),
  targetState({ target: { paused: true } }, "fra/db-3"),
  targetState({}, "ams/db-1"),
];
const shard = shardOf({ targets: [first, second, paused, elsewhere] });
const named = (states: { target: { site: string; target: string } }[]): string[] =>
  states.map(({ target }) => `${target.site}/${target.target}`);

describe("a new target", () => {
  const state = newTarget(judged(KEY), "tcp://node:1", 3, 41, NOW);

  it("is unknown, and serves until something is known of it", () => {
    expect(state.standing).toMatchObject({ verdict: "unknown", rule: "new", since: NOW, heldSince: NOW });
    expect([state.settledRouting, state.published.advice.routing]).toEqual(["serve", "serve"]);
    expect(state.onceAlive).toBe(false);
  });

  it("goes on from the highest sequence of its name, and is judged at once", () => {
    expect([state.published.sequence, state.announced, state.nextAt, state.version]).toEqual([
      41,
      false,
      NOW,
      3,
    ]);
  });

  it("has beliefs that add up to one", () => {
    expect(Object.values(state.beliefs).reduce((sum, chance) => sum + chance, 0)).toBe(1);
  });
});

describe("the targets of a site", () => {
  it.each([
    ["are those that are looked at", "fra", ["fra/db-1", "fra/db-2"]],
    ["are told apart by site, whatever their name", "ams", ["ams/db-1"]],
    ["are none where nobody knows the site", "sto", []],
  ])("%s", (_name, site, keys) => {
    expect(named(targetsOf(shard, site))).toEqual(keys);
  });

  it("are those alone that are remembered", () => {
    const lost = { ...shard, targets: new Map([[KEY, first]]) };
    expect(named(targetsOf(lost, "fra"))).toEqual([KEY]);
  });

  it.each([
    ["another of its site", first, ["fra/db-2"]],
    ["all that are looked at, of one that is not", paused, ["fra/db-1", "fra/db-2"]],
    ["none of another site, though it has the same name", elsewhere, []],
  ])("has as siblings %s", (_name, state, keys) => {
    expect(named(siblingsOf(shard, state))).toEqual(keys);
  });
});

describe("a shard with other targets", () => {
  it("is the same where there are none", () => {
    expect(withTargets(shard, [])).toBe(shard);
  });

  it("has them in the place of the old ones, which it leaves alone", () => {
    const moved = { ...first, version: 9 };
    const changed = withTargets(shard, [[KEY, moved]]);
    expect(changed.targets.get(KEY)).toBe(moved);
    expect(shard.targets.get(KEY)).toBe(first);
    expect([...changed.targets.keys()]).toEqual([...shard.targets.keys()]);
  });

  it("lists what a site has, and begins a site that nobody knew", () => {
    const sites = withSiteList(shard, "sto", (keys) => [...keys, "sto/x"]);
    expect(sites.get("sto")).toEqual({ ...UNSEEN_SITE, targets: ["sto/x"] });
    expect(sites.get("fra")).toBe(shard.sites.get("fra"));
    expect(shard.sites.has("sto")).toBe(false);
  });
});
