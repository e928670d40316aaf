/**
 * How likely each hidden cause is, given the counted votes: Bayes over one target, each vantage's
 * path open or cut on its own. `cut` stands for the host or its site being cut off from everyone,
 * which shows the same silence as death and is told from it by what siblings and insiders say.
 *
 * Vantages, sites and neighbours are not inferred jointly here: soundness.ts and silence.ts decide
 * those by rule. The seam is this one function.
 */
import type { Beliefs } from "../domain/verdict.ts";
import {
  LIKELIHOOD,
  PRIOR,
  PRIOR_CUT,
  PRIOR_PATH_CUT,
  REPEATED_SILENCE_NATS,
  type Cause,
} from "./likelihood.ts";
import { mergeFor } from "./merging.ts";
import type { Surroundings } from "./silence.ts";
import type { Kind, View } from "./votes.ts";

const CAUSES: readonly Cause[] = ["up", "crashed", "dead", "hung", "gray"];

/** Log-likelihood of one vantage's vote, taken for `kind`, under a cause; repeats of a silence add little. */
const voteNats = (kind: Kind, cause: Cause, repeats: number): number => {
  const row = LIKELIHOOD[kind];
  const cut = LIKELIHOOD[kind].dead;
  const once = Math.log((1 - PRIOR_PATH_CUT) * row[cause] + PRIOR_PATH_CUT * cut);
  const answersWhenSilent = kind === "silent" && cause !== "dead";
  return once - (answersWhenSilent ? Math.min(repeats, 6) * REPEATED_SILENCE_NATS : 0);
};

/** What the surroundings say of `cut` against `dead`, as a factor on the prior of each. */
const fromSurroundings = ({ insideReaches, insideMisses, siblingAnswers, siblingsSilent }: Surroundings) => ({
  dead: (insideReaches ? 1e-6 : 1) * (siblingsSilent > 0 ? 1e-2 : 1),
  cut: (insideMisses ? 1e-3 : 1) * (siblingAnswers ? 0.3 : 1),
});

/** Beliefs given the votes since the onset and those that contradict them. They sum to 1. */
export const beliefsOf = (view: View, around: Surroundings): Beliefs => {
  const votes = [...view.failing, ...view.dissent];
  const merged = mergeFor(view, around);
  const factor = fromSurroundings(around);
  const nats: Record<Cause | "cut", number> = {
    up: 0,
    crashed: 0,
    dead: Math.log(factor.dead),
    hung: around.witnessSilent ? Math.log(1e-2) : 0,
    gray: 0,
    cut: Math.log(PRIOR_CUT * factor.cut),
  };
  if (around.witnessAnswers) {
    nats.dead += Math.log(1e-6);
    nats.cut += Math.log(1e-6);
  }
  for (const cause of CAUSES) nats[cause] += Math.log(PRIOR[cause]);
  for (const vote of votes) {
    const repeats = vote.edge.recent.filter(
      (sighting) => sighting.begin > view.onset && sighting.begin < vote.sighting.begin,
    ).length;
    const kind = merged(vote.kind);
    for (const cause of CAUSES) nats[cause] += voteNats(kind, cause, repeats);
    nats.cut += Math.log(LIKELIHOOD[kind].dead);
  }
  return normalised(nats);
};

/** Log-weights to probabilities, rounded so that they print short. */
const normalised = (nats: Record<Cause | "cut", number>): Beliefs => {
  const highest = Math.max(...Object.values(nats));
  const weigh = (value: number): number => Math.exp(value - highest);
  const sum = Object.values(nats).reduce((total, value) => total + weigh(value), 0);
  const share = (value: number): number => Math.round((weigh(value) / sum) * 1e6) / 1e6;
  return {
    up: share(nats.up),
    crashed: share(nats.crashed),
    dead: share(nats.dead),
    hung: share(nats.hung),
    gray: share(nats.gray),
    cut: share(nats.cut),
  };
};
