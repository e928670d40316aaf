import { z } from "zod";
import { CONTROLS_MAX } from "./capacity.ts";
import type { Drill } from "./drill.ts";
import type { Expect } from "./kinds.ts";
import { NameSchema } from "./name.ts";
import { ControlObservationSchema, ObservationSchema, SubjectSchema } from "./observation.ts";

/** How a vantage keeps up with its schedule. */
export const ToldTurnsSchema = z.strictObject({
  /** Turns that came up since its last report, and those of them that passed without a look. */
  due: z.int().min(0),
  missed: z.int().min(0),
  /** How many looks may wait at once. */
  slots: z.int().min(1).max(1_024),
  /** For how long a look holds its slot, as a mean that moves slowly; absent while that is not known. */
  heldMs: z.int().min(0).max(60_000).optional(),
});
export type ToldTurns = z.infer<typeof ToldTurnsSchema>;

/** What a vantage saw in one tick. One call carries it, one row keeps it. */
export const ReportSchema = z.strictObject({
  vantage: NameSchema,
  /** Rises with every report of this vantage and is never used twice. */
  sequence: z.int().min(1),
  /** When the vantage made the report, epoch milliseconds by its own clock. */
  madeAt: z.int().min(0),
  /** How long after its due time the newest tick began, in milliseconds; absent if that is not known. */
  lateMs: z.int().min(0).optional(),
  /** Absent from a vantage too old to report it. */
  turns: ToldTurnsSchema.optional(),
  /** The version of the assignment that the vantage works by. */
  version: z.int().min(0),
  colo: z.string().max(16).optional(),
  /** Observations its outbox has had to drop since it first started. */
  dropped: z.int().min(0),
  observations: z.array(ObservationSchema).max(2_000),
  controls: z.array(ControlObservationSchema).max(CONTROLS_MAX),
  /** How many of its observations were not requested; added by the aggregator, whatever the vantage sends. */
  refused: z.int().min(1).optional(),
});
export type Report = z.infer<typeof ReportSchema>;

/** A probe that the judge wants at once. */
export const ProbeRequestSchema = z.strictObject({
  site: NameSchema,
  target: NameSchema,
  subject: SubjectSchema,
});
export type ProbeRequest = z.infer<typeof ProbeRequestSchema>;

/** One target as a vantage needs to know it. */
export interface AssignedTarget {
  site: string;
  target: string;
  url: string;
  intervalMs: number;
  timeoutMs: number;
  expect?: Expect | undefined;
  headers?: Record<string, string> | undefined;
  witness?: string | undefined;
  /** Whether the vantage must send nothing to a private place, nor to a name that leads to one by now. */
  publicOnly?: boolean | undefined;
  /** Share of the interval by which this vantage's ticks are shifted, 0 to 1: vantages look in turn. */
  phase: number;
}

/** A vantage's complete work. */
export interface Assignment {
  version: number;
  vantage: string;
  shard: number;
  targets: AssignedTarget[];
  controls: string[];
  drills: Drill[];
}

/** The URLs of everything that is to be probed. */
export const placesOf = ({ targets, controls }: Assignment): string[] => [
  ...targets.flatMap(({ url, witness }) => (witness === undefined ? [url] : [url, witness])),
  ...controls,
];

/** The aggregator's answer to reports. */
export interface ReportReply {
  /** The aggregator has taken all of this vantage's reports up to this sequence. */
  acknowledged: number;
  /** An assignment newer than the report's version. */
  assignment?: Assignment | undefined;
}

/**
 * The aggregator's answer to a remote vantage. The aggregator cannot call such a vantage, so the answer also carries the probes it wants.
 */
export interface RemoteReply extends ReportReply {
  wanted: ProbeRequest[];
}
