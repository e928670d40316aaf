/** One sentence for each verdict, made from the evidence that decided, for someone woken at night. */
import type { Health } from "../facts/health.ts";
import { isSaidGone } from "../memory/notice.ts";
import type { Tuning } from "../tuning.ts";
import { neededVotes } from "../facts/quorum.ts";
import type { Surroundings } from "../facts/surroundings.ts";
import type { View } from "../facts/view.ts";
import type { Kind } from "../facts/votes.ts";

const WORDS: Record<Kind, string> = {
  ok: "reached it",
  refused: "were refused by the host",
  silent: "got no answer",
  hung: "were accepted and never answered",
  wrong: "got a wrong or broken answer",
  rejected: "were refused by something nearer than the host",
};

const ofSound = (count: number, view: View): string =>
  `${count} of ${view.soundCount} sound ${view.soundCount === 1 ? "vantage" : "vantages"}`;

/** "6 of 7 sound vantages were refused by the host, 1 got no answer": of the votes that fail, or of others. */
const tally = (view: View, votes = view.failing): string => {
  const counts = new Map<Kind, number>();
  for (const vote of votes) counts.set(vote.kind, (counts.get(vote.kind) ?? 0) + 1);
  return [...counts]
    .toSorted((a, b) => b[1] - a[1])
    .map(([kind, count], index) => `${index === 0 ? ofSound(count, view) : count} ${WORDS[kind]}`)
    .join(", ");
};

/** The details most often given with the failing votes. */
const details = (view: View): string => {
  const counts = new Map<string, number>();
  for (const { sighting } of view.failing)
    if (sighting.detail !== undefined) counts.set(sighting.detail, (counts.get(sighting.detail) ?? 0) + 1);
  const common = [...counts].toSorted((a, b) => b[1] - a[1])[0];
  return common === undefined ? "" : ` (${common[0]})`;
};

export const nothingFresh = (view: View): string =>
  view.soundCount === 0
    ? "no sound vantage is looking at it"
    : `none of ${view.soundCount} sound vantages has fresh evidence`;
export const paused = (): string => "paused by its operator: nobody looks at it";
export const frozen = (share: string): string =>
  `${share} fell silent at once and no site explains it: the detector suspects itself and freezes its advice`;
export const tooFew = (view: View, tuning: Tuning): string =>
  `${tally(view) || "no vantage has looked since the last answer"}, too few to tell: ${neededVotes(view, tuning)} must agree`;
export const crashed = (view: View): string =>
  `${tally(view)}${details(view)}: the host answers, the process does not listen${exited(view)}`;

/** What its supervisor has said of it. */
const exited = ({ state }: View): string => {
  const { notice } = state;
  if (notice === null || !isSaidGone(state)) return "";
  const how = notice.kind === "stop" ? "it was stopped in order" : "it crashed";
  return `, and its supervisor says that ${how}${notice.restarting ? " and is started again" : ""}`;
};
export const refusedTogether = (view: View): string =>
  `${tally(view)}, and so did every other target of the site at the same time: something in front of them refuses`;
export const refusedWithWitness = (view: View): string =>
  `${tally(view)}, and so was its witness, which had answered: something refuses for the whole host`;
export const rejected = (view: View): string => `${tally(view)}: nothing tells what became of the node`;
export const hung = (view: View): string => `${tally(view)}: the process holds its port and does not answer`;
export const witnessAnswers = (view: View): string =>
  `${tally(view)} while its witness on the same host answers`;
export const wrongEverywhere = (view: View): string => `${tally(view)}${details(view)}`;
export const mixed = (view: View): string => `${tally(view)}: they do not agree on how it fails`;
export const isolated = (view: View, around: Surroundings): string =>
  `${tally(view)}, yet ${around.signOfLife}`;
export const dead = (view: View, around: Surroundings): string =>
  `${tally(view)}${around.insideMisses ? ", an inside vantage neither" : ""}; ${around.sibling} answered them` +
  (around.insideMisses ? "" : ". From outside a dead host and a host cut off alone look the same");
export const siteSilent = (view: View, around: Surroundings): string =>
  `${tally(view)}, and none of the ${around.siblings + 1} targets of the site answers: nothing tells death from isolation`;
export const silentAlone = (view: View, around: Surroundings): string =>
  `${tally(view)}, and ${around.siblings === 0 ? "it has no sibling in its site" : "its siblings do not tell"}: nothing tells death from isolation`;
export const partitioned = (view: View, cut: string[]): string =>
  `${ofSound(cut.length, view)} (${cut.join(", ")}) ${cut.length === 1 ? "gets" : "get"} no answer, ${view.dissent.length} others do: the network between is cut`;
export const sometimesWrong = (view: View, health: Health): string =>
  `${health.wrong} of the last ${health.looked} probes failed${details(view)}, ${view.dissent.length} of ${view.soundCount} sound vantages got an expected answer last`;
export const lossy = (health: Health): string =>
  `${health.silent} of the last ${health.looked} probes got no answer, from ${health.silentFrom} vantages, and none is cut off for long`;
/** What became of a supervisor's word that its process is gone. */
export const contradicted = (view: View): string =>
  `the notice that its process exited (${view.state.notice?.kind}, boot ${view.state.notice?.bootId}) is contradicted: ${good(view)} since`;
export const good = (view: View): string => `${ofSound(view.dissent.length, view)} got the expected answer`;
export const recovering = (view: View): string =>
  `${ofSound(view.dissent.length, view)} got the expected answer again: settling`;

/**
 * While something is awaited: what is seen now, and what is awaited. The sentence of what stands was made from
 * other evidence, and would contradict that of now.
 */
export const awaiting = (view: View, what: string): string =>
  `${tally(view, view.counted) || "no sound vantage has fresh evidence"}; waiting: ${what}`;
