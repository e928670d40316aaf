/**
 * What the detector publishes: a change of verdict, confirmation or advice takes the next sequence. Also when a trouble gets another name.
 */
import { fromInstant, toInstant } from "../../domain/plain/rfc3339.ts";
import type { Advice, ShownObservation, Transition, Verdict } from "../../domain/verdict.ts";
import { confidenceIn, VERDICTS } from "../../domain/plain/verdict-table.ts";
import { wordOf, type Word } from "./advice.ts";
import * as because from "../naming/because.ts";
import type {
  Change,
  Published,
  ShardState,
  ObservationRecord,
  Standing,
  TargetState,
} from "../memory/judge-state.ts";
import type { Facts, Seen } from "../facts/facts.ts";
import type { Vote } from "../facts/votes.ts";
import type { Tuning } from "../tuning.ts";

/** The state with its word published, and the transition if there was one. */
export const publish = (
  shard: ShardState,
  facts: Facts,
  settled: TargetState,
  tuning: Tuning,
): { state: TargetState; change: Change | null } => {
  const { now } = facts;
  const state = withCutsShown(facts, settled);
  const word = wordOf(shard, state, now, tuning);
  const { published, standing } = state;
  const quiet = {
    ...published,
    rule: word.rule,
    because: word.because,
    advice: word.advice,
    drill: standing.drill,
  };
  const contradicted = state.notice?.contradictedAt === now;
  if (state.announced && !contradicted && !isChange(published, word, standing.scope))
    return { state: { ...state, published: quiet }, change: null };
  const moved = published.verdict !== word.verdict;
  const { beliefs } = state;
  const next: Published = {
    ...quiet,
    sequence: published.sequence + 1,
    verdict: word.verdict,
    scope: standing.scope,
    confirmed: word.confirmed,
    confidence: confidenceIn(word.verdict, beliefs),
    beliefs,
    since: moved ? now : published.since,
    lastVerdict: moved && published.verdict !== "unknown" ? published.verdict : published.lastVerdict,
  };
  return {
    state: { ...state, announced: true, published: next },
    change: changeOf(
      facts,
      published.verdict,
      contradicted ? { ...next, because: because.contradicted(facts, state) } : next,
    ),
  };
};

/** A path that is answered again, or without a counted vote, is no longer called cut. */
const withCutsShown = ({ counted }: Seen, state: TargetState): TargetState => {
  const { standing } = state;
  const missing = counted.filter((vote) => !isAnswered(vote));
  const cut = standing.cut.filter((id) => missing.some(({ record }) => record.vantage.id === id));
  return cut.length === standing.cut.length ? state : { ...state, standing: { ...standing, cut } };
};

const isChange = (published: Published, word: Word, scope: Published["scope"]): boolean =>
  published.verdict !== word.verdict ||
  published.confirmed !== word.confirmed ||
  published.scope !== scope ||
  published.advice.routing !== word.advice.routing ||
  published.advice.failover !== word.advice.failover ||
  !isSameFor(published.advice.regions, word.advice.regions);

const isSameFor = (a: Advice["regions"], b: Advice["regions"]): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

const changeOf = (seen: Seen, from: Verdict, next: Published): Change => ({
  site: seen.target.site,
  target: seen.target.target,
  transition: {
    sequence: next.sequence,
    at: toInstant(seen.now),
    from,
    to: next.verdict,
    rule: next.rule,
    confirmed: next.confirmed,
    confidence: next.confidence,
    because: next.because,
    advice: next.advice,
    evidence: shownEvidence(seen),
  },
});

const shownCertificate = ({ certificate }: ObservationRecord): Pick<ShownObservation, "certificate"> =>
  certificate === undefined
    ? {}
    : { certificate: { ...certificate, expiresAt: toInstant(certificate.expiresAt) } };

/** Each vantage's newest counted observation, by name of the vantage. */
export const shownEvidence = ({ counted, inside }: Seen): ShownObservation[] =>
  [...counted, ...inside]
    .toSorted((a, b) => (a.record.vantage.id < b.record.vantage.id ? -1 : 1))
    .map(({ record, observation }) => ({
      vantage: record.vantage.id,
      at: toInstant(observation.begin),
      outcome: observation.outcome,
      stage: observation.stage,
      totalMs: Number(observation.totalMs.toFixed(1)),
      ...(observation.detail === undefined ? {} : { detail: observation.detail }),
      ...(observation.address === undefined ? {} : { address: observation.address }),
      ...shownCertificate(observation),
    }));

export interface Reach {
  /** Ids of the vantages whose newest look was answered, rightly or not; while the target does not serve, only since it fell; sorted. */
  from: string[];
  /** Ids of the vantages that missed it and are judged not to reach it; sorted. */
  not: string[];
}

/**
 * From where a target is reached and from where not, by the vantages that count, as far as that is decided, and consistent with the advice.
 * A vantage in neither list may yet turn out to be in either. Rejected: every newest look by its outcome. One lost packet then named a
 * region that is not advised to stay away, and a look answered before the fall seemed to reach a dead node.
 */
export const reachOf = ({ counted, inside }: Seen, { standing, downSince }: TargetState): Reach => {
  const votes = [...counted, ...inside];
  const { verdict, routing, cut } = standing;
  // A fault of the target itself keeps all vantages out; any other fault only those that are judged to be cut off.
  const isAllOut = VERDICTS[verdict].isDown || (verdict !== "unknown" && routing === "avoid");
  const fellAt = isAllOut && downSince !== null ? downSince : -Infinity;
  return {
    from: idsOf(votes.filter((vote) => isAnswered(vote) && vote.observation.begin > fellAt)),
    not: idsOf(
      votes.filter((vote) => !isAnswered(vote) && (isAllOut || cut.includes(vote.record.vantage.id))),
    ),
  };
};

const isAnswered = ({ kind }: Vote): boolean => kind === "ok" || kind === "wrong";

const idsOf = (votes: Vote[]): string[] => votes.map(({ record }) => record.vantage.id).toSorted();

/**
 * What a kept transition says was published, over what a replay made of it. The two are equal unless another version of the judge decided
 * then: the transition prevails, and the next judgement may differ.
 */
export const republished = (replayed: Published, said: Transition): Published =>
  replayed.sequence === said.sequence && replayed.verdict === said.to
    ? replayed
    : {
        ...replayed,
        sequence: said.sequence,
        verdict: said.to,
        rule: said.rule ?? replayed.rule,
        confirmed: said.confirmed,
        confidence: said.confidence,
        because: said.because,
        advice: said.advice,
        since: said.from === said.to ? replayed.since : fromInstant(said.at),
      };

// A trouble may take a few names until it is known. After several names within a minute the next one has to last before it is
// published: what automation reads must not change with every look at a target that fails in several ways at once. Three things are
// published at once all the same: whether the target is served, which vantages reach it, and that failover is no longer advised.

/** The rule's name while another name has yet to last. It is not a row of the table, which asks what is true now. */
const STEADYING = "steadying";

/** How long a state has to last that has turned `times` times too often: an interval, and longer each time; milliseconds. */
export const grownDwellMs = ({ target }: TargetState, times: number, tuning: Tuning): number =>
  Math.min(target.intervalMs * tuning.dwellGrowth ** Math.max(0, times), tuning.dwellMaxMs);

type Name = Pick<Standing, "verdict" | "confirmed" | "scope">;

const isSame = (a: Name, b: Name): boolean =>
  a.verdict === b.verdict && a.confirmed === b.confirmed && a.scope === b.scope;

/** Whether `those` call every path cut that `these` call cut. */
const isWithin = (these: Standing, those: Standing): boolean =>
  these.cut.every((id) => those.cut.includes(id));

/** Whether the change is the safer side: a name that failover rests on, confirmed or not, is held no longer than the evidence for it. */
const isSafer = (before: TargetState, { verdict, confirmed }: Name): boolean => {
  const stays = VERDICTS[verdict].failsOver;
  if (VERDICTS[before.standing.verdict].failsOver && !stays) return true;
  return before.published.advice.failover && !(stays && confirmed);
};

const SETTLED: ReadonlySet<string> = new Set(["alive", "unknown"]);

/** Whether a change is published without a wait. */
const isAtOnce = (before: TargetState, after: Standing): boolean =>
  after.routing !== before.standing.routing ||
  SETTLED.has(before.standing.verdict) ||
  SETTLED.has(after.verdict) ||
  // A path that carries again is no longer called cut.
  !isWithin(before.standing, after) ||
  isSafer(before, after);

/** The state `after` a judgement. Where it has been renamed often lately, it keeps the name of `before` until the new name has lasted. */
export const steadied = (
  before: TargetState,
  after: TargetState,
  now: number,
  tuning: Tuning,
): TargetState => {
  const { standing } = after;
  const isOld = isSame(standing, before.standing) && isWithin(standing, before.standing);
  if (isOld && isWithin(before.standing, standing))
    return after.candidate === null ? after : { ...after, candidate: null };
  const turns = before.turns.filter((at) => at > now - tuning.turnMemoryMs);
  const surplus = turns.length - tuning.turnsFree;
  const since =
    before.candidate !== null && isSame(before.candidate, standing) ? before.candidate.since : now;
  const until = surplus < 0 ? now : since + grownDwellMs(after, surplus, tuning);
  // A change from or to `unknown` is not another name: a detector that has just begun has called nothing wrongly.
  const isRenamed = before.standing.verdict !== "unknown" && standing.verdict !== "unknown";
  if (now >= until || isAtOnce(before, standing))
    return { ...after, candidate: null, turns: isRenamed ? [...turns, now].slice(-tuning.fallsKept) : turns };
  const { verdict, confirmed, scope, quorumUntil } = standing;
  return {
    ...after,
    standing: { ...before.standing, quorumUntil },
    candidate: { verdict, confirmed, scope, since },
    waiting: { rule: STEADYING, what: "it has had several names in a minute: the next has to last", until },
  };
};
