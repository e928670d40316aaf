/**
 * How fast a detector was and how wrong. A call is measured against the truth of the moment and a
 * little before: what ended seconds ago may still be said.
 */
import type { Beliefs, Verdict } from "../../src/domain/verdict.ts";
import type { Call, Run } from "./detector.ts";
import type { Reality, TruthState } from "./reality.ts";
import type { Case } from "./scenario.ts";

/** A call is not wrong that was true so shortly ago: probes and timeouts take their time. */
const GRACE_MS = 15_000;
const GRACE_STEP_MS = 1_000;
/** What stands so long after the first fault counts for those nothing befell. */
const BYSTANDERS_AFTER_MS = 30_000;

export const DOWN: ReadonlySet<Verdict> = new Set([
  "process_crashed",
  "process_hung",
  "node_dead",
  "isolated",
  "unreachable",
]);

/** A call that should not have been made. */
export interface Mistake {
  kind: "wrong down" | "wrong dead" | "wrong label" | "missed";
  seed: number;
  key: string;
  label: Verdict;
  /** After the first fault, milliseconds. */
  afterMs: number;
  truth: TruthState;
}

/** Ten bins of the leading belief: how many, how sure, how often right. */
export interface Bin {
  count: number;
  confidence: number;
  right: number;
}

/** What many runs of one detector in one scenario add up to. Times in milliseconds. */
export interface Tally {
  scenario: string;
  detector: string;
  seeds: number;
  cases: number;
  /** Until it is called: down where it should be avoided, else by an expected label. Missed ones left out. */
  detectedMs: number[];
  /** Until an expected label stands. */
  namedMs: number[];
  /** From the fault's end until `alive` again. */
  recoveredMs: number[];
  missed: number;
  wrongDowns: number;
  /** Confirmed `node_dead` or `process_crashed` that was false. */
  wrongDead: number;
  /** The same two labels, false, confirmed or not. */
  wrongLabels: number;
  /** Calls of `partitioned`, and how many of them while some paths were cut and others not. */
  partitionsSaid: number;
  partitionsRight: number;
  /** Changes of label after the first call of a case. */
  flips: number;
  /** By expected class, by what stood at the end. */
  confusion: Record<string, Record<string, number>>;
  brierSum: number;
  beliefs: number;
  bins: Bin[];
  probes: number;
  targetHours: number;
  observations: number;
  cpuMs: number;
  mistakes: Mistake[];
}

export const emptyTally = (scenario: string, detector: string): Tally => ({
  scenario,
  detector,
  seeds: 0,
  cases: 0,
  detectedMs: [],
  namedMs: [],
  recoveredMs: [],
  missed: 0,
  wrongDowns: 0,
  wrongDead: 0,
  wrongLabels: 0,
  partitionsSaid: 0,
  partitionsRight: 0,
  flips: 0,
  confusion: {},
  brierSum: 0,
  beliefs: 0,
  bins: Array.from({ length: 10 }, () => ({ count: 0, confidence: 0, right: 0 })),
  probes: 0,
  targetHours: 0,
  observations: 0,
  cpuMs: 0,
  mistakes: [],
});

/** Adds one run to a tally. */
export const addRun = (tally: Tally, reality: Reality, run: Run): void => {
  tally.seeds += 1;
  tally.probes += run.probes;
  tally.targetHours += (reality.targets.length * (reality.endsAt - reality.beginsAt)) / 3_600_000;
  tally.observations += run.observations;
  tally.cpuMs += run.cpuMs;
  const calls = callsByKey(run);
  for (const one of reality.cases) addCase(tally, reality, one, calls.get(one.key) ?? []);
  addBystanders(tally, reality, calls);
  for (const [key, of] of calls) addWrong(tally, reality, key, of);
  addPartitions(tally, reality, run);
  addBeliefs(tally, reality, run);
};

const callsByKey = (run: Run): Map<string, Call[]> =>
  Map.groupBy(
    [...run.downs, ...run.ups, ...run.others].toSorted((a, b) => a.at - b.at),
    ({ key }) => key,
  );

/** What stands at `at`; `alive` before the first call. */
const standingAt = (calls: readonly Call[], at: number): Verdict =>
  calls.findLast((call) => call.at <= at)?.label ?? "alive";

/** How long after `from` a label stands that holds; null where none does before `to`. */
const firstAfterMs = (
  calls: readonly Call[],
  from: number,
  to: number,
  holds: (label: Verdict) => boolean,
): number | null => {
  if (holds(standingAt(calls, from))) return 0;
  const call = calls.find(({ at, label }) => at > from && at <= to && holds(label));
  return call === undefined ? null : call.at - from;
};

const addCase = (tally: Tally, reality: Reality, one: Case, calls: readonly Call[]): void => {
  const { key, from, to, expected } = one;
  const isExpected = (label: Verdict): boolean => expected.includes(label);
  const isCalled = DOWN.has(expected[0] as Verdict) ? (label: Verdict) => DOWN.has(label) : isExpected;
  tally.cases += 1;
  const detectedMs = firstAfterMs(calls, from, to, isCalled);
  if (detectedMs === null) {
    tally.missed += 1;
    note(tally, reality, "missed", { key, at: to, label: standingAt(calls, to), confirmed: false });
  } else tally.detectedMs.push(detectedMs);
  const namedMs = firstAfterMs(calls, from, to, isExpected);
  if (namedMs !== null) tally.namedMs.push(namedMs);
  const recoveredMs = firstAfterMs(calls, to, reality.endsAt, (label) => label === "alive");
  if (detectedMs !== null && recoveredMs !== null) tally.recoveredMs.push(recoveredMs);
  const during = calls.filter(({ at }) => at > from && at <= to);
  tally.flips += Math.max(0, during.length - 1);
  const last = standingAt(calls, to);
  confuse(tally, expected[0] as Verdict, isExpected(last) ? (expected[0] as Verdict) : last);
};

const addBystanders = (tally: Tally, reality: Reality, calls: ReadonlyMap<string, Call[]>): void => {
  const concerned = new Set(reality.cases.map(({ key }) => key));
  const at = reality.faultAt + BYSTANDERS_AFTER_MS;
  for (const { key } of reality.targets)
    if (!concerned.has(key) && recentStates(reality, key, at).every((state) => state === "up"))
      confuse(tally, "alive", standingAt(calls.get(key) ?? [], at));
};

const confuse = (tally: Tally, truth: Verdict, said: Verdict): void => {
  const row = (tally.confusion[truth] ??= {});
  row[said] = (row[said] ?? 0) + 1;
};

/** The states of a target at an instant and within the grace before it, newest first. */
const recentStates = (reality: Reality, key: string, at: number): TruthState[] => {
  const states: TruthState[] = [];
  for (let ago = 0; ago <= GRACE_MS && at - ago >= reality.beginsAt; ago += GRACE_STEP_MS)
    states.push(reality.truth(key, at - ago).state);
  return states;
};

const addWrong = (tally: Tally, reality: Reality, key: string, calls: readonly Call[]): void => {
  let wasDown = false;
  for (const call of calls) {
    const isDown = DOWN.has(call.label);
    if (isDown) {
      const states = recentStates(reality, key, call.at);
      if (!wasDown && states.every((state) => state === "up")) {
        tally.wrongDowns += 1;
        note(tally, reality, "wrong down", call);
      }
      if (isFalse(call.label, states)) {
        tally.wrongLabels += 1;
        if (call.confirmed) tally.wrongDead += 1;
        note(tally, reality, call.confirmed ? "wrong dead" : "wrong label", call);
      }
    }
    wasDown = isDown;
  }
};

const addPartitions = (tally: Tally, reality: Reality, run: Run): void => {
  const outside = reality.places.filter(({ site }) => site === undefined).length;
  const isParted = (key: string, at: number): boolean => {
    const { state, reachableFrom } = reality.truth(key, at);
    return state === "up" && reachableFrom.length > 0 && reachableFrom.length < outside;
  };
  for (const { key, at, label } of run.others) {
    if (label !== "partitioned") continue;
    tally.partitionsSaid += 1;
    if (isParted(key, at) || isParted(key, at - GRACE_MS)) tally.partitionsRight += 1;
  }
};

const isFalse = (label: Verdict, states: readonly TruthState[]): boolean =>
  (label === "node_dead" && !states.includes("dead")) ||
  (label === "process_crashed" && !states.includes("crashed"));

const note = (tally: Tally, reality: Reality, kind: Mistake["kind"], call: Call): void => {
  tally.mistakes.push({
    kind,
    seed: reality.seed,
    key: call.key,
    label: call.label,
    afterMs: call.at - reality.faultAt,
    truth: reality.truth(call.key, call.at).state,
  });
};

const BELIEF_IN: Record<TruthState, keyof Beliefs> = {
  up: "up",
  crashed: "crashed",
  dead: "dead",
  hung: "hung",
  gray: "gray",
  isolated: "cut",
  "site-cut": "cut",
};

/** Brier's score (1950) over all classes, 0 at best and 2 at worst, and the reliability of the leading belief. */
const addBeliefs = (tally: Tally, reality: Reality, run: Run): void => {
  for (const { key, at, beliefs } of run.beliefs) {
    const truth = BELIEF_IN[reality.truth(key, at).state];
    let score = 0;
    let leading: keyof Beliefs = "up";
    for (const name of Object.keys(beliefs) as (keyof Beliefs)[]) {
      score += (beliefs[name] - (name === truth ? 1 : 0)) ** 2;
      if (beliefs[name] > beliefs[leading]) leading = name;
    }
    tally.brierSum += score;
    tally.beliefs += 1;
    const bin = tally.bins[Math.min(9, Math.floor(beliefs[leading] * 10))] as Bin;
    bin.count += 1;
    bin.confidence += beliefs[leading];
    if (leading === truth) bin.right += 1;
  }
};
