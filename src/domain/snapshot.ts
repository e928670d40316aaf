import { z } from "zod";
import type { Load } from "./load.ts";
import type { WebhookTally } from "./rpc.ts";
import type { VantageAnswer } from "./vantage.ts";
import { VerdictAnswerSchema, type ShownObservation, type VerdictAnswer } from "./verdict.ts";

/** A look that is shown but not counted. */
export interface Aside extends Pick<ShownObservation, "outcome" | "totalMs"> {
  vantage: string;
}

/**
 * One target with its verdict and the parts of its configuration that exports need. Never a header; values in the query of its URL are
 * masked.
 */
export interface CountedTarget {
  /** What vantages that are not sound saw lately, which is not counted; absent if there is none, and from an older aggregator. */
  aside?: Aside[];
  /** Whether the verdict rests on a drill that is not `live`, so that automation must not act on it. */
  rehearsal: boolean;
  url: string;
  intervalMs: number;
  verdict: VerdictAnswer;
}

/**
 * The whole state of a shard, for lists, metrics and exports: the answer of an aggregator's `census`, as JSON. A shard's 500 targets take 1
 * to 5 MB of the 32 MiB that a call may carry.
 */
export interface ShardSnapshot {
  shard: number;
  /** By site, then target. */
  targets: CountedTarget[];
  vantages: VantageAnswer[];
  /** What this shard has sent, and has to send. */
  webhooks: WebhookTally[];
  load: Load;
  /** Counted since this object last started: from 0 again after a deploy. */
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
