/** Evidence as the API shows it. */
import { toInstant } from "../../domain/instant.ts";
import type { ShownObservation } from "../../domain/verdict.ts";
import type { View } from "../facts/view.ts";

/** Each vantage's newest counted observation, by name of the vantage. */
export const shownEvidence = (view: View): ShownObservation[] =>
  [...view.counted, ...view.inside]
    .toSorted((a, b) => (a.record.vantage.id < b.record.vantage.id ? -1 : 1))
    .map(({ record, sighting }) => ({
      vantage: record.vantage.id,
      at: toInstant(sighting.begin),
      outcome: sighting.outcome,
      stage: sighting.stage,
      totalMs: Math.round(sighting.totalMs * 10) / 10,
      ...(sighting.detail === undefined ? {} : { detail: sighting.detail }),
    }));
