import type { ShardState } from "../../src/verdict/memory/judge-state.ts";

/** Targets that most vantages' newest answers speak for: what the judge is measured against. */
export const majorities = (state: ShardState): number => {
  let alive = 0;
  for (const { edges } of state.targets.values()) {
    let good = 0;
    for (const { recent } of edges.values()) if (recent.at(-1)?.outcome === "ok") good += 1;
    if (good * 2 > edges.size) alive += 1;
  }
  return alive;
};
