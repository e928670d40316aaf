/**
 * From where a target is reached and from where not, as far as that is decided: in the same words as the advice.
 *
 * Rejected: every newest look by its outcome. One lost packet then named a region that nobody is kept from, and what
 * was served before it fell reached a dead node.
 */
import { VERDICTS } from "../../domain/verdict.ts";
import type { Seen } from "../facts/facts.ts";
import type { Vote } from "../facts/votes.ts";
import type { TargetState } from "../memory/state.ts";

export interface Reach {
  /** Ids of the vantages whose newest look was answered, rightly or not; of what does not serve, since it fell; sorted. */
  from: string[];
  /** Ids of those that missed it and are held not to reach it; sorted. */
  not: string[];
}

/** Who reaches a target, of those that are counted; whoever is in neither list may yet turn out to be in either. */
export const reachOf = ({ counted, inside }: Seen, { standing, downSince }: TargetState): Reach => {
  const votes = [...counted, ...inside];
  const { verdict, routing, cut } = standing;
  // What is held against the target itself befalls everybody, all else those alone who are held to be cut off.
  const isAllOut = VERDICTS[verdict].isDown || (verdict !== "unknown" && routing === "avoid");
  const fellAt = isAllOut && downSince !== null ? downSince : -Infinity;
  return {
    from: idsOf(votes.filter((vote) => isAnswered(vote) && vote.sighting.begin > fellAt)),
    not: idsOf(
      votes.filter((vote) => !isAnswered(vote) && (isAllOut || cut.includes(vote.record.vantage.id))),
    ),
  };
};

const isAnswered = ({ kind }: Vote): boolean => kind === "ok" || kind === "wrong";

const idsOf = (votes: Vote[]): string[] => votes.map(({ record }) => record.vantage.id).toSorted();
