/**
 * Channels: the evidence of a target besides looks from outside. They are its witness, the vantages inside its site, and the
 * controls of a vantage. A channel counts by its last look before the trouble. A port that a firewall closed long ago is silent
 * in a death and in a hang alike, and a vantage that never reached the target misses nothing new. A channel that did not work
 * then is left out, whether it is silent now or refuses, until it answers.
 *
 * Rejected: counting a channel that has ever worked. Channels die, mostly unnoticed.
 */
import type { Verdict } from "../../domain/verdict.ts";
import { isBeating } from "../memory/node.ts";
import type {
  ControlRecord,
  Edge,
  ShardState,
  ObservationRecord,
  TargetState,
  VantageRecord,
} from "../memory/judge-state.ts";
import type { Tuning } from "../tuning.ts";
import { freshnessMs } from "./votes.ts";

const ANSWERED: ReadonlySet<string> = new Set(["ok", "app_error"]);
const UNANSWERED: ReadonlySet<string> = new Set(["connect_timeout", "response_timeout", "pending"]);

/**
 * The outcome of the newest look in the good time that ended at `onset`, if that look was recent then; null without one. If several looks
 * are asked for, the outcome of the newest look that was not silent.
 */
const lastInGoodTime = (
  edge: Edge | undefined,
  state: TargetState,
  onset: number,
  looks: number,
  tuning: Tuning,
) => {
  const lifeMs = Math.max(tuning.channelLifeIntervals * state.target.intervalMs, tuning.channelLifeMs);
  const recent = (edge?.recent ?? [])
    .filter(({ begin, outcome }) => begin <= onset && begin >= onset - lifeMs && outcome !== "blocked")
    .slice(-looks);
  const last = recent.findLast(({ outcome }) => !UNANSWERED.has(outcome)) ?? recent.at(-1);
  return last?.outcome ?? null;
};

/** What a channel to a target's witness can show. */
export type WitnessChannel =
  /** The witness answered in the good time, or has answered since. */
  | "answers"
  /** The witness refused in the good time: its port is closed, and the host answers by refusing. */
  | "refuses"
  /** The channel did not work, or it is not known whether it did. */
  | "dead";

/** What this edge to a witness shows in a trouble whose good time ended at `onset`, by the newest of `looks` looks that was not silent. */
export const channelOf = (
  edge: Edge | undefined,
  state: TargetState,
  onset: number,
  tuning: Tuning,
  looks = 1,
): WitnessChannel => {
  const last = lastInGoodTime(edge, state, onset, looks, tuning);
  if (last === "refused" && isClosedBefore([edge], state, onset)) return "refuses";
  const isBack = (edge?.lastOk ?? 0) > onset;
  // A refusal from before the target last came back belongs to that trouble, and says nothing of the good time since.
  const wasOpen = last === "refused" && looksBetween([edge], state, onset).length > 0;
  return isBack || wasOpen || (last !== null && ANSWERED.has(last)) ? "answers" : "dead";
};

/** What these edges met in the good time that ended at `onset`, which began when the target last came back. */
const looksBetween = (
  edges: Iterable<Edge | undefined>,
  { recoveredAt }: TargetState,
  onset: number,
): ObservationRecord[] =>
  [...edges].flatMap(
    (edge) => edge?.recent.filter(({ begin }) => begin >= (recoveredAt ?? 0) && begin <= onset) ?? [],
  );

/**
 * Whether the port that these edges look at was closed in the good time, which began when the target last came back. A refusal within
 * the last interval of it may belong to the trouble, since clocks differ and a fault takes its time. So the newest look before that
 * interval decides; where there is none, every look must have been refused.
 */
export const isClosedBefore = (
  edges: Iterable<Edge | undefined>,
  state: TargetState,
  onset: number,
): boolean => {
  const looks = looksBetween(edges, state, onset);
  const earlier = looks.filter(({ begin }) => begin <= onset - state.target.intervalMs);
  const newestAt = Math.max(...earlier.map(({ begin }) => begin));
  const last = earlier.length === 0 ? looks : earlier.filter(({ begin }) => begin === newestAt);
  return last.length > 0 && last.every(({ outcome }) => outcome === "refused");
};

/**
 * Whether the witness had fallen silent before the trouble: after its last answer two vantages missed it in the good time. It is then
 * silent for every vantage, also for those that looked before it fell silent and still remember its answer.
 */
export const hasFallenSilent = (
  witness: ReadonlyMap<string, Edge>,
  { target }: TargetState,
  onset: number,
  tuning: Tuning,
): boolean => {
  const looks = [...witness].flatMap(([by, { recent }]) =>
    recent.flatMap(({ begin, outcome }) =>
      begin <= onset - Math.min(target.intervalMs, tuning.channelLifeMs) ? [{ by, begin, outcome }] : [],
    ),
  );
  const answeredAt = Math.max(0, ...looks.map(({ begin, outcome }) => (UNANSWERED.has(outcome) ? 0 : begin)));
  const missing = looks.filter(({ begin, outcome }) => begin > answeredAt && UNANSWERED.has(outcome));
  return new Set(missing.map(({ by }) => by)).size >= tuning.hearing;
};

/**
 * Whether an inside vantage counts for a trouble. One miss at the end of the good time is forgiven: the packet may have been lost, or
 * clocks differ and the look was the first of the trouble. A witness needs no such mercy, because it answers again where its host
 * lives. An inside vantage would not, and then no death would be confirmed.
 */
export const speaksInside = (
  edge: Edge | undefined,
  state: TargetState,
  onset: number,
  tuning: Tuning,
): boolean => channelOf(edge, state, onset, tuning, tuning.insideLooks) === "answers";

/**
 * Controls that answered shortly before the vantage's last proof. A control that had fallen silent while all else answered the vantage says
 * nothing about the vantage.
 */
export const workingControls = (
  { controls, proof }: VantageRecord,
  tuning: Tuning,
): [string, ControlRecord][] =>
  [...controls].filter(
    ([, { answeredAt }]) => answeredAt > 0 && answeredAt >= proof.at - tuning.controlLifeMs,
  );

/** The channels that do not work although the target is served, a sentence each: in a trouble they will say nothing. */
export const deadChannels = (
  { vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): string[] => {
  const { edges, heartbeat, okAt, target, witness } = state;
  if (target.paused || state.standing.verdict !== "alive") return [];
  const isDead = (edge: Edge | undefined): boolean =>
    edge !== undefined && channelOf(edge, state, okAt, tuning) === "dead";
  const askers = target.vantages.filter((id) => witness.has(id));
  const isUnwitnessed =
    target.hasWitness && askers.length > 1 && askers.every((id) => isDead(witness.get(id)));
  const blind = target.vantages.filter((id) => {
    const edge = edges.get(id);
    const isInside = vantages.get(id)?.vantage.site === target.site;
    return isInside && edge !== undefined && !speaksInside(edge, state, okAt, tuning);
  });
  return [
    ...(isUnwitnessed
      ? [`its witness has answered none of ${askers.length} vantages of late: it proves nothing in a trouble`]
      : []),
    ...blind.map(
      (id) =>
        `${id} stands inside ${target.site} and does not reach it: its word does not count in a trouble`,
    ),
    ...(heartbeat !== null && !isBeating(heartbeat, now, tuning)
      ? ["its heartbeats have stopped while it is served: they prove nothing in a trouble"]
      : []),
  ];
};

/** Why vantages do not probe at all, one sentence for each reason: a blocked probe is no evidence, and is shown nowhere else. */
export const blockedLooks = (
  state: Pick<TargetState, "edges" | "witness" | "target">,
  now: number,
  tuning: Tuning,
): string[] => {
  const counts = new Map<string, number>();
  const note = (what: string, { recent }: Edge): void => {
    const newest = recent.at(-1);
    if (newest?.outcome !== "blocked" || newest.begin < now - freshnessMs(state, tuning)) return;
    const words = `${what}: ${newest.detail ?? "it was not carried"}`;
    counts.set(words, (counts.get(words) ?? 0) + 1);
  };
  if (state.target.paused) return [];
  for (const edge of state.edges.values()) note("the last look was blocked", edge);
  for (const edge of state.witness.values()) note("the last look at its witness was blocked", edge);
  return [...counts].map(([words, count]) => `${words} (${count} of its vantages)`);
};

/**
 * The addresses of its name that refuse or miss all probes although the target is served by others, a sentence each: most clients move on
 * after a moment, and some never do. An address that only a few vantages miss may be far from them.
 */
export const deadAddresses = (
  counted: readonly { observation: Pick<ObservationRecord, "deadAddresses"> }[],
  verdict: Verdict,
): string[] => {
  if (verdict !== "alive") return [];
  const missed = counted.flatMap(({ observation }) => observation.deadAddresses ?? []);
  return [...new Set(missed)].toSorted().flatMap((address) => {
    const count = missed.filter((one) => one === address).length;
    return 2 * count > counted.length
      ? [`its address ${address} let in none of ${count} vantages that tried it, while others are served`]
      : [];
  });
};
