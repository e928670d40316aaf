import type { EvidenceEvent } from "../domain/evidence.ts";
import { judge, type Judgement } from "../verdict/judge.ts";
import type { ShardState } from "../verdict/memory/judge-state.ts";
import { TUNING } from "../verdict/tuning.ts";
import { heeded, voided } from "./setback.ts";

/**
 * What a shard's aggregator makes of `events` at `now` (epoch milliseconds), at the time and whenever it is judged again. By what was
 * seen before the clock was set back nothing is judged.
 */
export const judged = (before: ShardState, events: readonly EvidenceEvent[], now: number): Judgement =>
  judge(heeded(before.judgedAt, now).isSetBack ? voided(before, now) : before, events, now, TUNING);
