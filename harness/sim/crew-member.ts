// One thread of the crew: plays what it is given, and sends back the tallies.
import { parentPort } from "node:worker_threads";
import { findingFor, type FindingTask } from "./adversary/finding.ts";
import { hunt, type HuntTask } from "./adversary/hunt.ts";
import { BOLD, detectorNamed } from "./detectors.ts";
import { type KindTask, playKind } from "./kinds/play-kind.ts";
import { type WatchTask, watchWorld } from "./months/watch.ts";
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

/** What a thread can be given to do. */
export type Errand =
  | { play: Task }
  | { kind: KindTask }
  | { watch: WatchTask }
  | { hunt: HuntTask }
  | { find: FindingTask };

const perform = async (errand: Errand): Promise<unknown> => {
  if ("watch" in errand) return await watchWorld(errand.watch, BOLD);
  if ("kind" in errand) return await playKind(errand.kind);
  if ("hunt" in errand) return await hunt(errand.hunt);
  if ("find" in errand) return await findingFor(errand.find);
  const { scenario, detectors, world, first, count } = errand.play;
  const named = detectors.map((name) => detectorNamed(name, world.judge));
  return await play(scenarioNamed(scenario), named, { first, count }, world);
};

const answer = async (errand: Errand): Promise<void> => parentPort?.postMessage(await perform(errand));

parentPort?.on("message", (errand: Errand) => {
  answer(errand).catch((cause: unknown) => {
    // Thrown where nothing catches it, so that the waiting crew is notified.
    setImmediate(() => {
      throw cause;
    });
  });
});
