// One thread of the crew: plays what it is told, and tells the tallies.
import { parentPort } from "node:worker_threads";
import { detectorNamed } from "./detectors.ts";
import { play } from "./play.ts";
import { scenarioNamed } from "./scenarios.ts";
import type { World } from "./worlds.ts";

/** Scenarios and detectors by name, since functions cannot be sent. */
export interface Task {
  scenario: string;
  detectors: readonly string[];
  world: World;
  first: number;
  count: number;
}

const perform = async ({ scenario, detectors, world, first, count }: Task): Promise<void> => {
  const tallies = await play(scenarioNamed(scenario), detectors.map(detectorNamed), { first, count }, world);
  parentPort?.postMessage(tallies);
};

parentPort?.on("message", (task: Task) => {
  perform(task).catch((cause: unknown) => {
    // Thrown where nothing catches it, so that whoever waits hears of it.
    setImmediate(() => {
      throw cause;
    });
  });
});
