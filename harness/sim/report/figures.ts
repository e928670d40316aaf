/** Everything the report shows, played. */
import type { Claim } from "../claims/claim.ts";
import { measureClaims } from "../claims/suite.ts";
import type { Player } from "../crew.ts";
import { DETECTORS, SWEEPS } from "../detectors.ts";
import { KINDS } from "../kinds/kinds.ts";
import type { KindTally } from "../kinds/play-kind.ts";
import type { Scenario } from "../scenario.ts";
import { SCENARIOS } from "../scenarios.ts";
import type { Tally } from "../tally.ts";
import { type World, worldNamed } from "../worlds.ts";
import type { ReportEffort } from "./effort.ts";
import { type Point, pointOf } from "./point.ts";

/** What rivals that look every minute are given time for, in seconds. */
export const LONG_S = 360;

/** Where every rule would call the fault if only it lasted: a fault of one minute would count as missed by the slow. */
const LONG: ReadonlySet<string> = new Set(["crash", "death", "hang"]);

/**
 * Nothing of what happens here takes a node down. Left out: `provider-wide`, where every rule calls
 * everything down whatever its threshold, so that it would only push all of them to the right.
 */
export const DECEIVING = [
  "none",
  "paths-1",
  "paths-half",
  "paths-all-but-one",
  "one-way",
  "shared-transit",
  "flip-flop",
  "loss-80",
  "bursts-1",
  "bursts-3",
  "bursts-10",
  "bursts-30",
  "latency-10x",
  "vantage-broken",
  "vantage-slow",
  "vantage-lossy",
] as const;

/** The fault whose detection the picture shows. */
export const TIMED = "death";

export interface Figures {
  first: number;
  effort: ReportEffort;
  claims: readonly Claim[];
  scenarios: readonly { scenario: Scenario; flags: string; tallies: readonly Tally[] }[];
  points: readonly Point[];
  kinds: readonly KindTally[];
}

const playKinds = async (
  player: Player,
  count: number,
  first: number,
  tell: (what: string) => void,
): Promise<KindTally[]> => {
  const tallies: KindTally[] = [];
  for (const { scenario } of KINDS) {
    tell(`${scenario.name}, ${count} seeds`);
    // oxlint-disable-next-line no-await-in-loop -- told in order; its seeds share the cores already
    tallies.push(await player.playKind({ kind: scenario.name, first, count }));
  }
  return tallies;
};

const LONG_WORLD: World = { flags: ` --lasts ${LONG_S}`, options: { lastsMs: 1_000 * LONG_S } };

/** Plays all parts that the player does not know yet; calls `tell` for each part that begins. */
export const gatherFigures = async (
  player: Player,
  effort: ReportEffort,
  first: number,
  tell: (what: string) => void,
): Promise<Figures> => {
  const play = async (
    scenario: string,
    detectors: readonly string[],
    world: World,
    count: number,
  ): Promise<Tally[]> => {
    tell(`${scenario}${world.flags}, ${detectors.length} detectors, ${count} seeds`);
    return await player.play({ scenario, detectors, world, first, count });
  };
  const usual = worldNamed("usual");
  const measured = await measureClaims(player, effort.claims, first, tell);
  const compared = DETECTORS.map(({ name }) => name);
  const scenarios: Figures["scenarios"][number][] = [];
  for (const scenario of SCENARIOS) {
    const world = LONG.has(scenario.name) ? LONG_WORLD : usual;
    // oxlint-disable-next-line no-await-in-loop -- told in order; its seeds share the cores already
    const tallies = await play(scenario.name, compared, world, effort.scenarios);
    scenarios.push({ scenario, flags: world.flags, tallies });
  }
  const kinds = await playKinds(player, effort.kinds, first, tell);
  const swept = Object.entries(SWEEPS).flatMap(([family, list]) =>
    list.map(({ name }) => ({ family, name })),
  );
  const names = swept.map(({ name }) => name);
  const timed = await play(TIMED, names, LONG_WORLD, effort.timed);
  const deceived: Tally[][] = [];
  // oxlint-disable-next-line no-await-in-loop -- as above
  for (const name of DECEIVING) deceived.push(await play(name, names, usual, effort.deceptive));
  const points = swept.map(({ family }, index) =>
    pointOf(
      family,
      timed[index] as Tally,
      deceived.map((tallies) => tallies[index] as Tally),
    ),
  );
  return { first, effort, claims: measured.claims, scenarios, points, kinds };
};
