import type { JudgedTarget } from "../../src/domain/evidence.ts";
import type { Observation } from "../../src/domain/observation.ts";
import { type Condition, findingOf } from "./condition.ts";

/** A node of the scripted world, with what the test has set for it. */
export interface Placed {
  judged: JudgedTarget;
  condition: Condition;
  witness: Condition | null;
  /** The condition that these vantages see. */
  seenAs: Map<string, Condition>;
  probes: number;
  /** How long the node's healthy connects take, for vantages where that is measured. */
  connectMs: Map<string, number>;
}

/** One look: its vantage, its subject, its instant, and the drill that marks its failure. */
export interface Look {
  vantage: string;
  witness: boolean;
  begin: number;
  drill: { id: string; live: boolean } | null;
}

/** The finding of a look. It counts as a probe of the node, and some conditions change from probe to probe. */
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
