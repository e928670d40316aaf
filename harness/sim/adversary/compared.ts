/** Two histories of the same targets, held side by side. */
import { type Moment, type Word, wordsIn } from "./history.ts";

/** The parts of a verdict that clients act on. */
export const saying = ({ verdict, confirmed, routing, failover }: Word): string =>
  `${verdict}${confirmed ? ", confirmed" : ""}, ${routing}${failover ? ", failover" : ""}`;

/** Whether something new was said against a target, beyond what stood, that what stands at the end takes back. */
export const contradicts = (end: Word, said: Word, stood: Word | undefined): boolean =>
  (said.failover && stood?.failover !== true && !end.failover) ||
  (said.routing === "avoid" && stood?.routing !== "avoid" && end.routing === "serve") ||
  (said.confirmed &&
    said.routing === "avoid" &&
    said.verdict !== stood?.verdict &&
    said.verdict !== end.verdict);

/** What is said of a target, without words that say the same again. */
const turnsOf = (words: readonly Word[]): { at: number; says: string }[] => {
  const turns: { at: number; says: string }[] = [];
  for (const word of words)
    if (turns.at(-1)?.says !== saying(word)) turns.push({ at: word.at, says: saying(word) });
  return turns;
};

export interface Difference {
  key: string;
  at: number;
  one: string;
  other: string;
}

type Turn = ReturnType<typeof turnsOf>[number];

/** What is said beyond the end of a history. */
const NOTHING: Turn = { at: 0, says: "nothing more" };

const firstDifference = (
  a: readonly Turn[],
  b: readonly Turn[],
  withinMs: number,
): Omit<Difference, "key"> | null => {
  for (let index = 0; index < Math.max(a.length, b.length); index++) {
    const [left, right] = [a[index] ?? NOTHING, b[index] ?? NOTHING];
    const lateMs = right.at - left.at;
    const isSame = left.says === right.says;
    if (isSame && Math.abs(lateMs) <= withinMs) continue;
    const late = isSame ? ` ${(lateMs / 1_000).toFixed(1)} s later` : "";
    return { at: Math.max(left.at, right.at), one: left.says, other: `${right.says}${late}` };
  }
  return null;
};

/** Where two histories first say different things of a target, or say the same more than `withinMs` apart. */
export const firstDifferences = (
  one: readonly Moment[],
  other: readonly Moment[],
  withinMs: number,
): Difference[] => {
  const [ours, theirs] = [wordsIn(one), wordsIn(other)];
  return [...new Set([...ours.keys(), ...theirs.keys()])].flatMap((key): Difference[] => {
    const found = firstDifference(turnsOf(ours.get(key) ?? []), turnsOf(theirs.get(key) ?? []), withinMs);
    return found === null ? [] : [{ key, ...found }];
  });
};
