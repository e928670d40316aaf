/**
 * Agreement, on top of belief, because a model can be wrong. The numbers follow the CA/Browser
 * Forum's multi-perspective corroboration (Baseline Requirements 3.2.2.9): several perspectives in
 * more than one region, of which one, or two of many, may differ.
 *
 * Rejected: waiting until no old `ok` is left. One vantage whose look was lost then holds up all others for an interval.
 */
import type { Tuning } from "../tuning.ts";
import type { Seen } from "./facts.ts";
import { type Kind, kindOf, type Vote } from "./votes.ts";

export interface Quorum {
  /** What the failing votes agree on; null where they do not. */
  kind: Kind | null;
  /** Enough sound vantages in enough places agree, and next to nobody has yet to be heard. */
  met: boolean;
  /** The same of those there are, however few, wherever they stand. */
  unanimous: boolean;
  /** Until when the newest votes that make up the quorum are recent enough for failover; epoch ms. */
  until: number;
}

/** How many votes a quorum of this target needs. */
export const neededVotes = (seen: Seen, tuning: Tuning): number =>
  seen.target.policy.minVantages ??
  (seen.soundCount >= tuning.quorumOfMany ? tuning.quorumOfMany : tuning.quorum);

/** The kind all failing votes share but for the few that may differ, or null. */
const agreedKind = (votes: Vote[], merge: (kind: Kind) => Kind, tuning: Tuning): Kind | null => {
  const counts = new Map<Kind, number>();
  for (const vote of votes) {
    const kind = merge(vote.kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  const [kind, count] = [...counts].toSorted((a, b) => b[1] - a[1])[0] ?? [null, 0];
  const allowed = votes.length >= tuning.lenientFrom ? 2 : votes.length > 2 ? 1 : 0;
  return votes.length - count <= allowed ? kind : null;
};

/**
 * Of every provider whose network the vantages stand in, somebody has looked since the last answer, or has had
 * an interval to: what one network meets may be that network's own trouble.
 */
const isProviderHeard = (
  { failing, failingSince, now, providers, target }: Seen,
  tuning: Tuning,
): boolean => {
  if (providers.size < 2 || now - failingSince >= target.intervalMs + tuning.okGraceMs) return true;
  const heard = new Set(failing.map(({ record }) => record.vantage.provider));
  return heard.size >= providers.size;
};

/** Next to nobody has yet to be heard. */
const isHeard = (seen: Seen, tuning: Tuning): boolean =>
  seen.lastReacherHeard &&
  isProviderHeard(seen, tuning) &&
  seen.unheard <= Math.floor(tuning.unheardShare * seen.soundCount);

/** The part of a quorum that does not ask where its vantages stand. */
export const agreementOf = (
  seen: Seen,
  merge: (kind: Kind) => Kind,
  tuning: Tuning,
): Pick<Quorum, "kind" | "unanimous"> => {
  const { failing, soundCount } = seen;
  const isEnough = failing.length > 0 && failing.length >= Math.min(neededVotes(seen, tuning), soundCount);
  return {
    kind: agreedKind(failing, merge, tuning),
    unanimous: isEnough && isHeard(seen, tuning),
  };
};

/**
 * Nobody sound outside has been served for two looks each, however each of them failed; and next to nobody has yet to be heard, but
 * after two intervals and a timeout: by then all had their turn.
 * Here two speak for all where no more are sound; one alone does so only where there is no other.
 */
export const isServedToNobody = (seen: Seen, tuning: Tuning): boolean => {
  const { counted, failing, now, onset, soundCount, target } = seen;
  const isLong = hasBeenLong(seen);
  const all = Math.min(neededVotes(seen, tuning), soundCount);
  // One that has not looked in all that time does not speak for it; one whose last word was an `ok` does.
  const few = Math.min(all, Math.max(counted.length, soundCount - 1));
  const needed = Math.max(isLong ? few : all, Math.min(tuning.hearing, target.vantages.length));
  return (
    failing.length >= needed &&
    (isLong || isHeard(seen, tuning)) &&
    failing.every(({ edge }) => {
      const looks = edge.recent.filter((one) => one.begin > onset && kindOf(one, edge, now, tuning) !== null);
      return looks.length > 1;
    })
  );
};

/** When everybody has had two turns since the first of them failed, and waited for an answer; epoch milliseconds. */
export const longFrom = ({ failingSince, target }: Seen): number =>
  failingSince + 2 * target.intervalMs + target.timeoutMs;

export const hasBeenLong = (seen: Seen): boolean => seen.now >= longFrom(seen);

/** `merge` maps kinds that mean the same in this episode onto one another. */
export const quorumOf = (seen: Seen, merge: (kind: Kind) => Kind, tuning: Tuning): Quorum => {
  const { failing } = seen;
  const { kind, unanimous } = agreementOf(seen, merge, tuning);
  const needed = neededVotes(seen, tuning);
  const regions = new Set(failing.map((vote) => vote.record.vantage.region)).size;
  const providers = new Set(failing.map((vote) => vote.record.vantage.provider)).size;
  const spread = regions >= Math.min(2, needed) && providers >= (seen.target.policy.providers ?? 1);
  const { intervalMs, timeoutMs } = seen.target;
  const nth = failing.map((vote) => vote.sighting.begin).toSorted((a, b) => b - a)[needed - 1];
  return {
    kind,
    met: kind !== null && failing.length >= needed && spread && isHeard(seen, tuning),
    unanimous,
    until: nth === undefined ? 0 : nth + intervalMs + timeoutMs + tuning.reportMarginMs,
  };
};
