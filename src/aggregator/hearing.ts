/** How a node's own messages, heartbeats and notices, reach the judge. */
import type { Heard, HeartbeatRequest, NoticeRequest } from "../domain/heartbeat.ts";
import { fromInstant, toInstant } from "../domain/instant.ts";
import { keyOf } from "../domain/name.ts";
import { accepted, refused, type Result } from "../domain/problem.ts";
import { hasEnded, isBeating, isOver } from "../verdict/memory/node.ts";
import type { TargetState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { WORDS } from "./said.ts";
import type { Shard } from "./shard.ts";

/** A heartbeat this soon after another says nothing new and is ignored, so heartbeats that are sent more often cost nothing. */
const SHORTEST_GAP_MS = 250;
const noTarget = (site: string, target: string) =>
  refused("not-found", `site "${site}" has no target "${target}"`, "target");

const heard = (now: number, isAccepted: boolean, detail: string): Result<Heard> =>
  accepted({ accepted: isAccepted, detail, at: toInstant(now) });

const over = (now: number, state: TargetState, bootId: string): Result<Heard> =>
  heard(now, false, `ignored: boot ${bootId} is over, ${state.bootId ?? "another"} has followed it`);

/**
 * A heartbeat costs no row of its own: it goes to the judge with the next event, and at once where it may change a verdict. A heartbeat
 * that is lost with the object's memory is one missed heartbeat.
 */
export const hearHeartbeat = (
  shard: Shard,
  site: string,
  target: string,
  { bootId, everyMs, position }: HeartbeatRequest,
): Result<Heard> => {
  const key = keyOf(site, target);
  const state = shard.ledger.state.targets.get(key);
  if (state === undefined) return noTarget(site, target);
  const now = shard.now();
  if (isOver(state, bootId)) return over(now, state, bootId);
  if (position !== undefined) shard.said.notePosition(key, position);
  if (now - shard.said.lastBeat(key) < SHORTEST_GAP_MS)
    return heard(now, false, `ignored: the last one came less than ${SHORTEST_GAP_MS} ms ago`);
  const heartbeat = { site, target, bootId, at: now, ...(everyMs === undefined ? {} : { everyMs }) };
  const isAwaited = state.episodeAt !== null && (state.heartbeat?.at ?? 0) <= state.episodeAt;
  const isNews =
    state.heartbeat === null || state.bootId !== bootId || !isBeating(state.heartbeat, now, TUNING);
  // Beyond the allowance a heartbeat goes along with the next event, so that nobody can drown a node's own heartbeats.
  const isUrgent = (isAwaited || isNews) && shard.said.takeWord(key, now);
  shard.hear({ kind: "heartbeat", heartbeat }, isUrgent);
  return heard(now, true, "heard");
};

/** Passes a notice to the judge at once, which then has all vantages look at the target. */
export const hearNotice = (
  shard: Shard,
  site: string,
  target: string,
  { kind, bootId, at, restarting }: NoticeRequest,
): Result<Heard> => {
  const key = keyOf(site, target);
  const state = shard.ledger.state.targets.get(key);
  if (state === undefined) return noTarget(site, target);
  const now = shard.now();
  if (isOver(state, bootId)) return over(now, state, bootId);
  if (state.notice?.kind === kind && state.notice.bootId === bootId) return heard(now, true, "known already");
  if (kind === "start" && hasEnded(state, bootId))
    return heard(now, false, `ignored: boot ${bootId} has ended, as its ${state.notice?.kind} notice says`);
  if (!shard.said.takeWord(key, now))
    return heard(now, false, `ignored: more than ${WORDS.most} words at once, or one a second; say it again`);
  const happenedAt = at === undefined ? now : Math.min(fromInstant(at), now);
  shard.hear({ kind: "notice", notice: { site, target, kind, bootId, restarting, at: happenedAt } }, true);
  return heard(
    now,
    true,
    kind === "start" ? "noted: this boot runs now" : "noted: looked for now, from everywhere",
  );
};
