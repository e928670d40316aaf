/** The exports for programs of users: `import { Client } from "parallax/client"`. */
export type { Called, Failed, Refused } from "./called.ts";
export type { Check, CheckKind, CheckView } from "./check-calls.ts";
export { Client } from "./client.ts";
export type { StreamEvent, StreamOptions } from "./event-stream.ts";
export type { Leasing, Serving, TaggedGroup } from "./group-calls.ts";
export type { Place } from "./paths.ts";
export type { TaggedTarget, TargetPatch } from "./target-calls.ts";
export type { AttemptRequest, AttemptsAnswer } from "../domain/attempt.ts";
export type { DrillAnswer, DrillBody } from "../domain/drill.ts";
export type {
  GroupAnswer,
  GroupBody,
  GroupChange,
  GroupHistory,
  LeaderAnswer,
  LeaseAnswer,
} from "../domain/group.ts";
export type { HealthAnswer } from "../domain/health.ts";
export type { Join, JoinRequest, NewJoin, NewlyJoined, TradeRequest } from "../domain/join.ts";
export type { MatrixAnswer } from "../domain/matrix.ts";
export type { MuteAnswer, MuteRequest } from "../domain/mute.ts";
export type { OverrideRequest, ShownOverride } from "../domain/override.ts";
export type { SiteAnswer, TargetAnswer, TargetBody } from "../domain/target.ts";
export type { NewToken, TokenAnswer, TokenRequest } from "../domain/token.ts";
export type { NewVantage, VantageAnswer, VantageRequest } from "../domain/vantage.ts";
export type {
  Advice,
  History,
  ListedTransition,
  Transition,
  TransitionsAnswer,
  Verdict,
  VerdictAnswer,
} from "../domain/verdict.ts";
export type {
  Deliveries,
  Delivery,
  NewWebhook,
  TransitionData,
  WebhookAnswer,
  WebhookBody,
} from "../domain/webhook.ts";
