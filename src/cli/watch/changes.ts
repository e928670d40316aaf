import type { ListedTransition, VerdictAnswer } from "../../domain/verdict.ts";
import type { Known, Outage } from "../shared/detector/verdict-snapshot.ts";
import { nameOf } from "../shared/arguments/place.ts";
import { inOneLine } from "../shared/output/trouble.ts";
import type { RecentPast } from "./recent-past.ts";

/** What has been shown so far. */
export interface SaidSoFar {
  known: Known | undefined;
  outage: Outage | undefined;
  /** The detector's own troubles, as it reports them. */
  reasons: readonly string[];
}

/** The fields of a line, for a present verdict or a past transition. */
type Said = Pick<
  ListedTransition,
  "site" | "target" | "confirmed" | "advice" | "sequence" | "rule" | "because" | "drill"
>;

const wordsOf = (said: Said, verdict: string): string => {
  const { confirmed, advice, sequence, rule, because, drill } = said;
  const words = [
    nameOf(said),
    verdict,
    confirmed ? "confirmed" : "unconfirmed",
    advice.routing,
    advice.failover ? "failover" : "no-failover",
    `seq=${sequence}`,
    ...(rule === null ? [] : [`rule=${rule}`]),
    ...(drill === null ? [] : [`drill=${drill}`]),
  ];
  return inOneLine(`${words.join(" ")}: ${because}`, 500);
};

/** Past transitions, oldest first, each with its time; and a line about missing ones. */
export const linesOf = ({ transitions, isCut, trouble }: RecentPast): string[] => [
  ...(trouble === undefined ? [] : [`what has been could not be read: ${trouble}`]),
  ...(isCut ? ["older transitions are left out"] : []),
  ...transitions.toReversed().map((one) => `${one.at} ${wordsOf(one, one.to)}`),
];

const outageLines = (before: Outage | undefined, after: Outage | undefined): string[] => {
  if ((before === undefined) === (after === undefined)) return [];
  return [after === undefined ? "detector reached again" : `detector not reached: ${after.why}`];
};

/** The subject of a reason. The counts and instants after the colon change with every reading and are not news. */
const kindOf = (reason: string): string => reason.split(":", 1)[0] ?? "";

const healthLines = (before: readonly string[], after: readonly string[]): string[] => {
  const known = new Set(before.map(kindOf));
  const news = after.filter((reason) => !known.has(kindOf(reason)));
  return [
    ...news.map((reason) => inOneLine(`detector: ${reason}`, 500)),
    ...(before.length > 0 && after.length === 0 ? ["detector: nothing is wrong with it any more"] : []),
  ];
};

/** A line for each target at first, then for each that has changed, appeared or disappeared, and for the detector's own trouble. */
export const linesBetween = (before: SaidSoFar, after: SaidSoFar): string[] => {
  const old = before.known?.verdicts ?? new Map<string, VerdictAnswer>();
  const fresh = after.known?.verdicts ?? old;
  const isNews = (verdict: VerdictAnswer): boolean => {
    const known = old.get(nameOf(verdict));
    return known?.sequence !== verdict.sequence || known.stale !== verdict.stale;
  };
  return [
    ...outageLines(before.outage, after.outage),
    ...(after.outage === undefined ? healthLines(before.reasons, after.reasons) : []),
    ...[...fresh.values()].filter(isNews).map((verdict) => wordsOf(verdict, verdict.verdict)),
    ...[...old.keys()].filter((name) => !fresh.has(name)).map((name) => `${name} removed`),
  ];
};
