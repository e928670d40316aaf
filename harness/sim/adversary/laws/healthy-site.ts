import { saying } from "../compared.ts";
import { asTold, type Breach, type Law, type Moment, targetsIn } from "../history.ts";
import { filtered, withoutTargets } from "../without.ts";

/** More is known sooner where more is looked at; a report's time on top of a look, milliseconds. */
const REPORT_MS = 3_000;

/** Whether the two may rightly differ: the detector suspects itself in one of them, or a statement counts in one alone. */
const isExcused = (one: Moment, other: Moment): boolean => {
  const soundness = ({ state }: Moment): string =>
    [...state.vantages.values()].map((record) => record.state).join(" ");
  return (
    one.state.frozenSince !== null || other.state.frozenSince !== null || soundness(one) !== soundness(other)
  );
};

/** Both serve. Only what the vantages lose elsewhere shows whether packets are lost on some paths or on all. */
const UNSURE: ReadonlySet<string> = new Set(["gray", "partitioned"]);

const wordOf = ({ state }: Moment, key: string): string => {
  const published = state.targets.get(key)?.published;
  if (published === undefined) return "";
  const { confirmed, rule, advice } = published;
  const isUnsure = UNSURE.has(published.verdict) && advice.routing === "serve";
  const verdict = isUnsure ? [...UNSURE].join(" or ") : published.verdict;
  return saying({
    at: 0,
    verdict,
    confirmed: confirmed && !isUnsure,
    rule,
    routing: advice.routing,
    failover: advice.failover,
  });
};

/** The first difference in a target's verdict that lasts for `longMs`. */
const lasting = (
  key: string,
  longMs: number,
  whole: readonly Moment[],
  bare: readonly Moment[],
): Breach[] => {
  let since: number | null = null;
  for (const [index, one] of whole.entries()) {
    const other = bare[index] as Moment;
    const [said, without] = [wordOf(one, key), wordOf(other, key)];
    if (said === without || isExcused(one, other)) {
      since = null;
      continue;
    }
    since ??= one.now;
    if (one.now - since <= longMs) continue;
    return [
      { key, at: one.now, says: `"${said}"; without the healthy site "${without}", for ${longMs / 1_000} s` },
    ];
  }
  return [];
};

/**
 * Excepted: while more than half of everything is silent we suspect ourselves, and that depends on how much there is; a vantage
 * without controls is judged by how it fares at more than one site; and where there is no control at all, nothing but
 * another site can show that who hears nothing can hear. Gray and partitioned are one here.
 */
export const healthySite: Law = {
  name: "healthy-site",
  sentence:
    "what is said of a site does not hang on whether a healthy one is watched beside it, for longer than an interval, a timeout and a report",
  grain: "events",
  breaches: ({ moments, facts }, judge) => {
    const targets = targetsIn(moments);
    const isHale = (site: string): boolean => facts.hale.includes(site);
    const hale = [...targets].filter(([, { site }]) => isHale(site)).map(([key]) => key);
    const hasControls = moments.some(({ events }) =>
      events.some((event) => event.kind === "report" && event.report.controls.length > 0),
    );
    if (hale.length === 0 || hale.length === targets.size || !hasControls) return [];
    // Only the reports about the healthy are left out: both judges are called at the same instants.
    const without = withoutTargets(new Set(hale));
    const told = moments.map(({ now, events }) => ({
      now,
      events: filtered([{ now, events }], without)[0]?.events ?? [],
    }));
    const bare = asTold(judge, told);
    return [...targets].flatMap(([key, { site, intervalMs, timeoutMs }]) =>
      isHale(site) ? [] : lasting(key, intervalMs + timeoutMs + REPORT_MS, moments, bare),
    );
  },
};
