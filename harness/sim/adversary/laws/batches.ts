import type { EvidenceEvent } from "../../../../src/domain/evidence.ts";
import { NEVER, type ShardState } from "../../../../src/verdict/memory/judge-state.ts";
import { TUNING } from "../../../../src/verdict/tuning.ts";
import type { Judge } from "../../parallax/aggregator.ts";
import { contradicts, saying } from "../compared.ts";
import { asTold, type Breach, type Law, type Moment, type Told, type Word, wordsIn } from "../history.ts";

/** What was waited for may come so long after the last of a backlog, milliseconds. */
const SETTLING_MS = 1_000;
const SHORTEST_ALARM_MS = 100;

/** What of one target stood before a backlog, what was said while it was taken, and what stands after it. */
interface Taken {
  name: string;
  moments: Moment[];
  end: ReadonlyMap<string, Word>;
}

const standingIn = (state: ShardState): Map<string, Word> =>
  new Map(
    [...state.targets].map(([key, { published }]) => [
      key,
      {
        at: 0,
        verdict: published.verdict,
        confirmed: published.confirmed,
        rule: published.rule,
        routing: published.advice.routing,
        failover: published.advice.failover,
      },
    ]),
  );

/** Everything at one instant, in these calls; and then the judge's own alarms for a moment. */
const taken = (
  judge: Judge,
  before: ShardState,
  name: string,
  calls: EvidenceEvent[][],
  now: number,
): Taken => {
  const told = calls.map((events): Told => ({ now, events }));
  const moments = asTold(judge, told, before);
  let state = moments.at(-1)?.state ?? before;
  for (let at = now; at < now + SETTLING_MS;) {
    const next = [...state.targets.values()].reduce((least, one) => Math.min(least, one.nextAt), NEVER);
    at = Math.max(next, at + SHORTEST_ALARM_MS);
    if (at < now + SETTLING_MS) ({ state } = judge(state, [], at, TUNING));
  }
  return { name, moments, end: standingIn(state) };
};

const vantageOf = (event: EvidenceEvent): string => (event.kind === "report" ? event.report.vantage : "");

/** Reports of each vantage in their order; the vantages themselves the other way round. What the nodes say comes first. */
const byVantage = (events: readonly EvidenceEvent[]): EvidenceEvent[][] => {
  const { [""]: said = [], ...own } = Object.fromEntries(Map.groupBy(events, vantageOf));
  const last = Object.entries(own).toSorted(([a], [b]) => (a < b ? 1 : -1));
  return [said, ...last.map(([, reports]) => reports)];
};

const hasWaited = (event: EvidenceEvent, now: number): boolean =>
  event.kind === "report" && event.report.madeAt < now - TUNING.awayMs;

const breachesOf = (before: ShardState, ways: Taken[], now: number): Breach[] => {
  const [first] = ways;
  if (first === undefined) return [];
  return [...before.targets.keys()].flatMap((key): Breach[] => {
    const standing = first.end.get(key);
    for (const { name, end } of ways) {
      const word = end.get(key);
      if (standing === undefined || word === undefined || saying(standing) === saying(word)) continue;
      const kind = `${saying(standing)}; ${saying(word)}`;
      return [
        { key, at: now, kind, says: `${first.name}: "${saying(standing)}"; ${name}: "${saying(word)}"` },
      ];
    }
    const stood = standingIn(before).get(key);
    for (const { name, moments, end } of ways)
      for (const word of wordsIn(moments).get(key) ?? []) {
        const last = end.get(key);
        if (last === undefined || !contradicts(last, word, stood)) continue;
        const says = `${name}: said "${saying(word)}" on the way to "${saying(last)}"`;
        return [{ key, at: now, kind: `${saying(word)}, then ${saying(last)}`, says }];
      }
    return [];
  });
};

export const batches: Law = {
  name: "batches",
  sentence:
    "a backlog ends in the same verdicts in one batch or many and in any order between vantages, and nothing is published on the way that its end contradicts",
  grain: "events",
  breaches: ({ moments, facts }, judge) =>
    facts.backlogs.flatMap(({ from, to }) => {
      const inside = moments.filter(({ now, events }) => now >= from && now <= to && events.length > 0);
      const before = moments.findLast(({ now }) => now < from)?.state;
      const events = inside.flatMap((one) => one.events);
      // Nothing is in another order where there is but one.
      if (before === undefined || events.length < 2) return [];
      const now = inside.at(-1)?.now ?? to;
      // Where nothing has waited for longer than a report may be on its way, every call is one of an ordinary day.
      if (!events.some((event) => hasWaited(event, now))) return [];
      const ways = [
        taken(judge, before, "in one batch", [events], now),
        taken(
          judge,
          before,
          "one by one",
          events.map((event) => [event]),
          now,
        ),
        taken(judge, before, "vantage by vantage", byVantage(events), now),
        taken(judge, before, "in one batch by vantage", [byVantage(events).flat()], now),
      ];
      return breachesOf(before, ways, now);
    }),
};
