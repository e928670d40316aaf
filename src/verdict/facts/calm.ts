/** Which targets have to be judged in full, and which are as well as they were. */
import type { EvidenceEvent } from "../../domain/evidence.ts";
import { keysOf } from "../intake/intake.ts";
import { isSaidGone } from "../memory/node.ts";
import type { ShardState, TargetState, VantageRecord } from "../memory/state.ts";
import type { Tuning } from "../tuning.ts";
import { freshnessMs } from "./votes.ts";

/**
 * The usual case, at a fraction of the cost: everybody's newest look at a target was an `ok` and nothing is open. Its verdict
 * stands, and only how long it may be believed moves on; null where it must be judged in full. Rejected: leaving such targets
 * out altogether. Their verdicts would go stale under everybody's eyes.
 */
const calmed = (
  { frozenSince, vantages }: ShardState,
  state: TargetState,
  now: number,
  tuning: Tuning,
): TargetState | null => {
  if (frozenSince !== null || !isCalm(state)) return null;
  let looked = 0;
  for (const id of state.target.vantages)
    if (isOutside(vantages.get(id), state.target.site))
      looked = Math.max(looked, state.edges.get(id)?.recent.at(-1)?.begin ?? 0);
  const newest = Math.max(looked, state.asOf ?? 0);
  const until = newest + freshnessMs(state, tuning);
  if (looked === 0 || until < now) return null;
  // What was waited for has come, or it would not be calm.
  const told = state.waiting === null ? state : { ...state, waiting: null };
  return newest === state.asOf ? told : { ...told, asOf: newest, nextAt: until + 1 };
};

/** Whose looks a verdict rests on: what is served inside of its site alone may be out of everybody else's reach. */
const isOutside = (record: VantageRecord | undefined, site: string): boolean =>
  record?.state === "sound" && record.vantage.site !== site;

const isCalm = (state: TargetState): boolean => {
  const { announced, episodeAt, goodSince, override, silentAt, standing, target, troubled } = state;
  const isOpen = troubled || target.paused || override !== null || !announced;
  const isHealing =
    isSaidGone(state) ||
    episodeAt !== null ||
    goodSince !== null ||
    silentAt !== null ||
    state.bursts.count > 0;
  return !isOpen && !isHealing && standing.verdict === "alive" && state.published.verdict === "alive";
};

/** Of the targets that may have changed: those that are calm, with their freshness moved on, and those to be judged in full. */
export const sorted = (
  shard: ShardState,
  keys: Iterable<string>,
  events: readonly EvidenceEvent[],
  now: number,
  tuning: Tuning,
): Record<"calm" | "open", [string, TargetState][]> => {
  // What an operator or a node has said is looked at in full, however calm it looks.
  const told = new Set(events.flatMap((event) => (event.kind === "report" ? [] : keysOf(event))));
  const calm: [string, TargetState][] = [];
  const open: [string, TargetState][] = [];
  for (const key of keys) {
    const state = shard.targets.get(key);
    if (state === undefined) continue;
    const moved = told.has(key) ? null : calmed(shard, state, now, tuning);
    if (moved === null) open.push([key, state]);
    else if (moved !== state) calm.push([key, moved]);
  }
  return { calm, open };
};
