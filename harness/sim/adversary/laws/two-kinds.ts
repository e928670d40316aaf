import type { Change } from "../../../../src/verdict/memory/judge-state.ts";
import { type Breach, type Law, targetsIn, type Told } from "../history.ts";
import { honest, type Look, looksIn } from "../looks.ts";

/** A supervisor may speak this long before the last `ok` that was under way has come back, milliseconds. */
const NOTICE_MS = 10_000;

/** When the node itself said that its process has ended. */
const noticesIn = (told: readonly Told[]): Map<string, number[]> => {
  const notices = new Map<string, number[]>();
  for (const { now, events } of told)
    for (const event of events) {
      if (event.kind !== "notice" || event.notice.kind === "start") continue;
      const key = `${event.notice.site}/${event.notice.target}`;
      notices.set(key, [...(notices.get(key) ?? []), now]);
    }
  return notices;
};

const ANSWERS: ReadonlySet<string> = new Set(["ok", "app_error", "reset"]);

/** The witness has answered since, and not by a refusal: the host lives, and only this port refuses. */
const witnessed = (looks: readonly Look[], onset: number): boolean =>
  looks.some(({ subject, begin, outcome }) => subject === "witness" && begin > onset && ANSWERS.has(outcome));

/** A vantage inside that had been served is not served since. */
const missedInside = (looks: readonly Look[], onset: number): boolean => {
  const inside = looks.filter(({ subject, isInside }) => subject === "target" && isInside);
  return inside.some(
    ({ vantage, begin, outcome }) =>
      begin > onset &&
      outcome !== "ok" &&
      inside.some((one) => one.vantage === vantage && one.outcome === "ok" && one.begin < begin),
  );
};

export const twoKinds: Law = {
  name: "two-kinds",
  sentence:
    "a crash or a death is confirmed only with a second kind of evidence: its witness, its own notice, somebody inside, or `outsideProof`",
  grain: "events",
  breaches: ({ moments, facts }) => {
    const looksOn = looksIn(moments);
    const targets = targetsIn(moments);
    const notices = noticesIn(moments);
    const standing = new Map<string, string>();
    const breachOf = (now: number, { site, target, transition }: Change): Breach[] => {
      const { to, confirmed, rule } = transition;
      const isNamed = to === "process_crashed" || to === "node_dead";
      const key = `${site}/${target}`;
      // What stands already is said again where only its advice changes.
      const word = `${to}, ${confirmed}`;
      const isOld = standing.get(key) === word;
      standing.set(key, word);
      if (
        isOld ||
        !confirmed ||
        !isNamed ||
        rule === "override" ||
        targets.get(key)?.policy.outsideProof === true
      )
        return [];
      const looks = honest(looksOn.get(key) ?? [], facts).filter(({ toldAt }) => toldAt <= now);
      const onset = Math.max(
        0,
        ...looks
          .filter(({ subject, isInside, outcome }) => subject === "target" && !isInside && outcome === "ok")
          .map(({ begin }) => begin),
      );
      const isTold = notices.get(key)?.some((at) => at <= now && at >= onset - NOTICE_MS) ?? false;
      const isBorneOut =
        isTold || missedInside(looks, onset) || (to === "process_crashed" && witnessed(looks, onset));
      return isBorneOut
        ? []
        : [{ key, at: now, kind: to, says: `confirmed ${to} by what is seen from outside alone` }];
    };
    return moments.flatMap(({ now, changes }) => changes.flatMap((change) => breachOf(now, change)));
  },
};
