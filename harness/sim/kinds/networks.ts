/** Kinds 4 to 9: links that get worse, slow answers, large sites, refusals from outside, a pause and staggered cuts. */
import type { Script, Stage } from "../scenario.ts";
import { casesOf } from "../scenarios/network.ts";
import { anyKey, befall, joined, restartsInTurn } from "../scenarios/target.ts";
import { worsening, WORSENING_MS } from "../scenarios/worsening.ts";
import { fleet, placed } from "./fleet.ts";
import type { Kind } from "./kind.ts";
import {
  ALWAYS,
  avoidsWithin,
  confirmsOnlyWhatIs,
  namesWithin,
  neverFailsOver,
  neverSays,
  recoversWithin,
} from "./rules.ts";

const TWO_LOOKS_MS = 28_000;
const AT_ONCE_MS = 12_000;
/** Fifty silent targets are many looks. */
const LARGE_SITE_MS = 45_000;
const LARGE_SITE = 50;
const CRASH_BESIDE_AFTER_MS = 15_000;
/** What an operator would still call at once. */
const CRASH_BESIDE_MS = 10_000;

const worseningThenCut = (stage: Stage): Script => {
  const site = stage.draw.pick(stage.sites);
  const cutAt = stage.from + WORSENING_MS;
  return {
    faults: [
      ...worsening(stage.places, { site }, stage.from),
      { on: "site", site, state: "cut", wordsPass: false, from: cutAt, to: stage.to },
    ],
    cases: casesOf(stage, site, ["unreachable"], cutAt),
  };
};

const cutBesideCrash = (stage: Stage): Script => {
  const [cut = "", whole = ""] = stage.draw.sample(stage.sites, 2);
  const crashed = befall(
    stage.draw.pick(stage.keysOf(whole)),
    { state: "crashed" },
    ["process_crashed"],
    stage.from + CRASH_BESIDE_AFTER_MS,
    stage.to,
  );
  return joined([
    {
      faults: [{ on: "site", site: cut, state: "cut", wordsPass: false, from: stage.from, to: stage.to }],
      cases: casesOf(stage, cut, ["unreachable"]),
    },
    crashed,
  ]);
};

const rejected = (stage: Stage): Script =>
  befall(
    anyKey(stage),
    { state: "shielded", distance: 0.98 },
    ["unreachable", "process_crashed", "isolated"],
    stage.from,
    stage.to,
  );

/** A cut that begins and ends while the collector stands still: it learns of both at once. */
const healedInPause = (stage: Stage): Script => {
  const site = stage.draw.pick(stage.sites);
  const from = stage.from + stage.draw.between(1_000, 4_000);
  const to = from + stage.draw.between(8_000, 12_000);
  return {
    faults: [
      { on: "collector", state: "paused", from: stage.from, to: stage.to },
      { on: "site", site, state: "cut", wordsPass: false, from, to },
    ],
    cases: [],
  };
};

const staggered = (stage: Stage): Script => {
  const keys = stage.keysOf(stage.draw.pick(stage.sites));
  return joined(
    keys.map((key) =>
      befall(key, { state: "cut" }, ["unreachable"], stage.from + stage.draw.between(0, 3_000), stage.to),
    ),
  );
};

export const NETWORK_KINDS: readonly Kind[] = [
  {
    number: 4,
    scenario: {
      name: "worsening-then-cut",
      about: "all paths to a site lose more and more for 30 s, and then it is cut; timed from the cut",
      layout: fleet({ policy: { outsideProof: true } }),
      lastsMs: WORSENING_MS + 60_000,
      script: worseningThenCut,
    },
    rules: [...ALWAYS, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS)],
  },
  {
    number: 5,
    scenario: {
      name: "slow-answers",
      about: "one process answers in 2 s, and 5 s are allowed",
      layout: fleet(),
      others: ["alive", "gray"],
      script: (stage) => ({
        ...befall(anyKey(stage), { state: "slow", answerMs: 2_000 }, [], stage.from, stage.to),
        cases: [],
      }),
    },
    rules: ALWAYS,
  },
  {
    number: 5,
    scenario: {
      name: "short-pause",
      about: "one process pauses for 2.5 s, and 5 s are allowed",
      layout: fleet(),
      others: ["alive", "gray"],
      lastsMs: 2_500,
      script: (stage) => ({
        ...befall(anyKey(stage), { state: "paused" }, [], stage.from, stage.to),
        cases: [],
      }),
    },
    rules: ALWAYS,
  },
  {
    number: 6,
    scenario: {
      name: "cut-beside-crash",
      about: "one of two sites of fifty is cut, and 15 s later a process of the other crashes",
      layout: { sites: 2, fleet: placed({}, 2, LARGE_SITE) },
      script: cutBesideCrash,
    },
    rules: [
      ...ALWAYS,
      avoidsWithin(CRASH_BESIDE_MS, "process_crashed"),
      namesWithin(CRASH_BESIDE_MS, "process_crashed"),
      namesWithin(LARGE_SITE_MS, "unreachable"),
    ],
  },
  {
    number: 7,
    scenario: {
      name: "reject-rule",
      about: "a filter refuses for one host from outside, and it runs",
      layout: fleet(),
      script: rejected,
    },
    rules: [...ALWAYS, avoidsWithin(AT_ONCE_MS)],
  },
  {
    number: 7,
    scenario: {
      name: "reject-rule-witness",
      about: "the same, for its witness as well",
      layout: fleet({ hasWitness: true }),
      script: rejected,
    },
    rules: [...ALWAYS, avoidsWithin(AT_ONCE_MS)],
  },
  {
    number: 7,
    scenario: {
      name: "rolling-restart",
      about: "every process of a site restarts in turn, each refusing for 2 to 4 s; all have witnesses",
      layout: fleet({ hasWitness: true }),
      others: ["alive", "process_crashed"],
      script: restartsInTurn,
    },
    rules: [confirmsOnlyWhatIs, neverFailsOver, neverSays("node_dead")],
  },
  {
    number: 8,
    scenario: {
      name: "cut-healed-in-pause",
      about: "the aggregator stands still for 20 s, in which a site is cut for about 10 s and healed",
      layout: fleet({ policy: { outsideProof: true } }),
      lastsMs: 20_000,
      script: healedInPause,
    },
    rules: ALWAYS,
  },
  {
    number: 9,
    scenario: {
      name: "staggered-cuts",
      about: "all four hosts of a site are cut off within 3 s; deaths seen from outside are taken for proof",
      layout: fleet({ policy: { outsideProof: true } }),
      script: staggered,
    },
    rules: [
      ...ALWAYS,
      avoidsWithin(TWO_LOOKS_MS),
      namesWithin(TWO_LOOKS_MS),
      recoversWithin(TWO_LOOKS_MS + AT_ONCE_MS),
    ],
  },
];
