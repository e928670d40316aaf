import type { Advice, VerdictAnswer } from "../../src/domain/verdict.ts";
import { verdictOf } from "./fake.ts";
import { DB1, READ, world } from "./world.ts";

/** Advice of the judge. */
export const advice = (
  routing: "serve" | "avoid",
  failover = false,
  regions: Advice["regions"] = {},
): Advice => ({
  routing,
  regions,
  failover,
  reason: "so the judge holds",
});

/** A world in which fra/db-1 has been judged, and the status of one of its checks. */
export const stage = (changes: Partial<VerdictAnswer>, rehearsal = false) => {
  const staged = world();
  staged.aggregator.judge(verdictOf(changes), rehearsal);
  const status = async (kind: string) => (await staged.ask(`${DB1}/${kind}`, { headers: READ })).status;
  return { ...staged, status };
};
