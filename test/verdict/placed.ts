import type { JudgedTarget } from "../../src/domain/evidence.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { type Condition, findingOf } from "./condition.ts";

/** A node of the scripted world, and what of it the test has set. */
export interface Placed {
  judged: JudgedTarget;
  condition: Condition;
  witness: Condition | null;
  /** Condition as these vantages see it. */
  seenAs: Map<string, Condition>;
  probes: number;
  /** How long its healthy connects take, where that is measured. */
  connectMs: Map<string, number>;
}

/** One look: from where, at what, when, and the drill that its failure is marked with. */
export interface Look {
  vantage: string;
  witness: boolean;
  begin: number;
  drill: { id: string; live: boolean } | null;
}

/** What the look finds. Counts as a probe of the node, some of whose conditions change from one to the next. */
export const observe = (node: Placed, { vantage, witness, begin, drill }: Look): Observation => {
  node.probes += 1;
  const seen = witness ? (node.witness ?? "ok") : (node.seenAs.get(vantage) ?? node.condition);
  const finding = findingOf(seen, node.probes);
  const { site, target } = node.judged;
  const connectMs = node.connectMs.get(vantage);
  return {
    ...finding,
    ...(connectMs === undefined || finding.outcome !== "ok" ? {} : { connectMs }),
    site,
    target,
    subject: witness ? "witness" : "target",
    begin,
    ...(drill === null || finding.outcome === "ok" ? {} : { drill }),
  };
};
