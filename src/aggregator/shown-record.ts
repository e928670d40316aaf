/** What the judge was told, without the secrets that stand in URLs. */
import type { EvidenceEvent } from "../domain/evidence.ts";
import { maskedUrl } from "../domain/secrets.ts";
import { dumpState, loadState } from "../verdict/memory/target.ts";

/**
 * A URL as the judge may be told it in public. It asks of it alone whether it is another one, and a URL that differs in a secret is: the
 * assignment's version that first carries it tells them apart.
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

/** A memory of the judge as text, as it may be shown. */
export const shownState = (text: string): string => {
  const state = loadState(text);
  return dumpState({
    ...state,
    targets: new Map([...state.targets].map(([key, target]) => [key, shownTarget(target)])),
  });
};

/** The input of a judgement, as it may be shown. */
export const shownEvents = (events: readonly EvidenceEvent[]): EvidenceEvent[] =>
  events.map((event) => (event.kind === "target" ? shownTarget(event) : event));
