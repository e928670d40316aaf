import { setTimeout as wait } from "node:timers/promises";
import { cutPaths } from "../cuts.ts";
import type { Fault } from "../fault.ts";
import { type Choice, type Expected, meeting, named, type Scenario, type Staged } from "../scenario.ts";
import { REMOTE_IDS, type Site } from "../topology.ts";
import { AMS_1, AMS_2, FRA_1, FRA_2, WEB, type World } from "../world.ts";

/** The row is about the second node of a site; the others of the site are cut off from the same vantages. */
const KEY = { fra: FRA_2, ams: AMS_2 };
const OTHERS = { fra: [FRA_1], ams: [AMS_1, WEB] };
const CUT_OFF = ["alive", "gray", "partitioned"] as const;

const PARTITIONED: Expected = {
  verdicts: ["partitioned"],
  up: [200],
  avoid: [409],
  failover: 409,
  kind: "reach",
  withinMs: 40_000,
};

const staged = (
  world: World,
  site: Site,
  cut: readonly string[],
  fault: Fault,
  expected = PARTITIONED,
): Staged => ({
  key: KEY[site],
  fault,
  proof: [
    ...meeting(world, cut, KEY[site], "silent"),
    ...meeting(
      world,
      REMOTE_IDS.filter((id) => !cut.includes(id)),
      KEY[site],
      "answers",
    ),
  ],
  expected,
  others: named(OTHERS[site], ...CUT_OFF),
});

const partition = (
  name: string,
  truth: string,
  site: Site,
  count: number,
  direction: "both" | "towards" | "back" = "both",
): Scenario => ({
  name,
  truth,
  why: "some sound vantages reach it and others do not",
  lane: site,
  stage: (world: World, choice: Choice) => {
    const cut = choice.sample(REMOTE_IDS, count);
    const chosen = choice.pick([site, site === "fra" ? "ams" : "fra"] as const);
    return staged(world, chosen, cut, cutPaths(cut, chosen, direction));
  },
});

export const ONE_PATH = partition("one-path", "one vantage's path to the site is cut", "fra", 1);
export const HALF = partition("half", "three of five vantages' paths to the site are cut", "ams", 3);
export const ALL_BUT_ONE = partition(
  "all-but-one",
  "all vantages' paths to the site are cut but one",
  "ams",
  4,
);
export const TOWARDS = partition(
  "one-way-towards",
  "packets of two vantages towards the site are dropped, those back are not",
  "fra",
  2,
  "towards",
);
export const BACK = partition(
  "one-way-back",
  "packets from the site back to two vantages are dropped, those towards it are not",
  "ams",
  2,
  "back",
);

const PHASE_MS = 20_000;

export const FLIP_FLOP: Scenario = {
  name: "flip-flop",
  truth: "three vantages' paths to the site are cut for 20 s, open for 20 s, and cut again",
  why: "partitioned while it is cut, alive or gray as it comes and goes",
  lane: "fra",
  stage: (world, choice) => {
    const cut = choice.sample(REMOTE_IDS, 3);
    const fault = cutPaths(cut, "fra");
    return {
      ...staged(world, "fra", cut, fault, {
        ...PARTITIONED,
        verdicts: CUT_OFF,
        kind: "stay",
        withinMs: 0,
      }),
      during: async (begin) => {
        await wait(begin + PHASE_MS - Date.now());
        await fault.undo();
        await wait(PHASE_MS);
        await fault.apply();
        await wait(PHASE_MS);
        return [];
      },
    };
  },
};
