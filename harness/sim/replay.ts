import { asColumns } from "../../test/text/columns.ts";
import { createReality, type WorldOptions } from "./create-reality.ts";
import type { Detector, Run } from "./detector.ts";
import type { Reality } from "./reality.ts";
import type { Scenario } from "./scenario.ts";

const secondsAfter = (reality: Reality, at: number): string => ((at - reality.faultAt) / 1_000).toFixed(2);

/** Verdicts from the time in which first looks come in show nothing. */
const START_UP_MS = 20_000;

const callRows = (reality: Reality, name: string, run: Run): string[][] =>
  [...run.downs, ...run.ups, ...run.others]
    .filter(({ at }) => at > reality.beginsAt + START_UP_MS)
    .toSorted((a, b) => a.at - b.at)
    .map(({ key, at, label, confirmed }) => {
      const { state, reachableFrom } = reality.truth(key, at);
      const said = `${label}${confirmed ? ", confirmed" : ""}`;
      return [name, key, secondsAfter(reality, at), said, `${state}, reached from ${reachableFrom.length}`];
    });

/** One run call by call, beside the truth; seconds count from the first fault. */
export const replayLines = async (
  scenario: Scenario,
  seed: number,
  detectors: readonly Detector[],
  world: WorldOptions,
): Promise<string[]> => {
  const reality = createReality(scenario, seed, world);
  const lines = [
    `${scenario.name}, seed ${seed}: ${scenario.about}`,
    ...reality.cases.map(
      ({ key, from, to, expected }) =>
        `  ${key} from ${secondsAfter(reality, from)} to ${secondsAfter(reality, to)} s: ${expected.join(" or ")}`,
    ),
    "",
  ];
  const rows = [["detector", "target", "s", "said", "truth"]];
  for (const detector of detectors)
    rows.push(
      ...callRows(
        reality,
        detector.name,
        // oxlint-disable-next-line no-await-in-loop -- detectors share this core
        await detector.run(reality, reality.beginsAt, reality.endsAt),
      ),
    );
  return [...lines, ...asColumns(rows, 2)];
};
