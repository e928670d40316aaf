import type { VerdictAnswer } from "../../domain/verdict.ts";
import type { Known, Outage } from "../census.ts";
import { nameOf } from "../place.ts";
import { inOneLine } from "../trouble.ts";

/** What has been told so far. */
export interface Told {
  known: Known | undefined;
  outage: Outage | undefined;
}

const wordsOf = (verdict: VerdictAnswer): string => {
  const { confirmed, advice, sequence, because, drill } = verdict;
  const words = [
    nameOf(verdict),
    verdict.verdict,
    confirmed ? "confirmed" : "unconfirmed",
    advice.routing,
    advice.failover ? "failover" : "no-failover",
    `seq=${sequence}`,
    ...(drill === null ? [] : [`drill=${drill}`]),
  ];
  return inOneLine(`${words.join(" ")}: ${because}`, 500);
};

const outageLines = (before: Outage | undefined, after: Outage | undefined): string[] => {
  if ((before === undefined) === (after === undefined)) return [];
  return [after === undefined ? "detector reached again" : `detector not reached: ${after.why}`];
};

/** A line for each target at first, then for each that has changed, appeared or gone, and for the detector's own outage. */
export const linesBetween = (before: Told, after: Told): string[] => {
  const old = before.known?.verdicts ?? new Map<string, VerdictAnswer>();
  const fresh = after.known?.verdicts ?? old;
  const isNews = (verdict: VerdictAnswer): boolean => {
    const known = old.get(nameOf(verdict));
    return known?.sequence !== verdict.sequence || known.stale !== verdict.stale;
  };
  return [
    ...outageLines(before.outage, after.outage),
    ...[...fresh.values()].filter(isNews).map(wordsOf),
    ...[...old.keys()].filter((name) => !fresh.has(name)).map((name) => `${name} removed`),
  ];
};
