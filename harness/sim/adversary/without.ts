/** Events with something taken out of them, as if it had never been there. */
import type { EvidenceEvent } from "../../../src/domain/evidence.ts";
import type { Observation } from "../../../src/domain/observation.ts";
import type { Report } from "../../../src/domain/report.ts";
import type { Told } from "./history.ts";

/** What of each event is left; null for nothing. */
export type Filter = (event: EvidenceEvent) => EvidenceEvent | null;

/** The calls that still carry evidence, and those that never did. */
export const filtered = (told: readonly Told[], filter: Filter): Told[] =>
  told.flatMap(({ now, events }) => {
    const left = events.flatMap((event) => filter(event) ?? []);
    return left.length > 0 || events.length === 0 ? [{ now, events: left }] : [];
  });

/** Events with only those observations that `isKept`; an event without evidence still shows that its vantage is heard. */
export const withObservations =
  (isKept: (observation: Observation, report: Report) => boolean): Filter =>
  (event) => {
    if (event.kind !== "report") return event;
    const { report } = event;
    const observations = report.observations.filter((observation) => isKept(observation, report));
    return observations.length === report.observations.length
      ? event
      : { kind: "report", report: { ...report, observations } };
  };

const keyOf = ({ site, target }: { site: string; target: string }): string => `${site}/${target}`;

/** The target of an event, if it is about one target. */
const subjectOf = (event: EvidenceEvent): string | null => {
  switch (event.kind) {
    case "target":
      return keyOf(event.target);
    case "removed":
    case "override":
      return keyOf(event);
    case "heartbeat":
      return keyOf(event.heartbeat);
    case "notice":
      return keyOf(event.notice);
    default:
      return null;
  }
};

export const withoutTargets = (keys: ReadonlySet<string>): Filter => {
  const observed = withObservations((observation) => !keys.has(keyOf(observation)));
  return (event) => (keys.has(subjectOf(event) ?? "") ? null : observed(event));
};

export const withoutVantages =
  (ids: ReadonlySet<string>): Filter =>
  (event) => {
    if (event.kind === "report") return ids.has(event.report.vantage) ? null : event;
    if (event.kind === "roster")
      return { ...event, vantages: event.vantages.filter(({ id }) => !ids.has(id)) };
    if (event.kind !== "target") return event;
    const vantages = event.target.vantages.filter((id) => !ids.has(id));
    return { ...event, target: { ...event.target, vantages } };
  };
