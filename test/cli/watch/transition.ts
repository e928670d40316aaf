import type { ListedTransition } from "../../../src/domain/verdict.ts";
import { dead, verdictNow } from "../fake-detector.ts";

/** A transition as `GET /v1/transitions` lists it. */
export const transition = (changes: Partial<ListedTransition> = {}): ListedTransition => ({
  site: "fra",
  target: "db-1",
  sequence: 41,
  at: "2026-11-22T18:30:04.000Z",
  from: "alive",
  to: "node_dead",
  rule: "good",
  confirmed: true,
  confidence: 0.9997,
  because: "5 of 5 sound vantages got no answer",
  advice: dead().advice ?? verdictNow("fra", "db-1").advice,
  evidence: [],
  drill: null,
  override: null,
  by: null,
  told: [],
  ...changes,
});
