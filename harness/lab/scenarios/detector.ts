import { until } from "../../../scripts/until.ts";
import { deadly, meeting, type Scenario } from "../scenario.ts";
import { REMOTE_IDS } from "../topology.ts";
import { AMS_1, machineOf } from "../world.ts";

export const DETECTOR_KILLED: Scenario = {
  name: "detector-killed",
  truth:
    "the process is gone, its host answers; meanwhile the detector's processes are killed and started again",
  why: "it goes on where it was: the same verdict, and no gap in its history",
  lane: "alone",
  stage: (world) => {
    const { detector, watch } = world;
    return {
      key: AMS_1,
      fault: deadly(world, [AMS_1], machineOf(world, AMS_1).crash()),
      proof: meeting(world, REMOTE_IDS, AMS_1, "refused"),
      expected: {
        verdicts: ["process_crashed"],
        confirmed: true,
        up: [503],
        avoid: [200],
        failover: 200,
        kind: "reach",
        withinMs: 30_000,
      },
      during: async () => {
        await until(() => watch.of(AMS_1).last?.verdict === "process_crashed", {
          withinMs: 15_000,
          explain: () => "the crash was not seen before the detector's death",
        });
        const before = await detector.api.history(AMS_1);
        await detector.kill();
        await detector.restart();
        const after = await detector.api.history(AMS_1);
        const kept = JSON.stringify(after.slice(-before.length)) === JSON.stringify(before);
        return kept ? [] : ["the history is not what it was before the detector's death"];
      },
    };
  },
};
