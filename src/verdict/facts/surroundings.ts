/**
 * What else can be seen when a target is silent: silence alone tells nothing, its surroundings do.
 * A witness that answers leaves the process; a sibling that answers on the same path leaves the
 * host; someone inside who reaches it, or its own heartbeat, leaves only the network.
 *
 * Rejected: counting siblings that answered within a window. What proves a path, and when, is proof.ts's.
 */
import { isBeating, isSignOfLife } from "../memory/heartbeat.ts";
import { insideWords } from "./inside.ts";
import type { Tuning } from "../tuning.ts";
import { siblingsOf } from "../memory/sites.ts";
import type { Edge, ShardState, TargetState } from "../memory/state.ts";
import type { View } from "./view.ts";
import { freshnessMs, voteLifeMs, voteOf, type Vote } from "./votes.ts";

export interface Surroundings {
  /** A witness has answered since the target was first missed. */
  witnessAnswers: boolean;
  /** A witness that had worked is silent now. */
  witnessSilent: boolean;
  /** A witness that had worked until then refuses with it: more than one process does not listen. */
  witnessRefuses: boolean;
  /** A witness that had worked until then has not been looked at since, but perhaps by one. */
  witnessAwaited: boolean;
  /** The sibling that was answered last, for the sentence. */
  sibling: string | null;
  siblings: number;
  /** Siblings that the whole sound world finds silent too. */
  siblingsSilent: number;
  /** An inside vantage has been served by the target since it was first missed outside. */
  insideServes: boolean;
  /** That, or any other answer to one inside, or a heartbeat sent since. */
  lives: boolean;
  /** An inside vantage reaches a sibling and not the target. */
  insideMisses: boolean;
  /** It sends heartbeats, and the next is not late yet: whether it lives will be known. */
  heartbeatDue: boolean;
  signOfLife: string;
}

export const surroundingsOf = (shard: ShardState, view: View, tuning: Tuning): Surroundings => {
  const siblings = siblingsOf(shard, view.state);
  const answered = siblings.reduce<TargetState | undefined>(
    (best, sibling) => (sibling.proof.at > (best?.proof.at ?? 0) ? sibling : best),
    undefined,
  );
  const { state, now, failingSince } = view;
  const since = Math.max(failingSince, now - voteLifeMs(state, tuning));
  const words = insideWords(
    state,
    view.inside.map(({ record }) => record),
    siblings,
    since,
  );
  const beat = state.heartbeat;
  const lives = beat !== null && isSignOfLife(beat, failingSince, now);
  const insideServes = words.includes("served");
  const insideReaches = words.some((word) => word !== "missed");
  return {
    ...witnessEvidence(view, tuning),
    sibling: answered === undefined ? null : `${answered.target.site}/${answered.target.target}`,
    siblings: siblings.length,
    siblingsSilent: siblings.filter(({ silentAt }) => silentAt !== null).length,
    insideServes,
    lives: insideReaches || lives,
    insideMisses: !insideReaches && words.includes("missed"),
    heartbeatDue: beat !== null && !lives && isBeating(beat, now),
    signOfLife: insideReaches ? "an inside vantage reaches it" : lives ? "its heartbeats arrive" : "",
  };
};

/** Vantages that must have looked at a witness before its word is taken. */
const WITNESSES = 2;

const NO_WITNESS = {
  witnessAnswers: false,
  witnessSilent: false,
  witnessRefuses: false,
  witnessAwaited: false,
};

const witnessEvidence = (view: View, tuning: Tuning): typeof NO_WITNESS => {
  const { counted, failing, onset, now, state } = view;
  if (!state.target.hasWitness) return NO_WITNESS;
  // Until it was missed the witness may have answered before whatever befell the target, which breaks off what is under way.
  const missed = failing.filter(({ kind }) => kind !== "wrong");
  const fresh = now - freshnessMs(state, tuning);
  const newest = Math.max(fresh, Math.min(now, ...missed.map(({ sighting }) => sighting.begin)));
  const first = Math.max(fresh, Math.min(now, ...missed.map(({ edge }) => firstMissOf(edge, onset) ?? now)));
  const worked = hadWorked(state, onset);
  const seen = counted.flatMap(({ record }) => {
    const edge = state.witness.get(record.vantage.id);
    const vote = voteOf(record, edge, first, tuning);
    return vote === null ? [] : [vote];
  });
  // Whoever refuses for the whole host may do so nearer to us than the host is.
  const refuses = ({ kind }: Vote): boolean => kind === "refused" || kind === "rejected";
  // Where a port has always been closed, its refusal is how the host answers.
  const isUsual = ({ edge }: Vote): boolean => edge.lastOk === null && (!worked || refusedBy(edge, 0, onset));
  const recent = seen.filter(({ sighting }) => sighting.begin >= newest);
  const answers = recent.filter((vote) => vote.kind === "ok" || (refuses(vote) && isUsual(vote))).length;
  const silent = recent.filter(({ kind, edge }) => kind === "silent" && edge.lastOk !== null).length;
  // A refusal is looked for longer: rounds with a witness are rare where no burst is left to ask it.
  const refused = seen.filter((vote) => refuses(vote) && !isUsual(vote)).length;
  return {
    witnessAnswers: answers > silent + refused,
    witnessSilent: silent > answers + refused,
    witnessRefuses: worked && refused > 0 && refused >= answers,
    witnessAwaited: worked && seen.length < Math.min(WITNESSES, failing.length),
  };
};

const firstMissOf = ({ recent }: Edge, onset: number): number | undefined =>
  recent.find(({ begin }) => begin > onset)?.begin;

/** It has answered somebody, and has not been seen to refuse since while the target still answered. */
const hadWorked = ({ witness }: TargetState, onset: number): boolean => {
  let workedAt = 0;
  for (const { lastOk } of witness.values()) workedAt = Math.max(workedAt, lastOk ?? 0);
  const known = [...witness.values()].filter(({ lastOk }) => lastOk !== null);
  return workedAt > 0 && !known.some((edge) => refusedBy(edge, workedAt, onset));
};

const refusedBy = ({ recent }: Edge, after: number, until: number): boolean =>
  recent.some(({ outcome, begin }) => outcome === "refused" && begin > after && begin <= until);
