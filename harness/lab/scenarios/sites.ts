import { cutSite } from "../cuts.ts";
import { meeting, named, type Scenario } from "../scenario.ts";
import { insideOf, REMOTE_IDS } from "../topology.ts";
import { AMS_1, AMS_2, FRA_1, FRA_2, WEB } from "../world.ts";

const AVOID = { up: [503], avoid: [200], failover: 409, kind: "reach", withinMs: 35_000 } as const;

export const SITE_CUT_HEARTBEATS: Scenario = {
  name: "site-cut-heartbeats",
  truth: "the whole site is cut off; one node's heartbeats come over a second link",
  why: "no probe gets through, and yet there is a sign of life",
  lane: "alone",
  stage: (world) => ({
    key: FRA_2,
    fault: cutSite("fra"),
    proof: [
      ...meeting(world, REMOTE_IDS, FRA_2, "silent"),
      ...meeting(world, [insideOf("fra")], FRA_2, "answers"),
    ],
    expected: { ...AVOID, verdicts: ["isolated"] },
    // This target sends no heartbeats: the only evidence about it is that its site is cut.
    others: named([FRA_1], "alive", "unreachable", "isolated", "unknown"),
  }),
};

export const SITE_CUT: Scenario = {
  name: "site-cut",
  truth: "the whole site is cut off, and nothing comes out of it",
  why: "silent to all: nothing tells death from isolation, and all of the site is silent",
  lane: "alone",
  stage: (world) => ({
    key: AMS_2,
    fault: cutSite("ams"),
    proof: meeting(world, REMOTE_IDS, AMS_2, "silent"),
    expected: { ...AVOID, verdicts: ["unreachable"], scope: "site" },
    others: named([AMS_1, WEB], "alive", "unreachable", "unknown"),
  }),
};
