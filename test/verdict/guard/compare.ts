/**
 * The judge as it was beside the judge as it is, judgement by judgement. The one place of this folder
 * that knows where either stands.
 */
import { isDeepStrictEqual } from "node:util";
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import { answerOf } from "../../../src/verdict/answer.ts";
import { judge, type Judgement } from "../../../src/verdict/judge.ts";
import { loadState } from "../../../src/verdict/memory/snapshot.ts";
import { emptyState, type Change, type ShardState } from "../../../src/verdict/memory/state.ts";
import { TUNING, type Tuning } from "../../../src/verdict/tuning.ts";
import { fingerprint } from "./fingerprint.ts";
import { judge as judgeBefore } from "../before/judge.ts";
import { DEFAULT_POLICY as POLICY_BEFORE } from "../before/policy.ts";
import { emptyState as emptyBefore, type ShardState as StateBefore } from "../before/state.ts";

export { TUNING, type Tuning, type Judgement, type ShardState, type StateBefore };

/** What both remember of the same evidence. */
export interface Pair {
  state: ShardState;
  before: StateBefore;
}

export interface Compared {
  judgement: Judgement;
  after: Pair;
  /** What differs, for people; null where both come to the same. */
  difference: string | null;
  /** Of what the judge now says in full and what it answers then, which the old one cannot be asked: for another commit. */
  print: number;
}

export const emptyPair = (): Pair => ({ state: emptyState(), before: emptyBefore() });

/** Both begin with what a snapshot's text remembers; throws where it is none. */
export const pairOf = (text: string): Pair => ({
  state: loadState(text),
  before: JSON.parse(text, (_key, value: unknown) =>
    typeof value === "object" && value !== null && "$map" in value
      ? new Map(value.$map as [string, unknown][])
      : value,
  ) as StateBefore,
});

/** Confidence was not rounded before. */
const CONFIDENCE_OFF = 0.5e-5;

/** Lets both judge the same events at the same instant; neither state is changed. */
export const compare = (
  pair: Pair,
  events: readonly EvidenceEvent[],
  now: number,
  policy: Tuning = TUNING,
): Compared => {
  const judgement = judge(pair.state, events, now, policy);
  const then = judgeBefore(pair.before, events, now, policyBefore(policy));
  const after = { state: judgement.state, before: then.state };
  const differing = [
    ...differenceOf("transitions", judgement.changes.map(asBefore), then.changes.map(asBefore)),
    ...judgement.changes.flatMap(({ transition: { confidence } }, index) => {
      const old = then.changes[index]?.transition.confidence ?? -1;
      return Math.abs(confidence - old) < CONFIDENCE_OFF ? [] : [`confidence ${confidence}, was ${old}`];
    }),
    ...differenceOf("wanted", judgement.wanted, then.wanted),
    ...differenceOf("next instant", judgement.nextAt, then.nextAt),
  ];
  const difference = differing.length === 0 ? null : differing.join("; ");
  return { judgement, after, difference, print: printOf(judgement, now, policy) };
};

/** One judgement in so many is answered from, whatever it changes. */
const ANSWERED_EVERY = 4;

const printOf = ({ state, changes, wanted }: Judgement, now: number, policy: Tuning): number => {
  const keys = new Set(changes.map(({ site, target }) => `${site}/${target}`));
  const [turn, all] = [now / ANSWERED_EVERY, [...state.targets.keys()].toSorted()];
  const drawn = Number.isInteger(turn) ? all[turn % all.length] : undefined;
  if (drawn !== undefined) keys.add(drawn);
  const answers = [...keys].map((key) => answerOf(state, key, now, policy));
  return fingerprint([changes, wanted, answers]);
};

/** A transition without what it did not have before. */
const asBefore = ({ transition, ...change }: { transition: object }): unknown => ({
  ...change,
  transition: { ...transition, rule: null, confidence: null },
});

const differenceOf = (what: string, now: unknown, then: unknown): string[] => {
  const [is, was] = [JSON.stringify(now), JSON.stringify(then)];
  // The same fields in another order are the same.
  const isSame = is === was || isDeepStrictEqual(JSON.parse(is), JSON.parse(was));
  return isSame ? [] : [`${what} ${is}, was ${was}`];
};

const known = new WeakMap<Tuning, typeof POLICY_BEFORE>();

/** The old judge's numbers, but for those that this policy has otherwise than the usual one. */
const policyBefore = (policy: Tuning): typeof POLICY_BEFORE => {
  const found = known.get(policy);
  if (found !== undefined) return found;
  const changed = Object.entries(policy).filter(
    ([name, value]) => value !== (TUNING as unknown as Record<string, unknown>)[name],
  );
  for (const [name] of changed)
    if (!(name in POLICY_BEFORE)) throw new Error(`the old judge knows no ${name}`);
  const made = { ...POLICY_BEFORE, ...(Object.fromEntries(changed) as Partial<typeof POLICY_BEFORE>) };
  known.set(policy, made);
  return made;
};

/** The rules and verdicts of a judgement's transitions, to tell what was covered. */
export const saidBy = (changes: readonly Change[]): string[] =>
  changes.map(({ transition: { rule, to, confirmed } }) => `${to}${confirmed ? "!" : ""} by ${rule}`);
