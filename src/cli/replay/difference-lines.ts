/** A replay as lines of text. */
import { keyOf } from "../../domain/name.ts";
import { toInstant } from "../../domain/instant.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { PublishedTransition } from "../../domain/replay.ts";
import type { Difference } from "../../replay/compare.ts";
import { answerIn, type Rejudged } from "../../replay/rejudge.ts";
import { inOneLine } from "../shared/output/trouble.ts";

const adviceWord = ({ routing, failover }: { routing: string; failover: boolean }): string =>
  failover ? `${routing} failover` : routing;

const wordOf = ({ verdict, rule, confirmed, advice, sequence }: VerdictAnswer): string =>
  [
    String(sequence).padStart(5),
    verdict.padEnd(15),
    (confirmed ? "confirmed" : "").padEnd(9),
    adviceWord(advice).padEnd(14),
    rule,
  ].join("  ");

/** Consecutive judgements of one target with the same result. */
interface Run {
  at: number;
  word: string;
  because: string;
  count: number;
}

const lineOf = ({ at, word, because, count }: Run): string =>
  `${toInstant(at)}  ${word}: ${inOneLine(because)}${count > 1 ? `  ×${count}` : ""}`;

/**
 * A line for consecutive judgements of one target with the same result: the time of the first, the sequence, the verdict, the advice, the
 * rule, the sentence of the last, and how many there were.
 */
export function* judgementLines(judgements: Iterable<Rejudged>, key: string): Generator<string> {
  let run: Run | undefined;
  for (const { at, state } of judgements) {
    const answer = answerIn(state, key, at);
    if (answer === undefined) continue;
    const word = wordOf(answer);
    if (run !== undefined && run.word !== word) yield lineOf(run);
    const same: Run = run?.word === word ? run : { at, word, because: "", count: 0 };
    run = { ...same, because: answer.because, count: same.count + 1 };
  }
  if (run !== undefined) yield lineOf(run);
}

const told = (one: PublishedTransition | null): string =>
  one === null
    ? "nothing"
    : [one.at, one.to, one.confirmed ? "confirmed" : "", adviceWord(one.advice), one.rule ?? ""]
        .filter(Boolean)
        .join(" ");

/** A line for each difference. */
export const differenceLines = (differences: readonly Difference[]): string[] =>
  differences.map(({ published, replayed }) => {
    const { site = "", target = "", sequence = 0 } = published ?? replayed ?? {};
    return `${keyOf(site, target)} ${sequence}: published ${told(published)}; judged again ${told(replayed)}`;
  });
