import type { JudgedTarget } from "../../../../src/domain/evidence.ts";
import type { Vantage } from "../../../../src/domain/vantage.ts";
import type { Breach, Facts, Law, Moment } from "../history.ts";
import { targetsIn } from "../history.ts";
import { type Look, looksIn, rosterIn } from "../looks.ts";

/** From the end of a look until the judge receives it, milliseconds. */
const REPORT_MS = 3_000;
/** Sound vantages that must have looked, and where so many are sound: what the design asks for advice against a target. */
const QUORUM = 3;
const QUORUM_OF_MANY = 5;
const REGIONS_MIN = 2;
/** A single look each may have been lost. */
const LOOKS_MIN = 2;

/** Other rules hold if no vantage probes the target, an operator has set an override, or the detector suspects itself. */
const EXCUSED: ReadonlySet<string> = new Set(["frozen", "paused", "override", "nothing-fresh"]);

interface Watched {
  target: JudgedTarget;
  /** The looks that sound vantages outside have reported, in order. */
  looks: Look[];
  roster: Map<string, Vantage>;
}

/** Whether all sound vantages, and enough of them, have looked often enough since `from` and reported it by `now`, in vain. */
const isInVain = ({ target, looks, roster }: Watched, facts: Facts, from: number, now: number): boolean => {
  const unsound = new Set(
    facts.unsound.filter((one) => one.from < now && one.to > from).map(({ vantage }) => vantage),
  );
  const sound = target.vantages.filter(
    (id) => !unsound.has(id) && roster.has(id) && roster.get(id)?.site !== target.site,
  );
  const since = looks.filter(
    ({ begin, toldAt, outcome }) =>
      begin >= from &&
      toldAt <= now &&
      (outcome !== "pending" || begin + target.timeoutMs + REPORT_MS <= now),
  );
  if (since.some(({ outcome }) => outcome === "ok")) return false;
  const often = sound.filter((id) => since.filter(({ vantage }) => vantage === id).length >= LOOKS_MIN);
  const needed = target.policy.minVantages ?? (sound.length >= QUORUM_OF_MANY ? QUORUM_OF_MANY : QUORUM);
  const regions = new Set(often.map((id) => roster.get(id)?.region));
  const providers = new Set(often.map((id) => roster.get(id)?.provider));
  return (
    often.length === sound.length &&
    often.length >= needed &&
    regions.size >= REGIONS_MIN &&
    providers.size >= (target.policy.providers ?? 1)
  );
};

/** The collector stands still, or has been back for less than an interval: a vantage that has yet to catch up may have got an `ok`. */
const isCatchingUp = ({ held }: Facts, { intervalMs }: JudgedTarget, now: number): boolean =>
  held.some(({ from, to }) => from <= now && now <= to + intervalMs);

const standingOf = ({ state }: Moment, key: string): { serves: boolean; verdict: string; rule: string } => {
  const published = state.targets.get(key)?.published;
  return {
    serves: published?.advice.routing === "serve" && state.frozenSince === null,
    verdict: published?.verdict ?? "",
    rule: published?.rule ?? "",
  };
};

export const nobodyServedIsAvoided: Law = {
  name: "nobody-served-is-avoided",
  sentence:
    "where a quorum, and everybody sound outside, has looked twice in two intervals and a timeout and nobody got an `ok`, routing is not `serve`; but for an interval after an absence of the collector, which waits until all have caught up",
  grain: "events",
  breaches: ({ moments, facts }) => {
    const roster = rosterIn(moments);
    const looksOn = looksIn(moments);
    return [...targetsIn(moments)].flatMap(([key, target]): Breach[] => {
      const all = (looksOn.get(key) ?? []).filter(
        ({ subject, isInside }) => subject === "target" && !isInside,
      );
      const watched = { target, looks: all, roster };
      const spanMs = 2 * target.intervalMs + target.timeoutMs + REPORT_MS;
      let okAt = 0;
      let next = 0;
      for (const moment of moments) {
        const { now } = moment;
        for (; next < all.length && (all[next] as Look).toldAt <= now; next++) {
          const { outcome, begin } = all[next] as Look;
          if (outcome === "ok") okAt = Math.max(okAt, begin);
        }
        // What has never been served is not known to be one that serves.
        if (okAt === 0 || now - spanMs < okAt || isCatchingUp(facts, target, now)) continue;
        const { serves, verdict, rule } = standingOf(moment, key);
        if (!serves || EXCUSED.has(rule) || !isInVain(watched, facts, now - spanMs, now)) continue;
        const seconds = Math.round((now - okAt) / 1_000);
        return [
          { key, at: now, says: `${verdict} (${rule}) and \`serve\`, ${seconds} s after the last \`ok\`` },
        ];
      }
      return [];
    });
  },
};
