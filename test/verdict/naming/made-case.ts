/** Cases for the rules, for tables. */
import type { Belief } from "../../../src/verdict/belief/beliefs.ts";
import type { Vote } from "../../../src/verdict/facts/votes.ts";
import type { ShardState } from "../../../src/verdict/memory/judge-state.ts";
import { type Case, caseOf } from "../../../src/verdict/naming/case.ts";
import { TUNING } from "../../../src/verdict/tuning.ts";
import { belief, factsOfVotes, NO_LOSS, type Observed, shardOf } from "../made.ts";

export interface Part {
  facts?: Partial<Observed>;
  belief?: Partial<Belief>;
  shard?: Partial<ShardState>;
}
/** The case of these votes; `part` gives what a row is about. */
export const made = (counted: Vote[], part: Part = {}): Case => {
  const facts = factsOfVotes(counted, part.facts);
  const round = { shard: { ...shardOf(), ...part.shard }, share: "", loss: NO_LOSS, tuning: TUNING };
  return caseOf(round, facts, facts.state, belief(part.belief));
};
