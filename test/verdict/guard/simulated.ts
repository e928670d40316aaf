/** The simulator's scenarios with both judges. */
import { TUNING } from "./compare.ts";
import { recount, tapSimulator } from "./tap.ts";
import type { Tally } from "./tally.ts";

tapSimulator();
const { createReality } = await import("../../sim/create-reality.ts");
const { BOLD, detectorNamed, DETECTORS, isOurs, SWEEPS } = await import("../../sim/detectors.ts");
const { scenarioNamed, SCENARIOS } = await import("../../sim/scenarios.ts");
const { worldNamed, WORLDS } = await import("../../sim/worlds.ts");

/** Some seeds of one scenario. */
export interface SimulatedTask {
  scenario: string;
  world: string;
  detectors: string[];
  first: number;
  count: number;
}

export const scenarioNames = SCENARIOS.map(({ name }) => name);
/** Those in which the judge has other numbers than usual. */
export const mistakenWorlds = Object.keys(WORLDS).filter((name) => WORLDS[name]?.judge !== undefined);
/** Every variant of Parallax that the simulator knows, the two usual ones first. */
export const ownDetectors = [...new Set([...DETECTORS, BOLD, ...Object.values(SWEEPS).flat()])]
  .map(({ name }) => name)
  .filter(isOurs);

/** The policies that the simulator gives the judge in its worlds. */
export const policies = Object.values(WORLDS).map(({ judge }) => ({ ...TUNING, ...judge }));

export const playSimulated = async (task: SimulatedTask): Promise<Tally> => {
  const world = worldNamed(task.world);
  const counting = recount();
  for (let seed = task.first; seed < task.first + task.count; seed++) {
    const reality = createReality(scenarioNamed(task.scenario), seed, world.options);
    for (const name of task.detectors) {
      counting.begin(`${task.scenario}, ${task.world}, ${name}, seed ${seed}`);
      const { judgements } = counting.tally;
      const detector = detectorNamed(name, world.judge);
      // oxlint-disable-next-line no-await-in-loop -- detectors share this core
      await detector.run(reality, reality.beginsAt, reality.endsAt);
      if (counting.tally.judgements === judgements) throw new Error("the simulator's judge is not tapped");
    }
  }
  return counting.tally;
};
