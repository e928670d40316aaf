// One thread that measures the short claims of one judge after another: what it has compiled serves them all.
import { createHash } from "node:crypto";
import { parentPort } from "node:worker_threads";
import { type Effort, PUBLISHED_FIRST_SEED } from "../claims/effort.ts";
import { measureClaims } from "../claims/suite.ts";
import type { Task } from "../crew-member.ts";
import type { Player } from "../crew.ts";
import { detectorNamed, isOurs } from "../detectors.ts";
import { playKind } from "../kinds/play-kind.ts";
import { emptyWatch } from "../months/tally.ts";
import { play } from "../play.ts";
import { scenarioNamed } from "../scenarios.ts";
import { emptyTally, type Tally } from "../tally.ts";
import { becomeVariant, type Variant } from "./judged.ts";

/** As little of everything as can still be claimed. Months are left out: so few show nothing. */
const EFFORT: Effort = { timed: 2, classes: 1, gray: 1, deceptive: 1, worlds: 1, calm: 1, months: 0 };

/** A claim of one judge. */
export interface Kept {
  claim: string;
  reached: boolean;
}

/** Rivals do not know our judge: they are played once. */
const rivals = new Map<string, Tally[]>();

const player: Player = {
  watch: () => Promise.resolve(emptyWatch()),
  playKind,
  async play({ scenario, detectors, world, first, count }: Task) {
    const id = JSON.stringify([scenario, detectors, world]);
    const known = rivals.get(id);
    if (known !== undefined) return known;
    const named = detectors.map((name) => detectorNamed(name, world.judge));
    if (count === 0) return detectors.map((name) => emptyTally(scenario, name));
    const tallies = await play(scenarioNamed(scenario), named, { first, count }, world);
    if (!detectors.some((name) => isOurs(name))) rivals.set(id, tallies);
    return tallies;
  },
};

/** What a judge comes to. */
export interface Measured {
  claims: Kept[];
  /** Of all that was played: the same text only where not one run went otherwise. */
  played: string;
}

const measure = async (variant: Variant): Promise<Measured> => {
  becomeVariant(variant);
  const quiet = (): void => undefined;
  const { claims, tallies } = await measureClaims(player, EFFORT, PUBLISHED_FIRST_SEED, quiet);
  const text = JSON.stringify(tallies.map((tally) => ({ ...tally, cpuMs: 0 })));
  return {
    claims: claims.map(({ claim, reached }) => ({ claim, reached })),
    played: createHash("sha256").update(text).digest("hex"),
  };
};

const answer = async (variant: Variant): Promise<void> => {
  try {
    const before = process.threadCpuUsage();
    const measured = await measure(variant);
    const { user, system } = process.threadCpuUsage(before);
    parentPort?.postMessage({ ...measured, cpuS: (user + system) / 1e6 });
  } catch (cause) {
    parentPort?.postMessage({ broke: cause instanceof Error ? cause.message : String(cause), cpuS: 0 });
  }
};

parentPort?.on("message", (variant: Variant) => void answer(variant));
