import { z } from "zod";
import type { Load } from "./load.ts";
import type { WebhookTally } from "./rpc.ts";
import type { VantageAnswer } from "./vantage.ts";
import { VerdictAnswerSchema, type ShownObservation, type VerdictAnswer } from "./verdict.ts";

/** A look that is shown and not counted. */
export interface Aside extends Pick<ShownObservation, "outcome" | "totalMs"> {
  vantage: string;
}

/** One target with what is held to be true of it, and what of its configuration exports need. Never a header, and the values in the query of its URL masked. */
export interface CountedTarget {
  /** What vantages that are not sound saw lately, which is not counted; absent where none did, and of an older aggregator. */
  aside?: Aside[];
  /** The verdict rests on a drill that is not `live`: nobody may act on it. */
  rehearsal: boolean;
  url: string;
  intervalMs: number;
  verdict: VerdictAnswer;
}

/**
 * A shard whole, for lists, metrics and exports: what `census` of an aggregator answers, as JSON. A shard's
 * 500 targets are 1 to 5 MB, of the 32 MiB a call may carry.
 */
export interface ShardSnapshot {
  shard: number;
  /** By site, then target. */
  targets: CountedTarget[];
  vantages: VantageAnswer[];
  /** What this shard has sent, and has to send. */
  webhooks: WebhookTally[];
  load: Load;
  /** Since this object was last started: what counts from 0 again after a deploy. */
  counters: Counters;
}

export interface Counters {
  /** Judgements that asked for probes out of turn, and how many probes. */
  bursts: number;
  burstProbes: number;
}

/** The answer of `GET /v1/verdicts`. */
export const VerdictsAnswerSchema = z.strictObject({ verdicts: z.array(VerdictAnswerSchema) });

/** The answer of `GET /v1/sd`, as Prometheus' `http_sd_config` reads it. */
export const DiscoverySchema = z.array(
  z.strictObject({
    /** `host:port`. */
    targets: z.array(z.string()),
    labels: z.record(z.string(), z.string()),
  }),
);
