import { createReality } from "./create-reality.ts";
import type { Detector } from "./detector.ts";
import type { Scenario } from "./scenario.ts";
import { addRun } from "./score.ts";
import { emptyTally, type Tally } from "./tally.ts";
import { type World, worldNamed } from "./worlds.ts";

/** Lets every detector look at the same worlds: the scenario under seeds `first`, `first + 1`, … */
export const play = async (
  scenario: Scenario,
  detectors: readonly Detector[],
  { first, count }: { first: number; count: number },
  world: World = worldNamed("usual"),
): Promise<Tally[]> => {
  const tallies = detectors.map(({ name }) => emptyTally(scenario.name, name, world.flags));
  for (let seed = first; seed < first + count; seed++) {
    const reality = createReality(scenario, seed, world.options);
    for (const [index, detector] of detectors.entries())
      addRun(
        tallies[index] as Tally,
        reality,
        // One world at a time: the order of runs is part of what a seed fixes.
        // oxlint-disable-next-line no-await-in-loop
        await detector.run(reality, reality.beginsAt, reality.endsAt),
      );
  }
  return tallies;
};
