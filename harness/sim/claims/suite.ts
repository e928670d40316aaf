/**
 * The promises on detection and accuracy, each measured and set against its bound. The seeds are
 * others than those anything was tuned on.
 */
import type { Player } from "../crew.ts";
import type { Watch } from "../months/tally.ts";
import type { WatchTask } from "../months/watch.ts";
import type { Tally } from "../tally.ts";
import { WORLDS } from "../worlds.ts";
import { brierClaim, classClaim, grayClaim, precisionClaim, recallClaim } from "./accuracy.ts";
import { type Claim, namingTimesOf } from "./claim.ts";
import { extraClaim } from "./cost.ts";
import type { Effort } from "./effort.ts";
import { calmClaim, INSIDE, monthsClaim, wrongClaim } from "./mistake.ts";
import { Runs } from "./runs.ts";
import { routeClaim, timeClaim } from "./time.ts";
import { worldClaim, type WorldRuns } from "./world.ts";

/** Times p99 are claimed of. */
const TIMED = ["crash", "death", "hang", "second-fault-in-episode"] as const;
/** One scenario for each class that the evidence can distinguish. */
const CLASSES = [
  "crash",
  INSIDE,
  "hang",
  "site-cut",
  "host-cut-heartbeats",
  "paths-half",
  "gray-50",
  "none",
] as const;
const GRAY = ["gray-10", "gray-20", "gray-30", "gray-50"] as const;
const PARTITIONS = ["paths-1", "paths-half", "paths-all-but-one", "one-way", "shared-transit"] as const;
/** Nothing in these is dead or crashed, or what is stays the only one. */
const DECEPTIVE = [
  ...PARTITIONS,
  "vantage-broken",
  "vantage-down",
  "vantage-slow",
  "vantage-lossy",
  "bursts-1",
  "bursts-3",
  "bursts-10",
  "bursts-30",
  "flip-flop",
  "loss-80",
  "latency-10x",
  "host-cut",
  "site-cut",
  "cut-in-burst",
  "middlebox-refuses",
  "middlebox-refuses-inside",
  "host-cut-inside",
  "provider-wide",
  "provider-cut",
  "provider-path",
  "aggregator-cut",
] as const;

/** What else is run in each world that is not what the judge takes it for. */
const ELSEWHERE = ["none", "second-fault-in-episode", "paths-half"] as const;
const MISTAKEN = Object.keys(WORLDS).filter((name) => name !== "usual");

const ROUTE_53 = "route53 10s";
/** Long enough for it to call every fault. */
const ROUTE_53_LASTS_S = 120;

/** A world's days, and moments drawn in it for each kind of run of looks. */
const WATCHED = { days: 10, forced: 3 };

/** So many worlds to be watched, from a seed on. */
export const watchesFrom = (first: number, worlds: number): WatchTask[] =>
  Array.from({ length: worlds }, (_, index) => ({ seed: first + index, ...WATCHED }));

export interface Measured {
  claims: Claim[];
  /** Everything that was run. */
  tallies: Tally[];
  watch: Watch;
}

const runsIn = async (runs: Runs, world: string, effort: Effort): Promise<WorldRuns> => {
  const crash = await runs.play("crash", effort.worlds, world);
  const death = await runs.play("death", effort.worlds, world);
  const rest = await runs.playAll(ELSEWHERE, Math.min(effort.deceptive, effort.worlds), world);
  return { crash, death, all: [crash, death, ...rest] };
};

/** Runs the whole suite; calls `tell` for every scenario that begins. */
export const measureClaims = async (
  player: Player,
  effort: Effort,
  first: number,
  tell: (what: string) => void,
): Promise<Measured> => {
  const runs = new Runs(player, first, tell);
  const [crash, death, hang, second] = (await runs.playAll(TIMED, effort.timed)) as [
    Tally,
    Tally,
    Tally,
    Tally,
  ];
  const oldCrash = await runs.playRival("crash", ROUTE_53, effort.classes, ROUTE_53_LASTS_S);
  const oldDeath = await runs.playRival("death", ROUTE_53, effort.classes, ROUTE_53_LASTS_S);
  const calm = await runs.play("none", effort.calm);
  tell(`none, months of it, ${effort.months} worlds`);
  const watch = await player.watch(watchesFrom(first, effort.months));
  const gray = await runs.playAll(GRAY, effort.gray);
  const classes = await runs.playAll(CLASSES, effort.classes);
  const partitions = await runs.playAll(PARTITIONS, effort.deceptive);
  await runs.playAll(DECEPTIVE, effort.deceptive);
  const usual = { crash, death, all: [] };
  const elsewhere: Claim[] = [];
  for (const world of MISTAKEN)
    // oxlint-disable-next-line no-await-in-loop -- told in order
    elsewhere.push(worldClaim(world, await runsIn(runs, world, effort), usual));
  const { tallies } = runs;
  const claims = [
    timeClaim("a crash that refuses is named, p99", crash, 4),
    timeClaim("a silent death is named, p99", death, 6),
    timeClaim("a hang is named, p99", hang, 6),
    timeClaim(
      "a second fault in an episode is named, p99, at most 1.5 times the same fault alone",
      second,
      1.5 * (namingTimesOf(death).p99 ?? Number.NaN),
    ),
    routeClaim("crash", oldCrash, 30),
    routeClaim("death", oldDeath, 34),
    wrongClaim(tallies),
    monthsClaim(watch),
    calmClaim(calm),
    ...classes.map(classClaim),
    recallClaim(partitions),
    precisionClaim(partitions),
    ...gray.map(grayClaim),
    extraClaim(calm),
    ...elsewhere,
    brierClaim(tallies),
  ];
  return { claims, tallies, watch };
};
