import type { Verdict } from "../../src/domain/verdict.ts";
import type { World } from "./world.ts";

export const KEY = "fra/db-1";
export const SIBLING = "fra/db-2";
export const ALL = ["fra/db-1", "fra/db-2", "ams/web-1", "ams/web-2"];

/** The target's verdicts since its transition number `from`, in order. */
export const verdictsOf = (world: World, key: string, from = 0): Verdict[] =>
  world.changes
    .filter(({ site, target }) => `${site}/${target}` === key)
    .slice(from)
    .map(({ transition }) => transition.to);

/** A condition for `World.until`: the target has this verdict. */
export const says =
  (world: World, verdict: Verdict, key = KEY) =>
  () =>
    world.answer(key).verdict === verdict;
