/** What is asked of a run: each rule looks at what was published and at what was true. */
import { VERDICTS, type Verdict } from "../../../src/domain/verdict.ts";
import type { Word } from "../adversary/history.ts";
import type { Reality, TruthState } from "../reality.ts";
import type { Case } from "../scenario.ts";
import type { Lived, Rule, Wrong } from "./kind.ts";

/** What ended so shortly ago may still be said: looks and reports take their time. */
const GRACE_MS = 15_000;
const GRACE_STEP_MS = 500;

/** The states of a target at an instant and within the grace before it. */
const recentStates = (reality: Reality, key: string, at: number): Set<TruthState> => {
  const states = new Set<TruthState>();
  for (let ago = 0; ago <= GRACE_MS && at - ago >= reality.beginsAt; ago += GRACE_STEP_MS)
    states.add(reality.truth(key, at - ago).state);
  return states;
};

/** The causes that can be confirmed, and the state that makes each true. */
const CAUSES: Partial<Record<string, TruthState>> = {
  node_dead: "dead",
  process_crashed: "crashed",
  process_hung: "hung",
};
const FAILED: readonly TruthState[] = ["dead", "crashed", "hung"];

/** What stands at `from`, and everything that is said from then until `to`. */
const standingIn = (words: readonly Word[], from: number, to: number): Word[] => {
  const before = words.findLast(({ at }) => at <= from);
  const later = words.filter(({ at }) => at > from && at <= to);
  return before === undefined ? later : [{ ...before, at: from }, ...later];
};

const wordsOf = ({ words }: Lived, key: string): readonly Word[] => words.get(key) ?? [];

const isDown = (verdict: string): boolean => VERDICTS[verdict as Verdict].isDown;

/** Everything published from the first fault on that `isWrong` says is. */
const saidOf = (
  { reality, words }: Lived,
  isWrong: (word: Word, key: string) => boolean,
  says: (word: Word, key: string) => string,
): Wrong[] =>
  [...words].flatMap(([key, own]) =>
    own
      .filter((word) => word.at > reality.faultAt && isWrong(word, key))
      .map((word) => ({ key, at: word.at, says: says(word, key) })),
  );

const truthAt = ({ reality }: Lived, key: string, at: number): string => reality.truth(key, at).state;

/** A death, crash or hang is confirmed only where it is one. */
export const confirmsOnlyWhatIs: Rule = (lived) =>
  saidOf(
    lived,
    ({ verdict, confirmed, at }, key) => {
      const state = CAUSES[verdict];
      return confirmed && state !== undefined && !recentStates(lived.reality, key, at).has(state);
    },
    ({ verdict, at }, key) => `${verdict} is confirmed; the truth is ${truthAt(lived, key, at)}`,
  );

/** Failover is advised only of what is dead, has crashed or hangs. */
export const failsOverNoneThatLives: Rule = (lived) =>
  saidOf(
    lived,
    ({ failover, at }, key) => {
      const states = recentStates(lived.reality, key, at);
      return failover && !FAILED.some((state) => states.has(state));
    },
    ({ verdict, at }, key) => `failover by ${verdict}; the truth is ${truthAt(lived, key, at)}`,
  );

/** Failover is never advised, whatever is true. */
export const neverFailsOver: Rule = (lived) =>
  saidOf(
    lived,
    ({ failover }) => failover,
    ({ verdict }) => `failover by ${verdict}`,
  );

/** What no case names is served and known all the time. */
export const leavesOthersAlone: Rule = (lived) => {
  const concerned = new Set(lived.reality.cases.map(({ key }) => key));
  return saidOf(
    lived,
    ({ verdict, routing }, key) =>
      !concerned.has(key) && (routing === "avoid" || verdict === "unknown" || isDown(verdict)),
    ({ verdict, routing }) => `${verdict} and \`${routing}\` of a target that nothing is wrong with`,
  );
};

/** Of every case, or of those that count as `verdict` alone, what stands from `byMs` after it began until it ends. */
const throughout =
  (
    byMs: number,
    isWrong: (word: Word, one: Case) => boolean,
    says: (word: Word) => string,
    verdict?: Verdict,
  ): Rule =>
  (lived) =>
    lived.reality.cases
      .filter(({ expected }) => verdict === undefined || expected[0] === verdict)
      .flatMap((one): Wrong[] => {
        const stood = standingIn(wordsOf(lived, one.key), one.from + byMs, one.to);
        const wrong = stood.find((word) => isWrong(word, one));
        return wrong === undefined ? [] : [{ key: one.key, at: wrong.at, says: says(wrong) }];
      });

/** Every case is avoided from so long after its beginning until its end. */
export const avoidsWithin = (byMs: number, verdict?: Verdict): Rule =>
  throughout(
    byMs,
    ({ routing }) => routing !== "avoid",
    (word) => `${word.verdict} and \`${word.routing}\` though nobody is served`,
    verdict,
  );

/** Every case has one of its right names from so long after its beginning until its end. */
export const namesWithin = (byMs: number, verdict?: Verdict): Rule =>
  throughout(
    byMs,
    (word, { expected }) => !expected.includes(word.verdict as Verdict),
    (word) => `${word.verdict} (${word.rule}) is said of it`,
    verdict,
  );

/** The wrong name is not said of a case, not even for a moment. */
export const neverSays = (wrong: Verdict): Rule =>
  throughout(
    0,
    ({ verdict }) => verdict === wrong,
    () => `${wrong} is said of it`,
  );

/** How often the label turns between two instants. */
const turnsIn = (words: readonly Word[], from: number, to: number): Word[] =>
  words.filter(
    ({ at, verdict }, index) => at > from && at <= to && verdict !== (words[index - 1]?.verdict ?? "unknown"),
  );

/** Down or up, and then by its right name. */
const TURNS_MAX = 2;
/** What each look shows is left to chance, so its verdict may swing: as often as the adversary allows in a minute. */
const SWINGS_MAX = 12;
/** How many of the turns are printed. */
const TOLD_MAX = 6;

/** What is said until it is `alive` again: what follows has other reasons. */
const wayBack = (turns: readonly Word[]): readonly Word[] => {
  const back = turns.findIndex(({ verdict }) => verdict === "alive");
  return back < 0 ? turns : turns.slice(0, back + 1);
};

/** A verdict changes only so often while a case lasts, and at most twice on the way back. */
const changesAtMost =
  (turnsMax: number): Rule =>
  (lived) =>
    lived.reality.cases.flatMap(({ key, from, to }): Wrong[] => {
      const own = wordsOf(lived, key);
      const spans: [readonly Word[], number, string][] = [
        [turnsIn(own, from, to), turnsMax, "during"],
        [wayBack(turnsIn(own, to, lived.reality.endsAt)), TURNS_MAX, "after"],
      ];
      return spans.flatMap(([turns, most, when]) => {
        const first = turns[most];
        if (first === undefined) return [];
        const said = turns.slice(0, TOLD_MAX).map(({ verdict }) => verdict);
        const more = turns.length > TOLD_MAX ? ", …" : "";
        return [
          { key, at: first.at, says: `${turns.length} verdicts ${when} it: ${said.join(", ")}${more}` },
        ];
      });
    });

/** After a case it is `alive` within so long and stays it, and is not `unknown` on the way. */
export const recoversWithin =
  (byMs: number): Rule =>
  (lived) =>
    lived.reality.cases.flatMap(({ key, to }): Wrong[] => {
      const own = wordsOf(lived, key);
      const { endsAt } = lived.reality;
      const unknown = own.find(({ at, verdict }) => at > to && verdict === "unknown");
      if (unknown !== undefined) return [{ key, at: unknown.at, says: "unknown on the way back" }];
      const late = standingIn(own, to + byMs, endsAt).find(({ verdict }) => verdict !== "alive");
      return late === undefined ? [] : [{ key, at: late.at, says: `still ${late.verdict} after its end` }];
    });

const settles = changesAtMost(TURNS_MAX);

const HARMLESS: readonly Rule[] = [confirmsOnlyWhatIs, failsOverNoneThatLives, leavesOthersAlone];

/** What is asked of every kind. */
export const ALWAYS: readonly Rule[] = [...HARMLESS, settles];

/** The same where what each look shows is left to chance. */
export const ALWAYS_BY_CHANCE: readonly Rule[] = [...HARMLESS, changesAtMost(SWINGS_MAX)];
