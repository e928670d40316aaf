import type { Observation } from "../../src/domain/observation.ts";

/** How a node answers. */
export type Condition = "ok" | "refused" | "silent" | "hung" | "error" | "half" | "lossy" | "reset" | "body";

type Finding = Pick<Observation, "outcome" | "stage" | "totalMs"> & Partial<Observation>;

const FINDINGS: Record<Exclude<Condition, "half" | "lossy">, Finding> = {
  ok: { outcome: "ok", stage: "done", totalMs: 20 },
  refused: { outcome: "refused", stage: "connect", totalMs: 2 },
  silent: { outcome: "pending", stage: "connect", totalMs: 1_000 },
  hung: { outcome: "pending", stage: "response", totalMs: 1_000 },
  error: { outcome: "app_error", stage: "done", totalMs: 20, detail: "status 500" },
  reset: { outcome: "reset", stage: "response", totalMs: 20 },
  body: { outcome: "response_timeout", stage: "body", totalMs: 1_000 },
};

/** Conditions that change from probe to probe. */
const resolved = (seen: Condition, probes: number): Exclude<Condition, "half" | "lossy"> => {
  if (seen === "half") return probes % 2 === 0 ? "ok" : "error";
  if (seen === "lossy") return probes % 3 === 0 ? "silent" : "ok";
  return seen;
};

/** What the node's `probes`-th probe finds. */
export const findingOf = (seen: Condition, probes: number): Finding => FINDINGS[resolved(seen, probes)];
