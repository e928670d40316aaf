/** The judge's input, without the secrets that stand in URLs. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { maskedUrl } from "../domain/secrets.ts";
import type { VantageRecord } from "../verdict/memory/judge-state.ts";
import { dumpState, loadState } from "../verdict/memory/target-state.ts";

/**
 * A URL without its secrets, for a judge that runs elsewhere. The judge only compares URLs. Two URLs that differ only in a secret would
 * look alike, so this adds the version of the assignment that first carried the URL.
 */
const shownUrl = (url: string, version: number): string => {
  const shown = maskedUrl(url);
  return shown === url ? url : `${shown}#${version}`;
};

type Told = Extract<EvidenceEvent, { kind: "target" }>;

const shownTarget = <T extends Pick<Told, "target" | "url" | "version">>(told: T): T => {
  const { witness } = told.target;
  return {
    ...told,
    url: shownUrl(told.url, told.version),
    target: {
      ...told.target,
      ...(witness === undefined ? {} : { witness: { ...witness, url: maskedUrl(witness.url) } }),
    },
  };
};

type Report = Extract<EvidenceEvent, { kind: "report" }>["report"];

/** Two controls that differ only in a secret count as one. */
const shownReport = (report: Report): Report => ({
  ...report,
  controls: report.controls.map((control) => ({ ...control, url: maskedUrl(control.url) })),
});

const shownVantage = (record: VantageRecord): VantageRecord => ({
  ...record,
  controls: new Map([...record.controls].map(([url, control]) => [maskedUrl(url), control])),
});

const mapped = <T>(known: ReadonlyMap<string, T>, change: (value: T) => T): Map<string, T> =>
  new Map([...known].map(([key, value]) => [key, change(value)]));

/** The text of a judge's memory, without secrets. */
export const shownState = (text: string): string => {
  const state = loadState(text);
  return dumpState({
    ...state,
    vantages: mapped(state.vantages, shownVantage),
    targets: mapped(state.targets, shownTarget),
  });
};

const mayHide = (event: EvidenceEvent): boolean =>
  event.kind === "target" ||
  (event.kind === "report" && event.report.controls.some(({ url }) => maskedUrl(url) !== url));

const shownEvent = (event: EvidenceEvent): EvidenceEvent => {
  if (event.kind === "target") return shownTarget(event);
  return event.kind === "report" ? { ...event, report: shownReport(event.report) } : event;
};

/** The input of a judgement, without secrets; the same array where there is nothing to hide. */
export const shownEvents = (events: EvidenceEvent[]): EvidenceEvent[] =>
  events.some(mayHide) ? events.map(shownEvent) : events;
