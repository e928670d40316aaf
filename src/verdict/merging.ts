/** Kinds of votes that mean the same in this episode. */
import type { Surroundings } from "./silence.ts";
import type { Kind, View } from "./votes.ts";

/** A probe the freeze caught in flight may have begun this long before another's last `ok` did. */
const IN_FLIGHT_MS = 1_000;

/**
 * What each kind is taken for. A frozen process accepts connections only until its
 * backlog is full, and is silent after that: once accepted-then-silent was seen since the last `ok`,
 * later silence is the same hang, unless a witness that had worked is silent too. And where most
 * refusals have come all the way from the host, it refuses, and the faster ones say nothing else.
 */
export const mergeFor = (view: View, around: Surroundings): ((kind: Kind) => Kind) => {
  const { failing, onset, state } = view;
  const seen = failing.filter(({ edge }) => {
    const since = Math.max(edge.lastOk ?? 0, onset - IN_FLIGHT_MS);
    return edge.recent.some((sighting) => sighting.begin > since && opened(sighting));
  }).length;
  const held = state.standing.verdict === "process_hung";
  const hang = !around.witnessSilent && (held || seen >= Math.min(2, failing.length));
  const refusing = failing.filter((vote) => vote.kind === "refused").length * 2 >= failing.length;
  return (kind) => {
    if (kind === "silent" && hang) return "hung";
    return kind === "rejected" && refusing ? "refused" : kind;
  };
};

const opened = (sighting: { outcome: string; stage: string }): boolean =>
  (sighting.outcome === "response_timeout" || sighting.outcome === "pending") &&
  (sighting.stage === "response" || sighting.stage === "tls");
