/** Whether the promises hang on the world being what the judge takes it for. */
import type { Tally } from "../tally.ts";
import { type Claim, namingTimesOf, shown, sum } from "./claim.ts";

/** How much slower the judge may be where it supposes wrong. */
const SLOWER_MAX = 1.5;

/** What was run in one world; `usual` the same two scenarios in the usual one. */
export interface WorldRuns {
  crash: Tally;
  death: Tally;
  /** Everything run there, these two included. */
  all: readonly Tally[];
}

export const worldClaim = (world: string, there: WorldRuns, usual: WorldRuns): Claim => {
  const pairs = (["crash", "death"] as const).map((name) => ({
    name,
    p99: namingTimesOf(there[name]).p99,
    usual: namingTimesOf(usual[name]).p99,
  }));
  const wrong = sum(there.all, ({ wrongDead }) => wrongDead);
  const seeds = sum(there.all, (tally) => tally.seeds);
  const times = pairs.map((one) => `${one.name} ${shown(one.p99)} (usual world ${shown(one.usual)})`);
  return {
    claim: `in the world ${world}: crash and death named, p99, and wrong confirmed`,
    bound: `≤ ${SLOWER_MAX} × the usual world's, 0`,
    measured: `${times.join(", ")}; wrong confirmed ${wrong} in ${seeds} runs`,
    seeds,
    reached:
      wrong === 0 && pairs.every((one) => (one.p99 ?? Infinity) <= SLOWER_MAX * (one.usual ?? Number.NaN)),
  };
};
