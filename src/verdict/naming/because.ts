/** One sentence for each verdict, made from the evidence that decided, for a person woken at night. */
import type { RecentHealth } from "../facts/living.ts";
import { isSaidGone } from "../memory/node.ts";
import type { TargetState } from "../memory/judge-state.ts";
import type { Tuning } from "../tuning.ts";
import { neededVotes } from "../facts/quorum.ts";
import type { Facts, Seen } from "../facts/facts.ts";
import type { VoteKind } from "../facts/votes.ts";

const WORDS: Record<VoteKind, string> = {
  ok: "reached it",
  refused: "were refused by the host",
  silent: "got no answer",
  hung: "were accepted and never answered",
  wrong: "got a wrong or broken answer",
  rejected: "were refused by something nearer than the host",
};

const ofSound = (count: number, seen: Seen): string =>
  `${count} of ${seen.soundCount} sound ${seen.soundCount === 1 ? "vantage" : "vantages"}`;

/** "6 of 7 sound vantages were refused by the host, 1 got no answer": of the votes that fail, or of others. */
const tally = (seen: Seen, votes = seen.failing): string => {
  const counts = new Map<VoteKind, number>();
  for (const vote of votes) counts.set(vote.kind, (counts.get(vote.kind) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([kind, count], index) => `${index === 0 ? ofSound(count, seen) : count} ${WORDS[kind]}`)
    .join(", ");
};

/** The details most often given with the failing votes. */
const details = (seen: Seen): string => {
  const counts = new Map<string, number>();
  for (const { observation } of seen.failing)
    if (observation.detail !== undefined)
      counts.set(observation.detail, (counts.get(observation.detail) ?? 0) + 1);
  const common = [...counts].toSorted((a, b) => b[1] - a[1])[0];
  return common === undefined ? "" : ` (${common[0]})`;
};

export const nothingFresh = (seen: Seen): string =>
  seen.soundCount === 0
    ? "no sound vantage is looking at it"
    : `none of ${seen.soundCount} sound vantages has fresh evidence`;
export const paused = (): string => "paused by its operator: nobody looks at it";
export const frozen = (share: string): string =>
  `${share} fell silent at once and no site explains it: the detector suspects itself and freezes its advice`;
export const tooFew = (seen: Seen, tuning: Tuning): string =>
  `${tally(seen) || "no vantage has looked since the last answer"}, too few to tell: ${neededVotes(seen, tuning)} must agree`;
export const crashed = (seen: Seen, state: TargetState): string =>
  `${tally(seen)}${details(seen)}: the host answers, the process does not listen${exited(state)}${unheeded(seen)}`;

/** A clause with the vantages that claim to be let in and are overruled. */
const unheeded = ({ overruled }: Seen): string =>
  overruled.length === 0
    ? ""
    : `; ${overruled.join(", ")} alone is let in, it says, while those inside its site are refused too: not counted`;

/** A clause with the supervisor's notice that the process is gone. */
const exited = (state: TargetState): string => {
  const { notice } = state;
  if (notice === null || !isSaidGone(state)) return "";
  const how = notice.kind === "stop" ? "it was stopped in order" : "it crashed";
  return `, and its supervisor says that ${how}${notice.restarting ? " and is started again" : ""}`;
};
export const refusedTogether = (facts: Facts, siblingsRefused: number): string =>
  `${tally(facts)}, and so do ${siblingsRefused} of the ${facts.siblings} other targets of the site: something in front of them refuses`;
export const refusedWithWitness = (seen: Seen): string =>
  `${tally(seen)}, and so was its witness, which had answered: something refuses for the whole host`;
export const rejected = (seen: Seen): string => `${tally(seen)}: nothing tells what became of the node`;
export const hung = (seen: Seen): string => `${tally(seen)}: the process holds its port and does not answer`;
export const witnessAnswers = (seen: Seen): string =>
  `${tally(seen)} while its witness on the same host answers`;
export const wrongEverywhere = (seen: Seen): string => `${tally(seen)}${details(seen)}`;
export const mixed = (seen: Seen): string => `${tally(seen)}: they do not agree on how it fails`;
export const isolated = (facts: Facts): string => `${tally(facts)}, yet ${facts.signOfLife}`;
export const dead = (facts: Facts): string =>
  `${tally(facts)}${facts.insideMisses ? ", an inside vantage neither" : ""}; ${facts.sibling} answered them` +
  (facts.insideMisses ? "" : ". From outside a dead host and a host cut off alone look the same");
export const heartbeatDue = (facts: Facts): string =>
  `${tally(facts)}; ${facts.sibling} answered them, and its next heartbeat, which would show that it lives, is not due yet`;
export const unserved = (seen: Seen): string => `${tally(seen)}, and nobody is served: nothing tells why`;
export const siteSilent = (facts: Facts, siblingsSilent: number): string =>
  siblingsSilent === facts.siblings
    ? `${tally(facts)}, and none of the ${facts.siblings + 1} targets of the site answers: nothing tells death from isolation`
    : `${tally(facts)}, and of its site nothing has been answered since: nothing tells death from isolation`;
export const silentAlone = (facts: Facts): string =>
  `${tally(facts)}, and ${facts.siblings === 0 ? "it has no sibling in its site" : "its siblings do not tell"}: nothing tells death from isolation`;
export const partitioned = (seen: Seen, cut: string[]): string =>
  `${ofSound(cut.length, seen)} (${cut.join(", ")}) ${cut.length === 1 ? "gets" : "get"} no answer, ${seen.dissent.length} others do: the network between is cut`;
export const sometimesWrong = (seen: Seen, health: RecentHealth): string =>
  `${health.wrong} of the last ${health.looked} probes failed${details(seen)}, ${seen.dissent.length} of ${seen.soundCount} sound vantages got an expected answer last`;
export const lossy = (health: RecentHealth): string =>
  `${health.silent} of the last ${health.looked} probes got no answer, from ${health.silentFrom} vantages, and none is cut off for long`;
/** For a supervisor's notice that the process is gone, where answers contradict it. */
export const contradicted = (seen: Seen, { notice }: TargetState): string =>
  `the notice that its process exited (${notice?.kind}, boot ${notice?.bootId}) is contradicted: ${good(seen)} since`;
export const good = (seen: Seen): string => `${ofSound(seen.dissent.length, seen)} got the expected answer`;
export const recovering = (seen: Seen): string =>
  `${ofSound(seen.dissent.length, seen)} got the expected answer again: settling`;

/**
 * For a wait: what is seen now, and what is awaited. The sentence of the standing was made from other evidence, and would contradict what
 * is seen now.
 */
export const awaiting = (seen: Seen, what: string): string =>
  `${tally(seen, seen.counted) || "no sound vantage has fresh evidence"}; waiting: ${what}`;

const COUNTED = Object.values(WORDS).join("|");
const TALLY = new RegExp(`^\\d+ of \\d+ sound vantages? (?:${COUNTED})(?:, \\d+ (?:${COUNTED}))*`);
const ANSWERED = /\d+ of \d+ sound vantages? (?=got an expected answer last$)/;

/**
 * The sentence of a judgement, with the newest looks counted as of now: some have grown too old since, and the judge leaves out looks that
 * it does not weigh.
 */
export const recounted = (
  { rule, because }: { rule: string; because: string },
  seen: Seen,
  cut: string[],
): string => {
  const failing = seen.counted.filter(({ kind }) => kind !== "ok");
  const dissent = seen.counted.filter(({ kind }) => kind === "ok");
  const shown = { ...seen, failing, dissent };
  if (rule === "good") return good(shown);
  if (rule === "partitioned") return partitioned(shown, cut);
  return because
    .replace(TALLY, (said) => tally(shown) || said)
    .replace(ANSWERED, () => `${ofSound(dissent.length, shown)} `);
};
