/** The named schemas and the recurring parts of route descriptions, from which `/openapi.json` is made. */
import { z } from "zod";
import { AttemptRequestSchema, AttemptsAnswerSchema } from "../../domain/attempt.ts";
import { AuditAnswerSchema } from "../../domain/audit.ts";
import { DiscoverySchema, VerdictsAnswerSchema } from "../../domain/snapshot.ts";
import { DrillAnswerSchema, DrillRequestSchema, DrillsAnswerSchema } from "../../domain/drill.ts";
import { ExchangeReplySchema, ExchangeRequestSchema } from "../../domain/exchange.ts";
import {
  FreezeRequestSchema,
  GroupAnswerSchema,
  GroupBodySchema,
  GroupHistorySchema,
  GroupsAnswerSchema,
  LeaderAnswerSchema,
  LeaseAnswerSchema,
  LeaseRequestSchema,
  SwitchRequestSchema,
} from "../../domain/group.ts";
import { HealthAnswerSchema, TargetHealthSchema } from "../../domain/health.ts";
import { EvidenceAnswerSchema } from "../../domain/replay.ts";
import { HeardSchema, HeartbeatRequestSchema, NoticeRequestSchema } from "../../domain/heartbeat.ts";
import {
  JoinRequestSchema,
  JoinsAnswerSchema,
  NewJoinSchema,
  NewlyJoinedSchema,
  TradeRequestSchema,
} from "../../domain/join.ts";
import { MatrixAnswerSchema } from "../../domain/matrix.ts";
import { MuteAnswerSchema, MuteRequestSchema, MutesAnswerSchema } from "../../domain/mute.ts";
import { NameSchema } from "../../domain/name.ts";
import { OverrideRequestSchema } from "../../domain/override.ts";
import { ProblemSchema } from "../../domain/problem.ts";
import {
  SitesAnswerSchema,
  TargetAnswerSchema,
  TargetBodySchema,
  TargetPatchSchema,
  TargetsAnswerSchema,
} from "../../domain/target.ts";
import {
  NewTokenSchema,
  TokenRequestSchema,
  TokenRotationSchema,
  TokensAnswerSchema,
} from "../../domain/token.ts";
import { NewVantageSchema, VantageRequestSchema, VantagesAnswerSchema } from "../../domain/vantage.ts";
import {
  HistorySchema,
  ShownOverrideSchema,
  TransitionsAnswerSchema,
  VerdictAnswerSchema,
} from "../../domain/verdict.ts";
import {
  DeliveriesAnswerSchema,
  DeliveryIdSchema,
  NewWebhookSchema,
  WebhookAnswerSchema,
  WebhookMessageSchema,
  WebhookBodySchema,
  WebhooksAnswerSchema,
} from "../../domain/webhook.ts";

export const schemas = {
  Problem: ProblemSchema.meta({ id: "Problem" }),
  TargetRequest: TargetBodySchema.meta({ id: "TargetRequest" }),
  TargetPatch: TargetPatchSchema.meta({ id: "TargetPatch" }),
  Target: TargetAnswerSchema.meta({ id: "Target" }),
  Targets: TargetsAnswerSchema.meta({ id: "Targets" }),
  Sites: SitesAnswerSchema.meta({ id: "Sites" }),
  Verdict: VerdictAnswerSchema.meta({ id: "Verdict" }),
  Verdicts: VerdictsAnswerSchema.meta({ id: "Verdicts" }),
  Matrix: MatrixAnswerSchema.meta({ id: "Matrix" }),
  Discovery: DiscoverySchema.meta({ id: "Discovery" }),
  Audit: AuditAnswerSchema.meta({ id: "Audit" }),
  Transitions: TransitionsAnswerSchema.meta({ id: "Transitions" }),
  History: HistorySchema.meta({ id: "History" }),
  OverrideRequest: OverrideRequestSchema.meta({ id: "OverrideRequest" }),
  Override: ShownOverrideSchema.meta({ id: "Override" }),
  Vantages: VantagesAnswerSchema.meta({ id: "Vantages" }),
  VantageRequest: VantageRequestSchema.meta({ id: "VantageRequest" }),
  NewVantage: NewVantageSchema.meta({ id: "NewVantage" }),
  AttemptRequest: AttemptRequestSchema.meta({ id: "AttemptRequest" }),
  Attempts: AttemptsAnswerSchema.meta({ id: "Attempts" }),
  Exchange: ExchangeRequestSchema.meta({ id: "Exchange" }),
  ExchangeReply: ExchangeReplySchema.meta({ id: "ExchangeReply" }),
  Evidence: EvidenceAnswerSchema.meta({ id: "Evidence" }),
  Heartbeat: HeartbeatRequestSchema.meta({ id: "Heartbeat" }),
  Notice: NoticeRequestSchema.meta({ id: "Notice" }),
  Heard: HeardSchema.meta({ id: "Heard" }),
  TokenRequest: TokenRequestSchema.meta({ id: "TokenRequest" }),
  TokenRotation: TokenRotationSchema.meta({ id: "TokenRotation" }),
  NewToken: NewTokenSchema.meta({ id: "NewToken" }),
  Tokens: TokensAnswerSchema.meta({ id: "Tokens" }),
  JoinRequest: JoinRequestSchema.meta({ id: "JoinRequest" }),
  NewJoin: NewJoinSchema.meta({ id: "NewJoin" }),
  Joins: JoinsAnswerSchema.meta({ id: "Joins" }),
  TradeRequest: TradeRequestSchema.meta({ id: "TradeRequest" }),
  NewlyJoined: NewlyJoinedSchema.meta({ id: "NewlyJoined" }),
  DrillRequest: DrillRequestSchema.meta({ id: "DrillRequest" }),
  Drill: DrillAnswerSchema.meta({ id: "Drill" }),
  MuteRequest: MuteRequestSchema.meta({ id: "MuteRequest" }),
  Mute: MuteAnswerSchema.meta({ id: "Mute" }),
  Mutes: MutesAnswerSchema.meta({ id: "Mutes" }),
  GroupRequest: GroupBodySchema.meta({ id: "GroupRequest" }),
  Group: GroupAnswerSchema.meta({ id: "Group" }),
  Groups: GroupsAnswerSchema.meta({ id: "Groups" }),
  GroupHistory: GroupHistorySchema.meta({ id: "GroupHistory" }),
  Leader: LeaderAnswerSchema.meta({ id: "Leader" }),
  LeaseRequest: LeaseRequestSchema.meta({ id: "LeaseRequest" }),
  Lease: LeaseAnswerSchema.meta({ id: "Lease" }),
  SwitchRequest: SwitchRequestSchema.meta({ id: "SwitchRequest" }),
  FreezeRequest: FreezeRequestSchema.meta({ id: "FreezeRequest" }),
  Drills: DrillsAnswerSchema.meta({ id: "Drills" }),
  Health: HealthAnswerSchema.meta({ id: "Health" }),
  TargetHealth: TargetHealthSchema.meta({ id: "TargetHealth" }),
  WebhookRequest: WebhookBodySchema.meta({ id: "WebhookRequest" }),
  Webhook: WebhookAnswerSchema.meta({ id: "Webhook" }),
  NewWebhook: NewWebhookSchema.meta({ id: "NewWebhook" }),
  Webhooks: WebhooksAnswerSchema.meta({ id: "Webhooks" }),
  Deliveries: DeliveriesAnswerSchema.meta({ id: "Deliveries" }),
  DeliveryId: DeliveryIdSchema.meta({ id: "DeliveryId" }),
  WebhookMessage: WebhookMessageSchema.meta({ id: "WebhookMessage" }),
} as const;

export const SiteParams = z.object({ site: NameSchema });
export const SiteQuery = z.object({
  site: NameSchema.optional().meta({ description: "Of this site alone" }),
});
export const GroupParams = z.object({ group: NameSchema });
export const TargetParams = z.object({ site: NameSchema, target: NameSchema });
export const IdParams = z.object({ id: NameSchema });

/** The header of an answer that shows a secret. */
export const Unstored = z.object({ "Cache-Control": z.literal("no-store") });

/** Any token's scopes; `/healthz` and `/openapi.json` need none. */
export const security = [{ bearer: [] }, { basic: [] }];

const PROBLEMS = {
  400: "A field is wrong; `errors` names each",
  401: "No token, or an unknown one",
  403: "The token's scope does not allow this",
  404: "There is no such thing",
  409: "A conflict, or the capacity is used up",
  410: "It has expired",
  412: "If-Match does not hold",
  413: "The body is larger than 64 KiB, or 1 MiB where a vantage reports",
  415: "The content type is not application/json, or one that `Accept-Patch` names",
  503: "Our own trouble: the aggregator did not answer, or the deployment is misconfigured",
} as const;
type ProblemStatus = keyof typeof PROBLEMS;

const RetryAfter = z.object({
  "Retry-After": z.string().meta({ description: "Seconds after which asking again may help" }),
});

interface ProblemResponse {
  description: string;
  headers?: typeof RetryAfter;
  content: { "application/problem+json": { schema: typeof schemas.Problem } };
}

/** The problem answers of a route, for its `responses`. */
export const problems = <S extends ProblemStatus>(...statuses: S[]): Record<S, ProblemResponse> => {
  const content = { "application/problem+json": { schema: schemas.Problem } };
  const responses: Partial<Record<S, ProblemResponse>> = {};
  for (const status of statuses)
    responses[status] = {
      description: PROBLEMS[status],
      ...(status === 503 ? { headers: RetryAfter } : {}),
      content,
    };
  return responses as Record<S, ProblemResponse>;
};

/** A JSON answer or body. */
export const json = <S extends z.ZodType>(schema: S): { "application/json": { schema: S } } => ({
  "application/json": { schema },
});
