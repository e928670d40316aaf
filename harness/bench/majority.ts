import type { ShardState } from "../../src/verdict/memory/judge-state.ts";

/** Number of targets that most vantages' newest answers call alive. The judge is measured against this plain majority. */
export const majorities = (state: ShardState): number => {
  let alive = 0;
  for (const { edges } of state.targets.values()) {
    let good = 0;
    for (const { recent } of edges.values()) if (recent.at(-1)?.outcome === "ok") good += 1;
    if (good * 2 > edges.size) alive += 1;
  }
  return alive;
};
