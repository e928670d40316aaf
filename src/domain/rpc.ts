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

/** What became of a PUT. `changed`: absent of an older aggregator, which always changes it. */
export type PutTarget = StoredTarget & { created: boolean; changed?: boolean };

/** What the aggregator says of its own and its vantages' health. */
export interface ShardHealth {
  shard: number;
  targets: number;
  /** It does not keep up with its own schedule. */
  overloaded: boolean;
  /** One sentence for each thing that has stalled or is misconfigured; empty when all is well. */
  reasons: string[];
  /** The same without names of what is watched: for anybody. Absent of an older one. */
  unnamed?: { reasons: string[]; warnings: string[] } | undefined;
  /** The causes of these, which name nothing that is watched, nobody who watches and no number. Absent of an older one. */
  causes?: string[] | undefined;
  /** The data centre its aggregator runs in; null while that is not known. Absent of an older one, as are its warnings. */
  colo?: string | null | undefined;
  /** One sentence for each thing that is not as it was asked for, though all is well. */
  warnings?: string[] | undefined;
  /** What the watchdog had to start again, newest last, bounded. */
  rearmed: { what: string; at: string }[];
}

/** A shard's transitions after a place in their order. Places are texts that only the shard reads. */
export interface TransitionPage {
  /** Something that came after the place asked for is not kept any more. */
  isGap: boolean;
  /** Where the first of them begins. */
  start: string;
  /** `json`: a TransitionData; `next`: the place after it. */
  events: { site: string; next: string; json: string }[];
  next: string;
  /** There is nothing after `next` yet. */
  isEnd: boolean;
}

/** Which transitions are asked for, of those that lie before a place. Instants in epoch milliseconds, both included. */
export interface PastQuery {
  since: number | null;
  until: number | null;
  /** Null: of all sites. */
  sites: string[] | null;
  target: string | null;
  /** As an earlier page told it; null: the newest. */
  before: string | null;
  limit: number;
}

/** What has been in one shard, newest first, each with the place before it. */
export interface PastPage<T> {
  entries: { at: number; before: string; entry: T }[];
  /** Where to go on; null where nothing more can come. */
  next: string | null;
  /** Where it began. */
  start: string;
}

/** Which evidence is asked for. Instants in epoch milliseconds, both included. */
export interface EvidenceQuery {
  /** Null: as far back as can be judged again. */
  since: number | null;
  until: number | null;
  /** `next` of the page before. */
  cursor: string | null;
  /** Whether the page holds the record of the whole shard, for judging it again. `withheld`: the token may not read all of the shard. */
  record: "told" | "unasked" | "withheld";
}

/** What one shard has counted of a webhook. */
export type WebhookTally = WebhookCounts & {
  id: string;
  /** The last message that its receiver refused for good, epoch milliseconds; absent where it took one since. */
  refused?: { at: number; error: string };
};

/** A delivery with its place in the list of all shards: compared part by part, the higher is the newer. */
export interface ListedDelivery {
  place: number[];
  delivery: Delivery;
}

/** The aggregator of one shard, as vantages, the API and the watchdog call it. */
export interface AggregatorRpc {
  /** Takes reports exactly once each, by vantage and sequence; oldest first. */
  report(reports: Report[]): Promise<ReportReply>;
  /** The same of a remote vantage, which works by the assignment of this version; `reports` may be empty. */
  exchange(vantage: string, version: number, reports: Report[]): Promise<RemoteReply>;
  heartbeat(site: string, target: string, request: HeartbeatRequest): Promise<Result<Heard>>;
  notice(site: string, target: string, request: NoticeRequest): Promise<Result<Heard>>;
  /** `Reading` as `encodeReading` writes it; null when there is no such target. */
  read(site: string, target: string): Promise<string | null>;
  /** What automation was told to go ahead, kept before it answers. Twice with `more` of 0 is once. */
  noteTold(told: GoAhead[]): Promise<void>;
  /** A `Census` as JSON: of one site, which may have no target, or of all. */
  census(site: string | null): Promise<string>;
  history(site: string, target: string, cursor: string | null, limit: number): Promise<Result<History>>;
  /** Transitions of all targets after a place, or null for the end; about so many, whole judgements at a time. */
  transitionsAfter(after: string | null, limit: number): Promise<TransitionPage>;
  /** Transitions of all targets, newest first. A page ends early rather than look at very many. */
  transitionsBefore(query: PastQuery): Promise<PastPage<ListedTransition>>;
  /** One page of what was seen of a target, an `EvidenceAnswer` as JSON. */
  evidence(site: string, target: string, query: EvidenceQuery): Promise<Result<string>>;
  /**
   * One of the calls of AUDITED, in whose answer it answers, and one line of the audit where it changed something. Both are kept before
   * it answers.
   */
  audited(asked: Asked, call: Audited, args: unknown[]): Promise<unknown>;
  /** Lines of the audit, newest first. */
  auditBefore(query: Pick<PastQuery, "since" | "until" | "before" | "limit">): Promise<PastPage<AuditEntry>>;
  /** `ifMatch`: the If-Match header's value, or null; `said`: must be as it stands. What changes nothing leaves all as it is, its tag too. */
  putTarget(
    site: string,
    target: string,
    config: TargetConfig,
    ifMatch: string | null,
    said?: SaidAt,
  ): Promise<Result<PutTarget>>;
  /** `isForAdmin`: of its secrets the values of headers alone are masked. */
  getTarget(site: string, target: string, isForAdmin?: boolean): Promise<Result<StoredTarget>>;
  /** Of which targets anybody may see the badge: `site/target`. */
  publicBadges(): Promise<string[]>;
  deleteTarget(site: string, target: string, ifMatch: string | null): Promise<Result<null>>;
  listSites(): Promise<SiteAnswer[]>;
  listTargets(site: string, isForAdmin?: boolean): Promise<Result<TargetAnswer[]>>;
  putOverride(site: string, target: string, override: OverrideRequest): Promise<Result<ShownOverride>>;
  deleteOverride(site: string, target: string): Promise<Result<null>>;
  listVantages(): Promise<VantageAnswer[]>;
  /** What shard 0 keeps has changed: this one asks for it. A list handed over could come after a newer one. */
  follow(): Promise<void>;
  /** Shard 0 keeps the list of remote vantages; the others are told, and ask it once a minute. */
  remoteVantages(): Promise<Vantage[]>;
  addVantage(vantage: Vantage, token: TokenAnswer, hash: string): Promise<Result<null>>;
  rotateVantage(id: string, token: TokenAnswer, hash: string): Promise<Result<Vantage>>;
  deleteVantage(id: string): Promise<Result<null>>;
  /** Shard 0 keeps the tokens, as SHA-256 in hex. */
  grant(hash: string): Promise<Grant | null>;
  tokenKey(): Promise<TokenKey>;
  addToken(token: TokenAnswer, hash: string): Promise<Result<null>>;
  listTokens(): Promise<TokenAnswer[]>;
  /** The token's text is another from now on; the old one opens for `graceMs` more. Twice with one hash is once. */
  rotateToken(id: string, hash: string, graceMs: number): Promise<Result<TokenAnswer>>;
  deleteToken(id: string): Promise<Result<null>>;
  /** Shard 0 keeps joins. */
  addJoin(join: JoinDraft, ttlMs: number, hash: string): Promise<Result<Join>>;
  /** With the nonce it was traded with the same code is traded again; twice with one hash of a token is once. */
  tradeJoin(trade: Trade): Promise<Result<Traded>>;
  listJoins(): Promise<Join[]>;
  deleteJoin(id: string): Promise<Result<null>>;
  /** Shard 0 keeps the list of webhooks; the others are told, and ask it once a minute. `secret`: of one that is made. */
  putWebhook(
    id: string,
    request: WebhookRequest,
    secret: string,
  ): Promise<Result<{ webhook: Webhook; created: boolean }>>;
  webhooks(): Promise<Webhook[]>;
  deleteWebhook(id: string): Promise<Result<null>>;
  rotateWebhook(id: string, secret: string): Promise<Result<Webhook>>;
  /** The receiver of this revision wants no more. */
  closeWebhook(id: string, revision: number, reason: string): Promise<void>;
  /** What this shard has to send and has sent, by webhook. */
  webhookCounts(): Promise<WebhookTally[]>;
  /** Has a test sent; its delivery's id. `unique`: a part of it that no other test has. */
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
  /** Those that were under way at `since` (epoch milliseconds) or later; null: now. */
  listDrills(since: number | null): Promise<DrillAnswer[]>;
  stopDrill(id: string): Promise<Result<null>>;
  putMute(id: string, request: MuteRequest): Promise<Result<{ mute: MuteAnswer; created: boolean }>>;
  /** Those in force, by id. */
  listMutes(): Promise<MuteAnswer[]>;
  deleteMute(id: string): Promise<Result<null>>;
  /**
   * What it says of these targets of its, by their names; from now on it tells the group's conductor of each transition of these and of no
   * others.
   */
  memberViews(group: string, members: string[]): Promise<MemberViews>;
  /** Shard 0 keeps the list of groups. `isThere`: false of one that is deleted. */
  noteGroup(group: ListedGroup, isThere: boolean): Promise<Result<null>>;
  listGroups(): Promise<ListedGroup[]>;
  /** Shard 0 keeps and sends what conductors have to tell, each thing once; the number of the last that it has. */
  takeFromGroup(group: string, words: GroupWord[]): Promise<number>;
  /** SHARDS as fixed at first start. Throws when the configured number differs. */
  shardCount(): Promise<number>;
  health(): Promise<ShardHealth>;
  /** The watchdog's round: starts again whatever stopped ticking, and remembers that it had to. */
  watch(): Promise<void>;
}

/** What a group's conductor has to tell that is kept in one place for all: its number counts what that conductor told. */
export interface GroupWord {
  number: number;
  /** A line of the audit, with the request that asked for it. */
  audit?: AuditEntry & { request: string };
  /** What webhooks are sent; `sites`: those of its members. */
  message?: { sites: string[]; body: WebhookMessage };
}

/** What a shard says of members. */
export interface MemberViews {
  views: MemberView[];
  /** The host of each target's URL, by its name. */
  hosts: Record<string, string>;
  /** Those it has no target for. */
  absent: string[];
}

/** A stored group with its entity tag. */
export interface StoredGroup {
  answer: GroupAnswer;
  etag: string;
}

/** What a member that asks for the lease is told. `refused`: why it does not lead, and who does. */
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
  /** `region`: who of a pool serves, as seen from there; null: from everywhere. Null where there is no such group. */
  read(group: string, region: string | null): Promise<StoredGroup | null>;
  /** A member asks for the lease, or says that it stopped leading in the epoch `released`. */
  lease(group: string, member: string, released: number | null): Promise<Result<LeaseReply>>;
  change(group: string, request: SwitchRequest, asked: Asked): Promise<Result<GroupAnswer>>;
  freeze(group: string, request: FreezeRequest, asked: Asked): Promise<Result<GroupAnswer>>;
  thaw(group: string, asked: Asked): Promise<Result<null>>;
  history(group: string, cursor: string | null, limit: number): Promise<Result<GroupHistory>>;
  /** What a shard says of members by itself, since it has changed. */
  views(group: string, views: MemberView[]): Promise<void>;
}

/** A region-pinned vantage object, as its aggregator calls it. */
export interface VantageRpc {
  /** Takes a whole assignment and arms the alarm; `armed` tells that an alarm was already set. */
  configure(assignment: Assignment): Promise<{ armed: boolean }>;
  /** Probes now, outside the schedule; the outcomes come as an ordinary report. Returns at once. */
  probeNow(requests: ProbeRequest[]): Promise<void>;
  /** Reaches out once, or so often at once, and tells all that the platform says of it. Nothing is kept or judged. */
  attempt(request: CompleteAttemptRequest): Promise<Pick<AttemptsAnswer, "colo" | "attempts">>;
}
