/**
 * `POST /v1/observations`: how a remote vantage and the detector talk over HTTPS. The same reports
 * and assignments as between the objects, with instants as RFC 3339.
 */
import { z } from "zod";
import { DrillAnswerSchema, type Drill } from "./drill.ts";
import { ExpectSchema } from "./expect.ts";
import { fromInstant, InstantSchema, toInstant } from "./instant.ts";
import { NameSchema } from "./name.ts";
import { ControlObservationSchema, ObservationSchema } from "./observation.ts";
import { ProbeRequestSchema, ReportSchema, type RemoteReply, type Report } from "./report.ts";

export const MAX_REPORTS = 20;
/** How long a request may be held until there is something to do. */
export const MAX_LISTEN_MS = 55_000;

const SentReportSchema = ReportSchema.omit({ vantage: true, refused: true }).extend({
  madeAt: InstantSchema,
  observations: z.array(ObservationSchema.extend({ begin: InstantSchema })).max(2_000),
  controls: z.array(ControlObservationSchema.extend({ begin: InstantSchema })).max(16),
});
type SentReport = z.infer<typeof SentReportSchema>;

/** The body of `POST /v1/observations`. */
export const ExchangeRequestSchema = z.strictObject({
  /** Each shard numbers and acknowledges reports of its own. */
  shard: z.int().min(0).max(1_023).default(0),
  /** Version of the assignment that the vantage works by; 0 before the first. */
  version: z.int().min(0),
  /** Without reports: hold the answer for this long while there is nothing to do. */
  waitMs: z.int().min(0).max(MAX_LISTEN_MS).default(0),
  /** Oldest first. */
  reports: z.array(SentReportSchema).max(MAX_REPORTS).default([]),
});
export type ExchangeRequest = z.infer<typeof ExchangeRequestSchema>;

const AssignedTargetSchema = z.object({
  site: NameSchema,
  target: NameSchema,
  url: z.string(),
  intervalMs: z.int(),
  timeoutMs: z.int(),
  expect: ExpectSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  witness: z.string().optional(),
  publicOnly: z.boolean().optional(),
  phase: z.number(),
});

const SentAssignmentSchema = z.object({
  version: z.int(),
  vantage: NameSchema,
  shard: z.int(),
  targets: z.array(AssignedTargetSchema),
  controls: z.array(z.string()),
  drills: z.array(DrillAnswerSchema),
});

/** The answer of `POST /v1/observations`. Fields that a newer detector adds are ignored. */
export const ExchangeReplySchema = z.object({
  acknowledged: z.int(),
  /** Newer than the request's version. */
  assignment: SentAssignmentSchema.optional(),
  /** Probes to make now. */
  wanted: z.array(ProbeRequestSchema),
  /** How many shards the vantage has to talk to. */
  shards: z.int(),
  /** The detector's time, by which a vantage corrects its own. */
  at: InstantSchema,
});
export type ExchangeReply = z.infer<typeof ExchangeReplySchema>;

const withInstants = (report: Omit<Report, "vantage" | "refused">): SentReport => ({
  ...report,
  madeAt: toInstant(report.madeAt),
  observations: report.observations.map((seen) => ({ ...seen, begin: toInstant(seen.begin) })),
  controls: report.controls.map((seen) => ({ ...seen, begin: toInstant(seen.begin) })),
});

/** Reports as they are sent. */
export const sentReports = (reports: Report[]): SentReport[] =>
  reports.map(({ vantage: _vantage, refused: _refused, ...report }) => withInstants(report));

/** Sent reports as the aggregator takes them. The vantage is the token's, whatever the reports contain. */
export const takenReports = (vantage: string, sent: SentReport[]): Report[] =>
  sent.map((report) => ({
    ...report,
    vantage,
    madeAt: fromInstant(report.madeAt),
    observations: report.observations.map((seen) => ({ ...seen, begin: fromInstant(seen.begin) })),
    controls: report.controls.map((seen) => ({ ...seen, begin: fromInstant(seen.begin) })),
  }));

/** The aggregator's reply in the form in which it is sent. */
export const sentReply = (
  { acknowledged, assignment, wanted }: RemoteReply,
  shards: number,
  now: number,
): ExchangeReply => ({
  acknowledged,
  wanted,
  shards,
  at: toInstant(now),
  ...(assignment === undefined
    ? {}
    : {
        assignment: {
          ...assignment,
          drills: assignment.drills.map(({ startsAt, endsAt, ...drill }) => ({
            ...drill,
            startsAt: toInstant(startsAt),
            endsAt: toInstant(endsAt),
          })),
        },
      }),
});

/** A reply in the form in which a vantage uses it. */
export const takenReply = ({ acknowledged, assignment, wanted }: ExchangeReply): RemoteReply => ({
  acknowledged,
  wanted,
  ...(assignment === undefined
    ? {}
    : {
        assignment: {
          ...assignment,
          drills: assignment.drills.map(({ startsAt, endsAt, ...drill }): Drill => ({
            ...drill,
            startsAt: fromInstant(startsAt),
            endsAt: fromInstant(endsAt),
          })),
        },
      }),
});
