/** The detector's API for programs beside a node or a consumer. A failed call is a value. */
import { ExchangeReplySchema, type ExchangeReply, type ExchangeRequest } from "../domain/exchange.ts";
import { HealthAnswerSchema, type HealthAnswer } from "../domain/health.ts";
import { HeardSchema, type Heard } from "../domain/heartbeat.ts";
import {
  HistorySchema,
  TransitionsAnswerSchema,
  VerdictAnswerSchema,
  type History,
  type TransitionsAnswer,
  type VerdictAnswer,
} from "../domain/verdict.ts";
import { type EvidenceAnswer, EvidenceAnswerSchema } from "../domain/replay.ts";
import { VerdictsAnswerSchema } from "../domain/snapshot.ts";
import { MatrixAnswerSchema, type MatrixAnswer } from "../domain/matrix.ts";
import { type Called, mapped } from "./called.ts";
import { check, type Check, type CheckKind, type CheckView } from "./check-calls.ts";
import { Connection, type Stop } from "./connection.ts";
import { Drills } from "./drill-calls.ts";
import { events, type StreamEvent, type StreamOptions } from "./event-stream.ts";
import { GroupCalls } from "./group-calls.ts";
import { Joins } from "./join-calls.ts";
import { MuteCalls } from "./mute-calls.ts";
import { Overrides } from "./override-calls.ts";
import { pathOf, type Place, queryOf } from "./paths.ts";
import { Targets } from "./target-calls.ts";
import { Tokens } from "./token-calls.ts";
import { Vantages } from "./vantage-calls.ts";
import { Webhooks } from "./webhook-calls.ts";

export type { Called } from "./called.ts";
export type { Place } from "./paths.ts";

/** A verdict takes 1 to 10 KB, and a shard holds 500. */
const MAX_LIST_BYTES = 64 * 1_048_576;

/** Selects transitions. */
export interface TransitionsQuery {
  since?: string;
  until?: string;
  site?: string;
  target?: string;
  limit?: number;
  cursor?: string;
}

/** Selects evidence. */
export interface EvidenceWanted {
  since?: string;
  until?: string;
  only?: "observed";
  cursor?: string;
}

export class Client {
  readonly #connection: Connection;
  readonly targets: Targets;
  readonly overrides: Overrides;
  readonly mutes: MuteCalls;
  readonly drills: Drills;
  readonly vantages: Vantages;
  readonly tokens: Tokens;
  readonly joins: Joins;
  readonly webhooks: Webhooks;
  readonly groups: GroupCalls;

  /** `url`: of the detector; `token`: sent as Bearer; `limitMs`: how long a call may take beyond the time for which it is held. */
  constructor(url: string, token: string, limitMs?: number) {
    this.#connection = new Connection(url, token, limitMs);
    this.targets = new Targets(this.#connection);
    this.overrides = new Overrides(this.#connection);
    this.mutes = new MuteCalls(this.#connection);
    this.drills = new Drills(this.#connection);
    this.vantages = new Vantages(this.#connection);
    this.tokens = new Tokens(this.#connection);
    this.joins = new Joins(this.#connection);
    this.webhooks = new Webhooks(this.#connection);
    this.groups = new GroupCalls(this.#connection);
  }

  /** The verdict of a target. With `seq`, the detector answers as soon as the sequence differs, or after `waitMs`. */
  verdict(
    place: Place,
    { seq, waitMs, nonce, ...ask }: Stop & { seq?: number; waitMs?: number; nonce?: string } = {},
  ): Promise<Called<VerdictAnswer>> {
    const path = `${pathOf(place)}/verdict${queryOf({ seq, waitMs, nonce })}`;
    return this.#connection.json(path, VerdictAnswerSchema, { ...ask, heldMs: waitMs });
  }

  /** The verdicts of all targets, or of a site's; by site, then target. */
  async verdicts({ site, ...ask }: Stop & { site?: string | undefined } = {}): Promise<
    Called<VerdictAnswer[]>
  > {
    const path = `/v1/verdicts${queryOf({ site })}`;
    const called = await this.#connection.json(path, VerdictsAnswerSchema, {
      ...ask,
      maxBytes: MAX_LIST_BYTES,
    });
    return mapped(called, ({ verdicts }) => verdicts);
  }

  /** The newest observation by each vantage of each target, of all or of a site's. */
  matrix({ site, ...ask }: Stop & { site?: string | undefined } = {}): Promise<Called<MatrixAnswer>> {
    return this.#connection.json(`/v1/matrix${queryOf({ site })}`, MatrixAnswerSchema, {
      ...ask,
      maxBytes: MAX_LIST_BYTES,
    });
  }

  /** A file for gdnsd's plugin extfile, as the detector would write it. `ttl` in seconds. */
  gdnsd({ site, ttl, ...ask }: Stop & { site?: string | undefined; ttl?: number | undefined } = {}): Promise<
    Called<string>
  > {
    return this.#connection.text(`/v1/export/gdnsd${queryOf({ site, ttl })}`, ask);
  }

  /** The answers of `/avoid` for all targets, or a site's: a line each. */
  avoids({
    site,
    from,
    gray,
    partition,
    ...ask
  }: CheckView & Stop & { site?: string | undefined } = {}): Promise<Called<string>> {
    return this.#connection.text(`/v1/avoid${queryOf({ site, from, gray, partition })}`, ask);
  }

  /** One of the three bits. */
  check(
    kind: CheckKind,
    place: Place,
    { stop, ...slant }: CheckView & Stop & { nonce?: string } = {},
  ): Promise<Called<Check>> {
    return check(this.#connection, kind, place, slant, { stop });
  }

  /** Transitions, newest first; `cursor`: the `next` of the page before. */
  history(
    place: Place,
    { cursor, limit, ...ask }: Stop & { cursor?: string; limit?: number } = {},
  ): Promise<Called<History>> {
    return this.#connection.json(`${pathOf(place)}/history${queryOf({ cursor, limit })}`, HistorySchema, ask);
  }

  /**
   * The evidence about a target, oldest first, and the record from which its verdicts are judged again, unless `only` leaves it out.
   * `since`, `until`: instants, or so long ago as `-1h`; `cursor`: the `next` of the page before.
   */
  evidence(place: Place, { stop, ...query }: Stop & EvidenceWanted = {}): Promise<Called<EvidenceAnswer>> {
    return this.#connection.json(`${pathOf(place)}/evidence${queryOf({ ...query })}`, EvidenceAnswerSchema, {
      stop,
      maxBytes: MAX_LIST_BYTES,
    });
  }

  /**
   * Transitions of all targets, newest first. `since`, `until`: instants, or so long ago as `-1h`; `cursor`: the `next` of the page before.
   */
  transitions({ stop, ...query }: Stop & TransitionsQuery = {}): Promise<Called<TransitionsAnswer>> {
    return this.#connection.json(`/v1/transitions${queryOf({ ...query })}`, TransitionsAnswerSchema, {
      stop,
      maxBytes: MAX_LIST_BYTES,
    });
  }

  /** Transitions as they happen, over reconnections. Every gap is reported. */
  events(options: StreamOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    return events(this.#connection, options);
  }

  /** The detector's own health; only its causes without a token that reads all sites. */
  health(ask: Stop = {}): Promise<Called<HealthAnswer>> {
    return this.#connection.json("/healthz", HealthAnswerSchema, ask);
  }

  /** Sends a remote vantage's reports and returns its tasks. The detector holds the call for up to `waitMs` of the request. */
  exchange(request: Partial<ExchangeRequest>, stop?: AbortSignal): Promise<Called<ExchangeReply>> {
    const ask = { method: "POST", body: request, heldMs: request.waitMs, stop } as const;
    return this.#connection.json("/v1/observations", ExchangeReplySchema, ask);
  }

  heartbeat(
    place: Place,
    body: { bootId: string; everyMs?: number; position?: number },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#connection.json(`${pathOf(place)}/heartbeats`, HeardSchema, { method: "POST", body, stop });
  }

  notice(
    place: Place,
    body: { kind: "crash" | "stop" | "start"; bootId: string; at: string; restarting: boolean },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#connection.json(`${pathOf(place)}/notices`, HeardSchema, { method: "POST", body, stop });
  }
}
