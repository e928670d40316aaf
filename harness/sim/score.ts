/**
 * How fast a detector was and how wrong. A call is measured against the truth of the moment and a
 * little before: what ended seconds ago may still be said.
 */
import { type Beliefs, VERDICTS, type Verdict } from "../../src/domain/verdict.ts";
import type { Call, Run } from "./detector.ts";
import type { Reality, TruthState } from "./reality.ts";
import type { Case } from "./scenario.ts";
import { type Bin, confuse, type Mistake, type Tally } from "./tally.ts";

/** A call is not wrong that was true so shortly ago: probes and timeouts take their time. */
const GRACE_MS = 15_000;
const GRACE_STEP_MS = 1_000;
/** What stands so long after the first fault counts for those nothing befell. */
const BYSTANDERS_AFTER_MS = 30_000;

const isDown = (label: Verdict | undefined): boolean => label !== undefined && VERDICTS[label].isDown;

/** Adds one run to a tally. */
export const addRun = (tally: Tally, reality: Reality, run: Run): void => {
  tally.seeds += 1;
  tally.probes += run.probes;
  tally.targetHours += (reality.targets.length * (reality.endsAt - reality.beginsAt)) / 3_600_000;
  tally.observations += run.observations;
  tally.cpuMs += run.cpuMs;
  const calls = callsByKey(run);
  for (const one of reality.cases) {
    addCase(tally, reality, one, calls.get(one.key) ?? []);
    addSeen(tally, one, run);
  }
  addBystanders(tally, reality, calls);
  const wrongBefore = tally.wrongDead;
  for (const [key, of] of calls) addWrong(tally, reality, key, of);
  if (tally.wrongDead > wrongBefore) tally.runsWrongDead += 1;
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
  const isCalled = isDown(expected[0]) ? isDown : isExpected;
  tally.cases += 1;
  const detectedMs = firstAfterMs(calls, from, to, isCalled);
  if (detectedMs === null) {
    tally.missed += 1;
    note(tally, reality, "missed", { key, at: to, label: standingAt(calls, to), confirmed: false });
  } else tally.detectedMs.push(detectedMs);
  const namedMs = firstAfterMs(calls, from, to, isExpected);
  if (namedMs !== null) tally.namedMs.push(namedMs);
  else if (detectedMs !== null)
    note(tally, reality, "misnamed", { key, at: to, label: standingAt(calls, to), confirmed: false });
  const recoveredMs = firstAfterMs(calls, to, reality.endsAt, (label) => label === "alive");
  if (detectedMs !== null && recoveredMs !== null) tally.recoveredMs.push(recoveredMs);
  const during = calls.filter(({ at }) => at > from && at <= to);
  tally.flips += Math.max(0, during.length - 1);
  const last = standingAt(calls, to);
  confuse(tally, expected[0] as Verdict, isExpected(last) ? (expected[0] as Verdict) : last);
};

const addSeen = (tally: Tally, { key, from, to }: Case, { amiss = [] }: Run): void => {
  const times = amiss.filter((one) => one.key === key && one.at > from && one.at <= to).map(({ at }) => at);
  if (times.length > 0) tally.seenMs.push(Math.min(...times) - from);
};

const addBystanders = (tally: Tally, reality: Reality, calls: ReadonlyMap<string, Call[]>): void => {
  const concerned = new Set(reality.cases.map(({ key }) => key));
  const at = reality.faultAt + BYSTANDERS_AFTER_MS;
  const sayable: readonly Verdict[] = reality.others ?? ["alive"];
  const expected = sayable[0] as Verdict;
  for (const { key } of reality.targets) {
    const isCalm =
      !concerned.has(key) &&
      recentStates(reality, key, at).every((state) => state === "up") &&
      !wasParted(reality, key, at);
    if (!isCalm) continue;
    const said = standingAt(calls.get(key) ?? [], at);
    confuse(tally, expected, sayable.includes(said) ? expected : said);
  }
};

/** Whether it runs and some place reaches others and not it. A place that reaches nothing is in trouble itself. */
const isParted = (reality: Reality, key: string, at: number): boolean => {
  const { state, reachableFrom } = reality.truth(key, at);
  if (state !== "up" || reachableFrom.length === 0) return false;
  const working = new Set(reality.targets.flatMap((one) => reality.truth(one.key, at).reachableFrom));
  return reachableFrom.length < working.size;
};

/** The same, now or within the grace before. */
const wasParted = (reality: Reality, key: string, at: number): boolean =>
  isParted(reality, key, at) || isParted(reality, key, at - GRACE_MS);

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
    const down = isDown(call.label);
    if (down) {
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
    wasDown = down;
  }
};

const addPartitions = (tally: Tally, reality: Reality, run: Run): void => {
  for (const { key, at, label } of run.others) {
    if (label !== "partitioned") continue;
    tally.partitionsSaid += 1;
    if (wasParted(reality, key, at)) tally.partitionsRight += 1;
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
