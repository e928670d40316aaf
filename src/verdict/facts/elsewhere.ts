/**
 * What else has been heard since a target began to fail: before it is convicted, the way to it must be.
 *
 * Rejected: a refusing middlebox and our own provider's fault as causes in the inference. Both are known by what
 * everything else does at the same moment, which one look at it tells more surely than a prior.
 */
import { siblingsOf, targetsOf } from "../memory/sites.ts";
import type { Tuning } from "../tuning.ts";
import type { ShardState, Sighting, TargetState } from "../memory/state.ts";
import type { View } from "./view.ts";

/** What answered within this time before the trouble began would have answered since; milliseconds. */
const LATELY_MS = 60_000;
/** Probes of one burst begin within this time of each other. */
const SAME_TICK_MS = 250;
/** What was in flight when everything fell silent may still prove itself for so long. */
const IN_FLIGHT_MS = 1_000;
/** Vantages that must have been answered elsewhere: one may have lost a packet just before it lost everything. */
const HEARING = 2;

/**
 * Whether its own host refuses, and not something in front of the whole site, told by the siblings
 * looked at since: true where one of them answered and the target refused after that, false
 * where those that began to refuse with it are all there is, or may have, for too long to wait on;
 * null while that is open. An answer after the target's newest refusal tells nothing: the whole site
 * may just have come back.
 */
export const refusedAlone = (shard: ShardState, view: View, tuning: Tuning): boolean | null => {
  const siblings = siblingsOf(shard, view.state);
  if (siblings.length === 0) return true;
  // Who was refused with the others until now needs more than an answer that came at about the same time.
  const slackMs = view.state.standing.verdict === "unreachable" ? 0 : SAME_TICK_MS;
  const refusedAt = slackMs + Math.max(...view.failing.map(({ sighting }) => sighting.begin));
  let [answered, refused, together] = [false, false, false];
  for (const sibling of siblings) {
    const newest = newestOf(sibling, view);
    if (newest?.outcome === "ok") {
      if (newest.begin < refusedAt) return true;
      answered = true;
    } else if (newest !== null && !hadCrashed(sibling, view)) {
      refused = true;
      together ||= Math.abs(lastOkOf(sibling) - view.onset) <= tuning.togetherMs;
    }
  }
  if (together) return false;
  if (answered || view.now - view.failingSince < tuning.unheardMs) return null;
  return !refused;
};

/** Called crashed, or refused from two places at least, while the target still answered: it is no more than that host. */
const hadCrashed = (sibling: TargetState, { onset }: View): boolean => {
  if (sibling.standing.verdict === "process_crashed" && sibling.standing.since < onset) return true;
  const okAt = lastOkOf(sibling);
  const refusing = [...sibling.edges.values()].filter(({ recent }) =>
    recent.some(({ outcome, begin }) => outcome === "refused" && begin > okAt && begin < onset),
  );
  return refusing.length >= HEARING;
};

/** The newest answer or refusal of a sibling since the target began to fail, or null. */
const newestOf = ({ edges }: TargetState, { failing, failingSince }: View): Sighting | null => {
  let newest: Sighting | null = null;
  for (const { record } of failing) {
    const sighting = edges
      .get(record.vantage.id)
      ?.recent.findLast(({ outcome }) => outcome === "ok" || outcome === "refused");
    if (sighting !== undefined && sighting.begin >= Math.max(failingSince, newest?.begin ?? 0))
      newest = sighting;
  }
  return newest;
};

const lastOkOf = ({ edges }: TargetState): number => {
  let okAt = 0;
  for (const { lastOk } of edges.values()) okAt = Math.max(okAt, lastOk ?? 0);
  return okAt;
};

/**
 * Whether those who miss the target have been answered by anything else since they began to: by one or two
 * that is settled, whatever the others met, since who loses everything at once hears nothing more. Else, if
 * enough of what had answered until then does so no more, the likelier cause is on our side: fail-open.ts.
 */
export const isHeardElsewhere = (shard: ShardState, view: View, tuning: Tuning): boolean => {
  const { failing, failingSince, onset } = view;
  const hearing = failing.filter(({ edge, record }) => {
    const missedAt = edge.recent.find(({ begin }) => begin > onset)?.begin ?? view.now;
    return record.proof.at >= missedAt + IN_FLIGHT_MS;
  });
  if (hearing.length >= Math.min(HEARING, failing.length)) return true;
  const since = failingSince + IN_FLIGHT_MS;
  let fellSilent = 0;
  const count = (answeredAt: number, many: number): void => {
    if (answeredAt < since && answeredAt >= since - LATELY_MS) fellSilent += many;
  };
  for (const [site, { proof }] of shard.sites)
    if (site !== view.state.target.site) count(proof.at, targetsOf(shard, site).length);
  for (const { controls } of shard.vantages.values())
    for (const { answeredAt } of controls.values()) count(answeredAt, 1);
  return fellSilent < tuning.failOpenTargets;
};
