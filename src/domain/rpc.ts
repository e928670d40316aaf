import type { Asked, AuditEntry, Audited } from "./audit.ts";
import type { AttemptsAnswer, CompleteAttemptRequest } from "./attempt.ts";
import type { DrillAnswer, DrillRequest } from "./drill.ts";
import type { GoAhead } from "./go-ahead.ts";
import type {
  FreezeRequest,
  GroupAnswer,
  GroupHistory,
  GroupRequest,
  LeaderAnswer,
  LeaseAnswer,
  ListedGroup,
  MemberView,
  SwitchRequest,
} from "./group.ts";
import type { Heard, HeartbeatRequest, NoticeRequest } from "./heartbeat.ts";
import type { Join, JoinDraft, Trade, Traded } from "./join.ts";
import type { MuteAnswer, MuteRequest } from "./mute.ts";
import type { OverrideRequest, ShownOverride } from "./override.ts";
import type { Result } from "./problem.ts";
import type { Assignment, ProbeRequest, RemoteReply, Report, ReportReply } from "./report.ts";
import type { SaidAt, SiteAnswer, TargetAnswer, TargetConfig } from "./target.ts";
import type { Grant, TokenAnswer, TokenKey } from "./token.ts";
import type { Vantage, VantageAnswer } from "./vantage.ts";
import type { History, ListedTransition } from "./verdict.ts";
import type {
  Delivery,
  DeliveryState,
  Webhook,
  WebhookCounts,
  WebhookMessage,
  WebhookRequest,
} from "./webhook.ts";

/** A stored target with its entity tag (quoted, for ETag and If-Match). */
export interface StoredTarget {
  answer: TargetAnswer;
  etag: string;
}

/** The result of a PUT. `changed`: absent from an older aggregator, which changes the target at every PUT. */
export type PutTarget = StoredTarget & { created: boolean; changed?: boolean };

/** What the aggregator reports of its own health and its vantages'. */
export interface ShardHealth {
  shard: number;
  targets: number;
  /** Whether the shard does not keep up with its own schedule. */
  overloaded: boolean;
  /** One sentence for each thing that has stalled or is misconfigured; empty when all is well. */
  reasons: string[];
  /** The same without the names of watched targets, so that anyone may see it. Absent from an older aggregator. */
  unnamed?: { reasons: string[]; warnings: string[] } | undefined;
  /** The causes of these, without any target, vantage or number. Absent from an older aggregator. */
  causes?: string[] | undefined;
  /** The data centre in which its aggregator runs; null while that is not known. Absent from an older aggregator, as are the warnings. */
  colo?: string | null | undefined;
  /** One sentence for each thing that is not as requested, though all is well. */
  warnings?: string[] | undefined;
  /** What the watchdog had to start again, newest last, bounded. */
  rearmed: { what: string; at: string }[];
}

/** A shard's transitions after a place in their order. A place is a text that only the shard can read. */
export interface TransitionPage {
  /** Whether something that came after the given place is no longer kept. */
  isGap: boolean;
  /** The place where the first of them begins. */
  start: string;
  /** `json`: a TransitionData; `next`: the place after it. */
  events: { site: string; next: string; json: string }[];
  next: string;
  /** Whether there is nothing after `next` yet. */
  isEnd: boolean;
}

/** Which transitions to return, of those before a place. Instants in epoch milliseconds, both included. */
export interface PastQuery {
  since: number | null;
  until: number | null;
  /** Null: of all sites. */
  sites: string[] | null;
  target: string | null;
  /** As an earlier page gave it; null: the newest. */
  before: string | null;
  limit: number;
}

/** Past entries of one shard, newest first, each with the place before it. */
export interface PastPage<T> {
  entries: { at: number; before: string; entry: T }[];
  /** Where to go on; null if nothing more can come. */
  next: string | null;
  /** The place where the page began. */
  start: string;
}

/** Which evidence to return. Instants in epoch milliseconds, both included. */
export interface EvidenceQuery {
  /** Null: as far back as the judge can judge again. */
  since: number | null;
  until: number | null;
  /** `next` of the page before. */
  cursor: string | null;
  /** Whether the page holds the record of the whole shard, for judging it again. `withheld`: the token may not read all of the shard. */
  record: "told" | "unasked" | "withheld";
}

/** What one shard has counted for a webhook. */
export type WebhookTally = WebhookCounts & {
  id: string;
  /** The last message that its receiver refused for good, epoch milliseconds; absent if the receiver has taken one since. */
  refused?: { at: number; error: string };
};

/** A delivery with its place in the list of all shards. Places are compared part by part: the higher is the newer. */
export interface ListedDelivery {
  place: number[];
  delivery: Delivery;
}

/** The aggregator of one shard, as vantages, the API and the watchdog call it. */
export interface AggregatorRpc {
  /** Takes reports exactly once each, by vantage and sequence; oldest first. */
  report(reports: Report[]): Promise<ReportReply>;
  /** The same for a remote vantage that works by the assignment of this version; `reports` may be empty. */
  exchange(vantage: string, version: number, reports: Report[]): Promise<RemoteReply>;
  heartbeat(site: string, target: string, request: HeartbeatRequest): Promise<Result<Heard>>;
  notice(site: string, target: string, request: NoticeRequest): Promise<Result<Heard>>;
  /** `Reading` as `encodeReading` writes it; null when there is no such target. */
  read(site: string, target: string): Promise<string | null>;
  /** Keeps which go-aheads automation got, before it returns. A repeated call with `more` of 0 changes nothing. */
  noteTold(told: GoAhead[]): Promise<void>;
  /** A `ShardSnapshot` as JSON: of one site, which may have no target, or of all. */
  census(site: string | null): Promise<string>;
  history(site: string, target: string, cursor: string | null, limit: number): Promise<Result<History>>;
  /** Transitions of all targets after a place, or null for the end; about `limit` of them, in whole judgements. */
  transitionsAfter(after: string | null, limit: number): Promise<TransitionPage>;
  /** Transitions of all targets, newest first. A page ends early before it reads very many rows. */
  transitionsBefore(query: PastQuery): Promise<PastPage<ListedTransition>>;
  /** One page of what was seen of a target, an `EvidenceAnswer` as JSON. */
  evidence(site: string, target: string, query: EvidenceQuery): Promise<Result<string>>;
  /**
   * Makes one of the calls of AUDITED and returns its answer; if the call changed something, adds one line to the audit. Both are kept
   * before it returns.
   */
  audited(asked: Asked, call: Audited, args: unknown[]): Promise<unknown>;
  /** Lines of the audit, newest first. */
  auditBefore(query: Pick<PastQuery, "since" | "until" | "before" | "limit">): Promise<PastPage<AuditEntry>>;
  /**
   * `ifMatch`: the If-Match header's value, or null. `said` must equal what is stored. A PUT that changes nothing leaves everything as it
   * is, its tag too.
   */
  putTarget(
    site: string,
    target: string,
    config: TargetConfig,
    ifMatch: string | null,
    said?: SaidAt,
  ): Promise<Result<PutTarget>>;
  /** `isForAdmin`: of the target's secrets only the values of headers are masked. */
  getTarget(site: string, target: string, isForAdmin?: boolean): Promise<Result<StoredTarget>>;
  /** The targets whose badge anyone may see: `site/target`. */
  publicBadges(): Promise<string[]>;
  deleteTarget(site: string, target: string, ifMatch: string | null): Promise<Result<null>>;
  listSites(): Promise<SiteAnswer[]>;
  listTargets(site: string, isForAdmin?: boolean): Promise<Result<TargetAnswer[]>>;
  putOverride(site: string, target: string, override: OverrideRequest): Promise<Result<ShownOverride>>;
  deleteOverride(site: string, target: string): Promise<Result<null>>;
  listVantages(): Promise<VantageAnswer[]>;
  /** Called when the lists that shard 0 keeps have changed: this shard fetches them. A list passed along could arrive after a newer one. */
  follow(): Promise<void>;
  /** Shard 0 keeps the list of remote vantages; the others are notified of changes, and ask once a minute. */
  remoteVantages(): Promise<Vantage[]>;
  addVantage(vantage: Vantage, token: TokenAnswer, hash: string): Promise<Result<null>>;
  rotateVantage(id: string, token: TokenAnswer, hash: string): Promise<Result<Vantage>>;
  deleteVantage(id: string): Promise<Result<null>>;
  /** Shard 0 keeps the tokens, as SHA-256 in hex. */
  grant(hash: string): Promise<Grant | null>;
  tokenKey(): Promise<TokenKey>;
  addToken(token: TokenAnswer, hash: string): Promise<Result<null>>;
  listTokens(): Promise<TokenAnswer[]>;
  /** Replaces the token's text; the old text stays valid for `graceMs` more. A repeated call with the same hash changes nothing. */
  rotateToken(id: string, hash: string, graceMs: number): Promise<Result<TokenAnswer>>;
  deleteToken(id: string): Promise<Result<null>>;
  /** Shard 0 keeps joins. */
  addJoin(join: JoinDraft, ttlMs: number, hash: string): Promise<Result<Join>>;
  /** The same code can be traded again with the nonce of the first trade. A repeated call with the same token hash changes nothing. */
  tradeJoin(trade: Trade): Promise<Result<Traded>>;
  listJoins(): Promise<Join[]>;
  deleteJoin(id: string): Promise<Result<null>>;
  /** Shard 0 keeps the list of webhooks; the others are notified of changes, and ask once a minute. `secret`: for a new webhook. */
  putWebhook(
    id: string,
    request: WebhookRequest,
    secret: string,
  ): Promise<Result<{ webhook: Webhook; created: boolean }>>;
  webhooks(): Promise<Webhook[]>;
  deleteWebhook(id: string): Promise<Result<null>>;
  rotateWebhook(id: string, secret: string): Promise<Result<Webhook>>;
  /** The receiver of this revision wants no more messages. */
  closeWebhook(id: string, revision: number, reason: string): Promise<void>;
  /** What this shard has to send and has sent, by webhook. */
  webhookCounts(): Promise<WebhookTally[]>;
  /** Sends a test and returns its delivery's id. `unique`: a part of the id that no other test has. */
  testWebhook(id: string, unique: string): Promise<Result<string>>;
  /** This shard's deliveries older than a place, newest first. */
  deliveries(
    webhook: string,
    state: DeliveryState | null,
    before: number[] | null,
    limit: number,
  ): Promise<ListedDelivery[]>;
  replayDelivery(webhook: string, delivery: string): Promise<Result<null>>;
  startDrill(request: DrillRequest): Promise<Result<DrillAnswer>>;
  /** The drills that were under way at `since` (epoch milliseconds) or later; null: now. */
  listDrills(since: number | null): Promise<DrillAnswer[]>;
  stopDrill(id: string): Promise<Result<null>>;
  putMute(id: string, request: MuteRequest): Promise<Result<{ mute: MuteAnswer; created: boolean }>>;
  /** The mutes in force, by id. */
  listMutes(): Promise<MuteAnswer[]>;
  deleteMute(id: string): Promise<Result<null>>;
  /**
   * What the shard says of these of its targets, by name. From now on the shard reports each transition of these, and of no others, to the
   * group's conductor.
   */
  memberViews(group: string, members: string[]): Promise<MemberViews>;
  /** Shard 0 keeps the list of groups. `isThere`: false for a deleted group. */
  noteGroup(group: ListedGroup, isThere: boolean): Promise<Result<null>>;
  listGroups(): Promise<ListedGroup[]>;
  /** Shard 0 keeps and sends the words of conductors, each once; returns the number of the last word that it has. */
  takeFromGroup(group: string, words: GroupWord[]): Promise<number>;
  /** SHARDS as fixed at first start. Throws if the configured number differs. */
  shardCount(): Promise<number>;
  health(): Promise<ShardHealth>;
  /** The watchdog's round: starts again whatever stopped ticking, and records that it had to. */
  watch(): Promise<void>;
}

/** A message or audit line of a group's conductor, which shard 0 keeps for all groups; `number` counts the words of that conductor. */
export interface GroupWord {
  number: number;
  /** A line of the audit, with the request that asked for it. */
  audit?: AuditEntry & { request: string };
  /** The message for webhooks; `sites`: those of the group's members. */
  message?: { sites: string[]; body: WebhookMessage };
}

/** What a shard says about members. */
export interface MemberViews {
  views: MemberView[];
  /** The host of each target's URL, by the target's name. */
  hosts: Record<string, string>;
  /** The members for which it has no target. */
  absent: string[];
}

/** A stored group with its entity tag. */
export interface StoredGroup {
  answer: GroupAnswer;
  etag: string;
}

/** The reply to a member that asks for the lease. `refused`: why it does not lead, and which member does. */
export type LeaseReply =
  | { kind: "granted"; answer: LeaseAnswer }
  | { kind: "released" }
  | { kind: "refused"; detail: string; leader: LeaderAnswer | null };

/** The conductor of one group, as the API and the shards of its members call it. */
export interface ConductorRpc {
  put(
    group: string,
    request: GroupRequest,
    ifMatch: string | null,
    asked: Asked,
  ): Promise<Result<StoredGroup & { created: boolean }>>;
  remove(group: string, ifMatch: string | null, asked: Asked): Promise<Result<null>>;
  /** `region`: which members of a pool serve as seen from there; null: from everywhere. Returns null if there is no such group. */
  read(group: string, region: string | null): Promise<StoredGroup | null>;
  /** A member asks for the lease, or says that it stopped leading in the epoch `released`. */
  lease(group: string, member: string, released: number | null): Promise<Result<LeaseReply>>;
  change(group: string, request: SwitchRequest, asked: Asked): Promise<Result<GroupAnswer>>;
  freeze(group: string, request: FreezeRequest, asked: Asked): Promise<Result<GroupAnswer>>;
  thaw(group: string, asked: Asked): Promise<Result<null>>;
  history(group: string, cursor: string | null, limit: number): Promise<Result<GroupHistory>>;
  /** A shard sends new views of members by itself, after a change. */
  views(group: string, views: MemberView[]): Promise<void>;
}

/** A region-pinned vantage object, as its aggregator calls it. */
export interface VantageRpc {
  /** Takes a whole assignment and arms the alarm; `armed` says whether an alarm was already set. */
  configure(assignment: Assignment): Promise<{ armed: boolean }>;
  /** Probes now, outside the schedule; the outcomes come as an ordinary report. Returns at once. */
  probeNow(requests: ProbeRequest[]): Promise<void>;
  /** Connects once, or `times` times at once, and returns all that the platform says of it. Nothing is kept or judged. */
  attempt(request: CompleteAttemptRequest): Promise<Pick<AttemptsAnswer, "colo" | "attempts">>;
}
