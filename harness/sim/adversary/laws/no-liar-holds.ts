import type { JudgedTarget } from "../../../../src/domain/evidence.ts";
import {
  type Breach,
  endOf,
  type Facts,
  type Law,
  type Span,
  targetsIn,
  withAlarms,
  type Word,
  wordsIn,
} from "../history.ts";
import { type Look, looksIn } from "../looks.ts";
import { filtered, withoutVantages } from "../without.ts";

/** From the end of a look until the judge receives it, milliseconds. */
const REPORT_MS = 3_000;
/** An interval until all have looked, two in which it is heard, and one in which all look again. */
const ROUNDS = 4;

/** How long a liar may hold back a failover in all. */
const heldMs = ({ intervalMs, timeoutMs }: JudgedTarget): number =>
  ROUNDS * intervalMs + timeoutMs + REPORT_MS;

const failovers = (words: readonly Word[], end: number): Span[] =>
  words.flatMap((word, index) =>
    word.failover && word.verdict === "process_crashed"
      ? [{ from: word.at, to: words[index + 1]?.at ?? end }]
      : [],
  );

/** So many of the others may meet something else than refusals: what is lost, or a path that is cut as well. */
const OTHERWISE_SHARE = 0.25;

/** In this time all vantages inside, and nearly all others outside, met only refusals. */
const isRefused = (looks: readonly Look[], liars: ReadonlySet<string>, { from, to }: Span): boolean => {
  const since = looks.filter(
    ({ begin, subject, vantage }) =>
      begin > from && begin < to && subject === "target" && !liars.has(vantage),
  );
  const [inside, outside] = [true, false].map((is) => [
    ...Map.groupBy(
      since.filter((one) => one.isInside === is),
      ({ vantage }) => vantage,
    ).values(),
  ]);
  const otherwise = (all: Look[][] = []): number =>
    all.filter((own) => own.some(({ outcome }) => outcome !== "refused")).length;
  return (
    (inside?.length ?? 0) > 0 &&
    otherwise(inside) === 0 &&
    otherwise(outside) <= OTHERWISE_SHARE * (outside?.length ?? 0)
  );
};

/** The liar never reports the truth in between, which takes longer to see through. */
const alwaysLies = (looks: readonly Look[], liars: ReadonlySet<string>, { from, to }: Span): boolean =>
  looks.every(
    ({ begin, outcome, subject, vantage }) =>
      !liars.has(vantage) || subject !== "target" || begin < from || begin > to || outcome === "ok",
  );

/** One vantage alone lies all the while, and all others are themselves. */
const isLoneLie = ({ lying = [], unsound, held }: Facts, { from, to }: Span): boolean => {
  const overlaps = (span: Span): boolean => span.from < to && span.to > from;
  const liars = new Set(lying.filter(overlaps).map(({ vantage }) => vantage));
  return (
    liars.size === 1 &&
    !held.some(overlaps) &&
    unsound.filter(overlaps).every(({ vantage }) => liars.has(vantage))
  );
};

/**
 * Held against the same history without a word of the liar. Only crashes that an inside vantage sees: without it a lie is the same as a path
 * of one's own past whatever refuses the others. And only those that go on refusing: who is silent besides may be cut off.
 */
export const noLiarHolds: Law = {
  name: "no-liar-holds",
  sentence:
    "a vantage that alone lies, in every look, holds back the failover of a crashed process, which goes on refusing the others and an inside vantage too, for four intervals, a timeout and a report at most",
  grain: "wholes",
  breaches: ({ moments, facts }, judge) => {
    const { lying = [] } = facts;
    if (lying.length === 0) return [];
    const end = endOf(moments);
    const liars = new Set(lying.map(({ vantage }) => vantage));
    const bare = wordsIn(withAlarms(judge, filtered(moments, withoutVantages(liars)), facts.held, end + 1));
    const looksOn = looksIn(moments);
    const words = wordsIn(moments);
    return [...targetsIn(moments)].flatMap(([key, target]): Breach[] => {
      const spanMs = heldMs(target);
      const said = failovers(words.get(key) ?? [], end);
      for (const { from, to } of failovers(bare.get(key) ?? [], end)) {
        const span = { from: from - spanMs, to: from + spanMs };
        if (to < span.to || !isLoneLie(facts, span)) continue;
        if (!isRefused(looksOn.get(key) ?? [], liars, { from, to: span.to })) continue;
        if (!alwaysLies(looksOn.get(key) ?? [], liars, { from, to: span.to })) continue;
        if (said.some((one) => one.from <= span.to && one.to >= from)) continue;
        const seconds = (spanMs / 1_000).toFixed(0);
        return [
          {
            key,
            at: span.to,
            says: `${[...liars].join(", ")} lies, and ${seconds} s after there would be a failover there is none`,
          },
        ];
      }
      return [];
    });
  },
};
