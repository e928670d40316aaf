/**
 * What a target's own answers and notices show, before any silence is weighed. A forward filter over the answers since its last `ok`, in
 * order of time, lets one cause follow another (a crash, then the host's death); a high share of wrong answers among the recent ones makes
 * gray likelier.
 *
 * Rejected: the same transition probability from `ok` to every fault as between faults. It would count the prior of a crash twice, and a
 * first refusal would look like gray.
 */
import type { Edges } from "../facts/loss.ts";
import type { Facts } from "../facts/facts.ts";
import type { InsideWord } from "../facts/surroundings.ts";
import { isSaidGone, periodMs } from "../memory/node.ts";
import {
  CAUSES,
  GRAY_NATS_MIN,
  GRAY_ODDS_MAX,
  grownShare,
  HAZARD,
  LIKELIHOOD,
  NOTICE_BELIEVED,
  OUTBOUND_CUT,
  RARE,
  SEEN_OTHERWISE,
} from "../likelihood.ts";
import type { Cause, Priors, Sign } from "../likelihood.ts";
import type { Tuning } from "../tuning.ts";
import type { Edge, ObservationRecord, TargetState } from "../memory/judge-state.ts";
import { freshnessMs, hasOpenedLate, isOpen, voteKindOf } from "../facts/votes.ts";

/** Weights by cause, in the order of CAUSES: in a site that is connected, and in one that is cut. */
export interface CauseWeights {
  open: number[];
  cut: number[];
  /** Whether the target hangs if it is silent: it goes on accepting connections without an answer, or its witness answers. */
  hangs: boolean;
  /** Whether the target hangs if the connections that it has accepted and not answered yet count as unanswered. */
  mayHang: boolean;
}

type Weights = Record<Cause, number>;

/** The states in which a node stops answering. */
const FATES = ["crashed", "dead", "hung", "cut"] as const;

/** What an observation shows; null for silence and for what is no evidence. */
const answerOf = (observation: ObservationRecord, edge: Edge, now: number, tuning: Tuning): Sign | null => {
  if (observation.outcome === "ok") return "ok";
  if (isOpen(observation, now)) return isUsual(observation, edge) ? null : "pending_after_open";
  const kind = voteKindOf(observation, edge, now, tuning);
  if (kind === null || kind === "silent" || kind === "rejected") return null;
  const { outcome, stage } = observation;
  // A target that opened or began to answer and did not finish in time is not well, but does not hang.
  const isSlow = kind === "hung" ? hasOpenedLate(observation, tuning) : stage === "body";
  if (isSlow && (outcome === "pending" || outcome === "response_timeout")) return "broken_body";
  if (kind === "hung") return "response_timeout";
  return outcome as Sign;
};

/** Some recent answer on this edge took as long as this look has waited so far. */
const isUsual = ({ totalMs }: ObservationRecord, { recent }: Edge): boolean =>
  recent.some(({ outcome, totalMs: tookMs }) => outcome === "ok" && tookMs >= totalMs);

const isHang = (sign: Sign): boolean => sign === "response_timeout" || sign === "pending_after_open";

interface Answers {
  /** Not `ok`, and later than the newest `ok` of any vantage. */
  negative: { begin: number; sign: Sign }[];
  oks: number;
  /** Log-odds that answers like these come from a gray node. */
  grayNats: number;
  /** Begin of the newest look. */
  newest: number;
}

/**
 * Whether there are enough unanswered connections, over enough time, to be more than one bad instant, however many vantages looked at that
 * instant.
 */
const hangsOn = (negative: Answers["negative"], isHung: (sign: Sign) => boolean, tuning: Tuning): boolean => {
  const hung = negative.filter(({ sign }) => isHung(sign));
  const span = (hung.at(-1)?.begin ?? 0) - (hung[0]?.begin ?? 0);
  return hung.length >= tuning.hangSigns && span >= tuning.hangSpanMs;
};

const gather = ({ facts, state, edges, tuning, lost }: AnsweredTarget): Answers => {
  const since = facts.now - freshnessMs(state, tuning);
  const okAt = facts.onset;
  const answers: Answers = { negative: [], oks: 0, grayNats: 0, newest: 0 };
  for (const edge of edges) {
    if (edge === undefined) continue;
    for (let index = edge.recent.length - 1; index >= 0; index--) {
      const observation = edge.recent[index];
      if (observation === undefined || observation.begin < since) break;
      answers.newest = Math.max(answers.newest, observation.begin);
      const sign = answerOf(observation, edge, facts.now, tuning);
      if (sign === null) continue;
      const inFlight = isHang(sign) && lost < tuning.hangInFlightLoss ? tuning.hangInFlightMs : 0;
      if (observation.begin > okAt - inFlight) answers.negative.push({ begin: observation.begin, sign });
      else if (sign === "ok") answers.oks += 1;
      else answers.grayNats += Math.log(LIKELIHOOD[sign].gray / LIKELIHOOD[sign].up);
    }
  }
  answers.grayNats += answers.oks * Math.log(LIKELIHOOD.ok.gray / LIKELIHOOD.ok.up);
  answers.negative.sort((a, b) => a.begin - b.begin);
  return answers;
};

/** A target, the vantages that probe it from outside its site, and what else is known. */
export interface AnsweredTarget {
  facts: Facts;
  state: TargetState;
  /** What the vantages outside its site have seen of it. */
  edges: Edges;
  tuning: Tuning;
  priors: Priors;
  lost: number;
}

/** The weights of a target's causes given its answers, its witness, its heartbeats and its notices. */
export const answeredBase = (asked: AnsweredTarget): CauseWeights => {
  const { facts, state, tuning, priors, lost } = asked;
  const { negative, grayNats, newest } = gather(asked);
  const okAt = facts.onset;
  const { verdict, confirmed } = state.standing;
  const isHung = verdict === "process_hung" && confirmed && okAt <= (state.downSince ?? 0);
  let weights = startOf(isHung, grayNats, priors, grownShare(newest - okAt));
  for (const { sign } of negative) weights = stepped(weights, sign, priors, lost);
  // Between its last answer and the newest look it may have met any fate.
  if (negative.length > 0)
    for (const cause of FATES) weights[cause] += grownShare(newest - state.proof.at) * priors[cause];
  addWitness(weights, facts);
  addNotice(weights, state, grownShare(newest - okAt) * priors.crashed);
  for (const word of facts.insideWords) addInside(weights, word);
  if (facts.listens) weights.crashed *= SEEN_OTHERWISE;
  const cut = { ...weights };
  addHeartbeat(weights, cut, facts, state, tuning);
  const isOver = (sign: Sign): boolean => sign === "response_timeout";
  // Where packets are lost, a vantage that is silent beside others that were let in was not turned away by a full queue.
  const hangs =
    isHung || facts.witnessAnswers || (lost < tuning.hangInFlightLoss && hangsOn(negative, isOver, tuning));
  const mayHang = hangsOn(negative, isHang, tuning);
  return {
    open: CAUSES.map((cause) => weights[cause]),
    cut: CAUSES.map((cause) => cut[cause]),
    hangs,
    mayHang,
  };
};

/**
 * At its newest `ok` it was up or gray. A process that has hung for long shows no accepted connections any more, since its backlog is full:
 * the standing verdict remembers them.
 */
const startOf = (isHung: boolean, grayNats: number, priors: Priors, young: number): Weights => {
  const gray = Math.min(GRAY_ODDS_MAX, priors.gray * Math.exp(Math.max(GRAY_NATS_MIN, grayNats)));
  const start: Weights = { up: 1, gray, crashed: 0, dead: 0, hung: 0, cut: 0 };
  for (const cause of FATES) start[cause] = young * priors[cause];
  return isHung ? { ...start, hung: 1, up: priors.hung } : start;
};

/** Chance that the answer of a node that would have answered is lost, beyond the chance in the table. */
const answerLost = (cause: Cause, lost: number): number =>
  cause === "up" || cause === "gray" ? Math.max(0, lost - LIKELIHOOD.pending_before_open.up) : 0;

/** `lost`: where packets are lost, answers are lost too, and an accepted connection looks hung. */
const stepped = (weights: Weights, sign: Sign, priors: Priors, lost: number): Weights => {
  const next = { ...weights };
  let total = 0;
  for (const cause of CAUSES) {
    const fresh = cause === "up" ? 1 : priors[cause];
    const likely = isHang(sign)
      ? Math.max(LIKELIHOOD[sign][cause], answerLost(cause, lost))
      : LIKELIHOOD[sign][cause];
    next[cause] = ((1 - HAZARD) * weights[cause] + HAZARD * fresh) * likely;
    total += next[cause];
  }
  for (const cause of CAUSES) next[cause] /= total;
  return next;
};

/** A witness on the same host separates the process from its host. If it refuses along with the target, it shows neither. */
const addWitness = (weights: Weights, { witnessAnswers, witnessSilent }: Facts): void => {
  if (witnessAnswers) for (const cause of ["dead", "cut"] as const) weights[cause] *= RARE;
  if (witnessSilent)
    for (const cause of CAUSES) if (cause !== "dead" && cause !== "cut") weights[cause] *= HAZARD;
};

/** A supervisor's notice that the process exited takes the place of the prior, until an answer contradicts it. */
const addNotice = (weights: Weights, state: TargetState, prior: number): void => {
  const heardAt = state.notice?.heardAt ?? 0;
  if (!isSaidGone(state)) return;
  for (const { lastOk } of state.edges.values()) if ((lastOk ?? 0) > heardAt) return;
  weights.crashed *= NOTICE_BELIEVED / (1 - NOTICE_BELIEVED) / prior;
};

/** The likelihood of each result from inside: seen from there, a host that is only cut off from outside is up. */
const INSIDE_SIGNS = {
  refused: "refused",
  hung: "response_timeout",
  missed: "connect_timeout",
} as const;

/** An answer from inside is certain, however many vantages outside were refused by something nearer. The other results may err. */
const addInside = (weights: Weights, word: InsideWord): void => {
  for (const cause of CAUSES)
    weights[cause] *=
      word === "served"
        ? cause === "dead" || cause === "crashed" || cause === "hung"
          ? SEEN_OTHERWISE
          : 1
        : LIKELIHOOD[INSIDE_SIGNS[word]][cause === "cut" ? "up" : cause];
};

/**
 * A host that sends heartbeats runs, though its process may not. A host that stops sending them may have died or lost its own way out. A
 * cut of the whole site also explains why they stop.
 */
const addHeartbeat = (
  open: Weights,
  cut: Weights,
  { heartbeat }: Facts,
  state: TargetState,
  tuning: Tuning,
): void => {
  if (heartbeat === "alive") for (const weights of [open, cut]) weights.dead *= RARE;
  const record = state.heartbeat;
  const isCutOff =
    heartbeat === "late" && record !== null && state.proof.at <= record.at + periodMs(record, tuning);
  if (isCutOff) for (const cause of ["up", "gray"] as const) open[cause] *= OUTBOUND_CUT;
};
