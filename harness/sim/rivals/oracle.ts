/**
 * The oracle: a bound, not a detector anybody could build. It is told when each fault begins and ends and what it is, and
 * which places were sound; it is told nothing else, and calls the fault at the first instant at which
 * anything that reached the collector is different for it.
 *
 * A bound of what: of the delay of *any* detector that looks at this target on this schedule (every outside place
 * once an interval, evenly staggered) and is not right by luck. Before that instant all it could have received is what
 * it would have received without the fault. A detector that adds probes once it suspects something is bound too, since its
 * first suspicion cannot come earlier. It bounds delays in distribution, not seed by seed: other
 * detectors look at other phases. It is no bound for one with evidence of another kind: inside vantages, heartbeats, crash
 * notices, other targets of the site. Nor does it bound mistakes: it cannot make any.
 *
 * Silence is different from the instant at which that path's fastest recent answer would have been back: earlier
 * nobody could miss it, later one may well begin to. A probe under way when the fault begins counts too.
 */
import { VERDICTS, type Verdict } from "../../../src/domain/verdict.ts";
import type { Call, Detector, Run } from "../detector.ts";
import type { Reality, Seen, TruthState } from "../reality.ts";
import type { Case } from "../scenario.ts";
import { intervalFor, type Budget } from "./budget.ts";
import { arrivalOf, isTimeout, outsiders, type Checker } from "./checker.ts";
import { staggered } from "./stagger.ts";

/** What it is called among the detectors. */
export const ORACLE = "oracle";

const LABELS: Record<TruthState, Verdict> = {
  up: "alive",
  crashed: "process_crashed",
  dead: "node_dead",
  hung: "process_hung",
  gray: "gray",
  isolated: "isolated",
  "site-cut": "isolated",
};

/** From a change of a target's lot to the next one. */
interface Stretch {
  label: Verdict;
  before: TruthState;
  fromMs: number;
  untilMs: number;
  /** Places whose answers can differ for the change. */
  tellers: readonly string[];
}

const caseAt = (reality: Reality, key: string, atMs: number): Case | undefined =>
  reality.cases.find((one) => one.key === key && one.from <= atMs && atMs < one.to);

/** The right word is the one the evidence of this scenario allows, where that is known: a silent site is `unreachable`. */
const labelOf = (reality: Reality, key: string, atMs: number, state: TruthState): Verdict =>
  (state === "up" ? undefined : caseAt(reality, key, atMs)?.expected[0]) ?? LABELS[state];

/** Every change of a target's own state within the run. */
const changesOf = (reality: Reality, key: string, fromMs: number, untilMs: number): Stretch[] => {
  const stretches: Stretch[] = [];
  for (let endMs = untilMs; ;) {
    const { state, since } = reality.truth(key, endMs - 1);
    if (since <= fromMs) return stretches;
    const before = reality.truth(key, since - 1);
    stretches.push({
      label: labelOf(reality, key, since, state),
      before: before.state,
      fromMs: since,
      untilMs: endMs,
      tellers: state === "up" ? outsiders(reality).map(({ id }) => id) : before.reachableFrom,
    });
    endMs = since;
  }
};

/** Trouble on the way to a target that itself is up: the vantages that lost a path reveal its cut, all vantages reveal loss. */
const troublesOf = (reality: Reality, key: string, untilMs: number): Stretch[] =>
  reality.cases
    .filter((one) => one.key === key && reality.truth(key, one.from).state === "up")
    .flatMap(({ from, to, expected }): Stretch[] => {
      const before = reality.truth(key, from - 1).reachableFrom;
      const left = reality.truth(key, from).reachableFrom;
      const lost = before.filter((place) => !left.includes(place));
      const tellers = lost.length > 0 ? lost : before;
      return [
        { label: expected[0] ?? "alive", before: "up", fromMs: from, untilMs: to, tellers },
        { label: "alive", before: "up", fromMs: to, untilMs, tellers },
      ];
    });

/** Whether a probe's end is what the state before the change would have shown, too. */
const isOldNews = (before: TruthState, seen: Seen, slowestMs: number): boolean => {
  switch (before) {
    case "up":
    case "gray":
      return seen.outcome === "ok" && seen.tookMs <= slowestMs;
    case "crashed":
      return seen.outcome === "refused";
    case "hung":
      return seen.outcome === "response_timeout";
    case "dead":
    case "isolated":
    case "site-cut":
      return isTimeout(seen);
  }
};

const PAST_PROBES = 30;

interface Schedule extends Checker {
  intervalMs: number;
}

/** How fast and how slow this path's answers were of late. */
const paceBefore = (reality: Reality, schedule: Schedule, key: string, atMs: number) => {
  const { place, firstAt, intervalMs } = schedule;
  let fastestMs = Number.POSITIVE_INFINITY;
  let slowestMs = 0;
  let index = Math.floor((atMs - reality.timeoutMs - firstAt) / intervalMs);
  for (let left = PAST_PROBES; left > 0 && index >= 0; left -= 1, index -= 1) {
    const seen = reality.probe(place, key, firstAt + index * intervalMs, reality.timeoutMs);
    if (isTimeout(seen)) continue;
    fastestMs = Math.min(fastestMs, seen.tookMs);
    slowestMs = Math.max(slowestMs, seen.tookMs);
  }
  return { fastestMs: Number.isFinite(fastestMs) ? fastestMs : 0, slowestMs };
};

/** When the collector first holds something from this place that differs for the change. */
const newsFrom = (
  reality: Reality,
  schedule: Schedule,
  key: string,
  stretch: Stretch,
): number | undefined => {
  const { place, firstAt, intervalMs } = schedule;
  const { fastestMs, slowestMs } = paceBefore(reality, schedule, key, stretch.fromMs);
  // A recovery only shows in an answer; where everything was fine before, slowness is news only of gray.
  const patienceMs = stretch.label === "gray" ? slowestMs : Number.POSITIVE_INFINITY;
  const first = Math.max(0, Math.ceil((stretch.fromMs - reality.timeoutMs - firstAt) / intervalMs));
  for (let index = first; ; index += 1) {
    const beganAt = firstAt + index * intervalMs;
    if (beganAt >= stretch.untilMs) return undefined;
    if (!reality.isRunning(place, beganAt)) continue;
    const seen = reality.probe(place, key, beganAt, reality.timeoutMs);
    const isNews =
      stretch.label === "alive" ? seen.outcome === "ok" : !isOldNews(stretch.before, seen, patienceMs);
    const knownAt = beganAt + (isTimeout(seen) ? fastestMs : seen.tookMs);
    if (!isNews || knownAt <= stretch.fromMs) continue;
    const at = arrivalOf(reality, place, knownAt);
    if (at !== undefined) return at;
  }
};

const newsOf = (
  reality: Reality,
  schedules: Schedule[],
  key: string,
  stretch: Stretch,
): number | undefined => {
  const times = schedules
    .filter(({ place }) => stretch.tellers.includes(place))
    .map((schedule) => newsFrom(reality, schedule, key, stretch))
    .filter((at) => at !== undefined);
  const at = Math.min(...times);
  return at < stretch.untilMs ? at : undefined;
};

const follow = (reality: Reality, schedules: Schedule[], key: string, stretches: Stretch[], run: Run) => {
  let called: Verdict = "alive";
  for (const stretch of stretches) {
    const { label } = stretch;
    if (label === called) continue;
    const at = newsOf(reality, schedules, key, stretch);
    if (at === undefined) continue;
    const call: Call = { key, at, label, confirmed: true };
    if (label === "alive") run.ups.push(call);
    else if (VERDICTS[label].isDown) run.downs.push(call);
    else run.others.push(call);
    called = label;
  }
};

const countProbes = (schedules: Schedule[], untilMs: number): number =>
  schedules.reduce(
    (sum, { firstAt, intervalMs }) => sum + Math.max(0, Math.ceil((untilMs - firstAt) / intervalMs)),
    0,
  );

/** Its `cpuMs` is 0: it decides nothing, but is given the truth. */
export const oracle = (budget: Budget): Detector => ({
  name: ORACLE,
  run: (reality, fromMs, untilMs) => {
    const checkers = staggered(reality, fromMs, budget);
    const intervalMs = intervalFor(budget, checkers.length);
    const schedules = checkers.map((checker) => ({ ...checker, intervalMs }));
    const probes = countProbes(schedules, untilMs) * reality.targets.length;
    const run: Run = { downs: [], ups: [], others: [], beliefs: [], probes, observations: probes, cpuMs: 0 };
    for (const { key } of reality.targets) {
      const stretches = [
        ...changesOf(reality, key, fromMs, untilMs),
        ...troublesOf(reality, key, untilMs),
      ].toSorted((a, b) => a.fromMs - b.fromMs);
      follow(reality, schedules, key, stretches, run);
    }
    return run;
  },
});
