// What a reader of the tour has tried, and how the tour undoes it before the next step.
import { pathOf } from "../../detector-api.ts";
import { KEYS, type World } from "../world.ts";

const AS_BEFORE_WITHIN_MS = 60_000;
const EVERY_MS = 250;

/** The state when the reader's turn began. */
export interface Standing {
  drills: ReadonlySet<string>;
  /** Every verdict with its advice, and which vantages are sound, as one text. */
  said: string;
}

const read = async <T>({ detector }: World, path: string): Promise<T> =>
  JSON.parse((await detector.api.ask(path)).text) as T;

const drillsOf = async (world: World): Promise<string[]> => {
  const { drills } = await read<{ drills: { id: string }[] }>(world, "/v1/drills");
  return drills.map(({ id }) => id);
};

const saidOf = async ({ detector }: World): Promise<string> => {
  const verdicts = await Promise.all(Object.values(KEYS).map((key) => detector.api.verdict(key)));
  const vantages = await detector.api.vantages();
  return JSON.stringify([
    ...verdicts.map(({ verdict, advice }) => [verdict, advice.routing, advice.failover]),
    ...vantages.map(({ id, state }) => [id, state]),
  ]);
};

export const standingOf = async (world: World): Promise<Standing> => ({
  drills: new Set(await drillsOf(world)),
  said: await saidOf(world),
});

/** The calls that undo what was tried: new drills, mutes and overrides. Groups stay: steps change them. */
const undoing = async (world: World, before: Standing): Promise<string[]> => {
  const drills = (await drillsOf(world)).filter((id) => !before.drills.has(id));
  const { mutes } = await read<{ mutes: { id: string }[] }>(world, "/v1/mutes");
  const verdicts = await Promise.all(Object.values(KEYS).map((key) => world.detector.api.verdict(key)));
  const held = verdicts.filter(({ override }) => override !== null);
  return [
    ...drills.map((id) => `/v1/drills/${id}`),
    ...mutes.map(({ id }) => `/v1/mutes/${id}`),
    ...held.map((key) => `${pathOf(key)}/override`),
  ];
};

/** Undoes what was tried, and waits until all verdicts are as before, or for a minute. */
export const takeBack = async (
  world: World,
  before: Standing,
): Promise<{ count: number; isAsBefore: boolean }> => {
  const paths = await undoing(world, before);
  for (const path of paths) await world.detector.api.ask(path, { method: "DELETE" });
  const deadline = performance.now() + AS_BEFORE_WITHIN_MS;
  let isAsBefore = paths.length === 0;
  while (!isAsBefore && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    isAsBefore = (await saidOf(world)) === before.said;
  }
  return { count: paths.length, isAsBefore };
};
