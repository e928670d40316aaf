import { fromInstant } from "../../domain/instant.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { Colour } from "../shared/output/paint.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";

/** A target as a line of the table. */
export interface Row {
  cells: string[];
  /** The rule that decided, and why; for the room that is left. */
  because: string;
  colour: Colour;
  /** The greater, the worse. */
  trouble: number;
}

export const HEADS = ["TARGET", "VERDICT", "FOR", "ADVICE", "REACHED"];

/** The most characters of a sentence of the judge. */
const LONGEST = 1_000;

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
] as const;

/** `3h12m`: the two largest units. */
export const durationIn = (ms: number): string => {
  let left = Math.max(0, Math.floor(ms / 1_000));
  const parts = UNITS.map(([unit, seconds]) => {
    const count = Math.floor(left / seconds);
    left -= count * seconds;
    return { count, text: `${count}${unit}` };
  });
  const first = parts.findIndex(({ count }) => count > 0);
  if (first === -1) return "0s";
  return parts
    .slice(first, first + 2)
    .filter(({ count }) => count > 0)
    .map(({ text }) => text)
    .join("");
};

const verdictWord = ({ verdict, confirmed, stale, paused }: VerdictAnswer): string =>
  [
    verdict,
    verdict !== "alive" && verdict !== "unknown" && confirmed ? "confirmed" : "",
    stale ? "stale" : "",
    paused ? "paused" : "",
  ]
    .filter(Boolean)
    .join(" ");

const adviceWord = ({ advice, override, drill }: VerdictAnswer): string =>
  [
    advice.routing,
    advice.failover ? "failover" : "",
    override === null ? "" : "override",
    drill === null ? "" : "drill",
  ]
    .filter(Boolean)
    .join(" ");

const lookOf = ({ verdict, advice }: VerdictAnswer): { colour: Colour; trouble: number } => {
  if (advice.failover || advice.routing === "avoid") return { colour: "red", trouble: 3 };
  if (verdict === "alive") return { colour: "green", trouble: 0 };
  return { colour: "yellow", trouble: verdict === "unknown" ? 1 : 2 };
};

/** `now`: epoch milliseconds. */
export const rowOf = (verdict: VerdictAnswer, now: number): Row => {
  const { reachableFrom: near, unreachableFrom: cut, evidence } = verdict;
  const counted = new Set([...near, ...cut, ...evidence.map(({ vantage }) => vantage)]);
  return {
    cells: [
      nameOf(verdict),
      verdictWord(verdict),
      durationIn(now - fromInstant(verdict.since)),
      adviceWord(verdict),
      `${near.length}/${counted.size}`,
    ],
    because: inOneLine(`${verdict.rule}: ${verdict.because}`, LONGEST),
    ...lookOf(verdict),
  };
};
