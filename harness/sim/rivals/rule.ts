/**
 * A comparator is a rule: who looks, how often, and what the results together mean. This file turns a rule
 * into a detector: it lets the checkers look, sorts the results by arrival and hands them to the rule.
 *
 * Probing goes an hour at a time, so that months fit into memory; only the rule's own work is timed.
 */
import type { Call, Detector } from "../detector.ts";
import type { Reality } from "../reality.ts";
import { arrivalOf, type Arrival, type Checker } from "./checker.ts";

/** Says that the rule holds the target down, or up, from `atMs` on. Repeating oneself is harmless. */
export type Say = (atMs: number, down: boolean) => void;

/** The rule's state for one target. */
export interface Opinion {
  weigh(arrival: Arrival, say: Say): void;
  /** Time alone has passed, up to `untilMs`. */
  wait?(untilMs: number, say: Say): void;
}

export interface Rule {
  readonly name: string;
  checkers(reality: Reality, key: string, fromMs: number): Checker[];
  /** A fresh opinion of one target, seen by so many checkers; it starts as "up". */
  opinion(checkers: number): Opinion;
}

const CHUNK_MS = 3_600_000;

interface Runner extends Checker {
  nextAt: number;
}

interface Tally {
  probes: number;
  observations: number;
  cpuMs: number;
}

/** Lets every checker look until `endMs`; results in order of arrival are appended to `arrivals`. */
const gather = (
  reality: Reality,
  key: string,
  runners: Runner[],
  endMs: number,
  arrivals: Arrival[],
): number => {
  let probes = 0;
  runners.forEach((runner, checker) => {
    while (runner.nextAt < endMs) {
      const beganAt = runner.nextAt;
      const look = reality.isRunning(runner.place, beganAt)
        ? runner.look(runner.place, key, beganAt)
        : undefined;
      runner.nextAt = Math.round(runner.pace(beganAt, look?.tookMs ?? 0));
      if (look === undefined) continue;
      probes += look.probes;
      const at = arrivalOf(reality, runner.place, beganAt + look.tookMs);
      if (at !== undefined) arrivals.push({ checker, beganAt, at, healthy: look.healthy });
    }
  });
  arrivals.sort((a, b) => a.at - b.at || a.beganAt - b.beganAt || a.checker - b.checker);
  return probes;
};

/** Hands over what arrived by `endMs` and keeps the rest. */
const decide = (opinion: Opinion, arrivals: Arrival[], endMs: number, say: Say, tally: Tally): Arrival[] => {
  let count = arrivals.findIndex((arrival) => arrival.at > endMs);
  if (count < 0) count = arrivals.length;
  const startedAt = performance.now();
  for (let i = 0; i < count; i += 1) opinion.weigh(arrivals[i]!, say);
  opinion.wait?.(endMs, say);
  tally.cpuMs += performance.now() - startedAt;
  tally.observations += count;
  return arrivals.slice(count);
};

const watch = (rule: Rule, reality: Reality, key: string, fromMs: number, untilMs: number, tally: Tally) => {
  const runners = rule
    .checkers(reality, key, fromMs)
    .map((checker) => ({ ...checker, nextAt: checker.firstAt }));
  const opinion = rule.opinion(runners.length);
  const calls: { at: number; down: boolean }[] = [];
  let isDown = false;
  const say: Say = (at, down) => {
    if (down === isDown) return;
    isDown = down;
    calls.push({ at, down });
  };
  let arrivals: Arrival[] = [];
  for (let endMs = Math.min(fromMs + CHUNK_MS, untilMs); ; endMs = Math.min(endMs + CHUNK_MS, untilMs)) {
    tally.probes += gather(reality, key, runners, endMs, arrivals);
    arrivals = decide(opinion, arrivals, endMs, say, tally);
    if (endMs >= untilMs) return calls;
  }
};

/**
 * The detector that follows a rule. It knows only "down": every call is `unreachable`, and `confirmed`
 * since none of these rules has a weaker word.
 */
export const detectBy = (rule: Rule): Detector => ({
  name: rule.name,
  run: (reality, fromMs, untilMs) => {
    const downs: Call[] = [];
    const ups: Call[] = [];
    const tally: Tally = { probes: 0, observations: 0, cpuMs: 0 };
    for (const { key } of reality.targets)
      for (const { at, down } of watch(rule, reality, key, fromMs, untilMs, tally)) {
        const call: Call = { key, at, label: down ? "unreachable" : "alive", confirmed: true };
        (down ? downs : ups).push(call);
      }
    return { downs, ups, others: [], beliefs: [], ...tally };
  },
});
