import type { EvidenceEvent } from "../domain/evidence.ts";
import { judge, type Judgement } from "../verdict/judge.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { heeded, voided } from "./setback.ts";

/**
 * What a shard's aggregator concludes from `events` at `now` (epoch milliseconds), at the time and at every replay. What was seen before
 * the clock was set back does not count.
 */
export const judged = (before: ShardState, events: readonly EvidenceEvent[], now: number): Judgement =>
  judge(heeded(before.judgedAt, now).isSetBack ? voided(before, now) : before, events, now, TUNING);
