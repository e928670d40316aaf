/** Kinds 11 and 12: a steady fault among mixed intervals, the way back, slow reporters and heartbeats. */
import type { Placed } from "../layout.ts";
import type { Fault } from "../fault.ts";
import type { Script, Stage } from "../scenario.ts";
import { casesOf } from "../scenarios/network.ts";
import { befall, crash, death, joined, one } from "../scenarios/target.ts";
import { fleet, placed } from "./fleet.ts";
import type { Kind } from "./kind.ts";
import { ALWAYS, avoidsWithin, namesWithin, neverSays, recoversWithin } from "./rules.ts";

const AT_ONCE_MS = 12_000;
const TWO_LOOKS_MS = 28_000;
const BACK_MS = 30_000;

const QUICK: Partial<Placed> = { intervalMs: 5_000, timeoutMs: 2_500 };
const SELDOM: Partial<Placed> = { intervalMs: 30_000, timeoutMs: 5_000 };
/** The second of each site is looked at each 30 s, the others each 5 s. */
const mixedIntervals = (hasWitness: boolean): Placed[] =>
  placed({ ...QUICK, hasWitness }).map((target) =>
    target.target === "n-2" ? { ...target, ...SELDOM } : target,
  );

/** The first two of a site are one process. */
const sharedCrash = (stage: Stage): Script => {
  const [first = "", second = ""] = stage.keysOf(stage.draw.pick(stage.sites));
  return joined(
    [first, second].map((key) =>
      befall(key, { state: "crashed" }, ["process_crashed"], stage.from, stage.to),
    ),
  );
};

const cutSite = (stage: Stage): Script => {
  const site = stage.draw.pick(stage.sites);
  return {
    faults: [{ on: "site", site, state: "cut", wordsPass: false, from: stage.from, to: stage.to }],
    cases: casesOf(stage, site, ["unreachable"]),
  };
};

/** Four of nine vantages are always 4 to 10 s late with their reports. */
const withSlowReporters =
  (script: (stage: Stage) => Script) =>
  (stage: Stage): Script => {
    const { faults, cases } = script(stage);
    const late = stage.draw.sample(stage.places, 4).map(({ id }): Fault => ({
      on: "place",
      place: id,
      state: "late",
      byMs: stage.draw.between(4_000, 10_000),
      from: 0,
      to: stage.to + 60_000,
    }));
    return { faults: [...faults, ...late], cases };
  };

export const SETTLING_KINDS: readonly Kind[] = [
  {
    number: 11,
    scenario: {
      name: "shared-crash",
      about: "a process that is two targets crashes, one looked at each 5 s and one each 30 s",
      layout: { sites: 3, fleet: mixedIntervals(false) },
      lastsMs: 120_000,
      script: sharedCrash,
    },
    rules: [...ALWAYS, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS)],
  },
  {
    number: 11,
    scenario: {
      name: "shared-crash-witness",
      about: "the same, with witnesses",
      layout: { sites: 3, fleet: mixedIntervals(true) },
      lastsMs: 120_000,
      script: sharedCrash,
    },
    rules: [...ALWAYS, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS)],
  },
  {
    number: 12,
    scenario: {
      name: "back-from-crash",
      about: "one process with a witness crashes and is back after a minute",
      layout: fleet({ hasWitness: true }),
      script: crash,
    },
    rules: [...ALWAYS, namesWithin(AT_ONCE_MS), recoversWithin(BACK_MS)],
  },
  {
    number: 12,
    scenario: {
      name: "back-from-cut",
      about: "one site is cut and reached again after a minute",
      layout: fleet(),
      script: cutSite,
    },
    rules: [...ALWAYS, namesWithin(AT_ONCE_MS), recoversWithin(BACK_MS)],
  },
  {
    number: 12,
    scenario: {
      name: "slow-reporters-death",
      about: "one host dies, and four of nine vantages report 4 to 10 s late",
      layout: fleet(),
      script: withSlowReporters(death),
    },
    rules: [...ALWAYS, avoidsWithin(AT_ONCE_MS), namesWithin(AT_ONCE_MS)],
  },
  {
    number: 12,
    scenario: {
      name: "host-cut-with-heartbeats",
      about: "one host is cut off from outside while its heartbeats arrive",
      layout: fleet({ heartbeatMs: 5_000 }, { heartbeatMs: 5_000 }),
      script: one(() => ({ state: "cut" }), ["isolated", "unreachable"]),
    },
    rules: [...ALWAYS, avoidsWithin(TWO_LOOKS_MS), namesWithin(TWO_LOOKS_MS), neverSays("node_dead")],
  },
];
