import type { Called } from "../../../src/client/client.ts";
import {
  type ExchangeReply,
  type ExchangeRequest,
  ExchangeRequestSchema,
  sentReply,
  takenReports,
} from "../../../src/domain/exchange.ts";
import type { Assignment, ProbeRequest, Report } from "../../../src/domain/report.ts";
import type { Clock } from "../../../src/schedule/clock.ts";
import { type FakeDetector, json, problem } from "../fake-detector.ts";

/** How the detector behaves: a status to answer with, or no answer. */
export type Mood = "well" | "reply lost" | "down" | "hanging" | 401 | 403 | 429 | 500;

export interface Call {
  /** By the detector's clock. */
  at: number;
  shard: number;
  version: number;
  waitMs: number;
  sequences: number[];
}

const HOLD_STEP_MS = 1_000;

/** The exchange with remote vantages. It takes reports as the detector must, each sequence once; the test sets everything else. */
export class FakeExchange {
  mood: Mood = "well";
  /** By shard. */
  readonly assignments = new Map<number, Assignment>();
  readonly taken = new Map<number, Report[]>();
  readonly calls: Call[] = [];
  /**
   * The instants at which the report of each shard and sequence was made, by every call. Two instants would mean that a number was used
   * twice.
   */
  readonly madeAt = new Map<string, Set<number>>();
  /** Sequences that it refuses as no detector could take them. */
  readonly unacceptable = new Set<number>();
  wanted: ProbeRequest[] = [];
  shards = 1;
  /** Answers listeners at once, even if there is nothing to do. */
  isHasty = false;
  /** How far its clock has been set from the true time. */
  offsetMs = 0;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  #nowMs(): number {
    return this.#clock.now() + this.offsetMs;
  }

  reports(shard = 0): Report[] {
    return this.taken.get(shard) ?? [];
  }

  sequences(shard = 0): number[] {
    return this.reports(shard).map(({ sequence }) => sequence);
  }

  /** Forgets everything, as a detector does that was set up anew. */
  forget(): void {
    this.taken.clear();
    this.assignments.clear();
  }

  /** One call, with the request as the vantage sent it. */
  readonly exchange = async (sent: unknown, stop?: AbortSignal): Promise<Called<ExchangeReply>> => {
    const request = ExchangeRequestSchema.parse(sent);
    const { shard, version, waitMs } = request;
    const sequences = request.reports.map(({ sequence }) => sequence);
    this.calls.push({ at: this.#nowMs(), shard, version, waitMs, sequences });
    const { mood } = this;
    if (mood === "down") return { kind: "failed", detail: "fetch failed: ECONNREFUSED" };
    if (mood === "hanging") return this.#hang(stop);
    if (typeof mood === "number") return { kind: "refused", status: mood, detail: "as the test has it" };
    if (sequences.some((sequence) => this.unacceptable.has(sequence)))
      return { kind: "refused", status: 400, detail: "reports.0.observations: too odd" };
    this.#take(request);
    await this.#hold(request, stop);
    if (mood === "reply lost") return { kind: "failed", detail: "fetch failed: ECONNRESET" };
    return { kind: "ok", value: this.#reply(request) };
  };

  #take({ shard, reports }: ExchangeRequest): void {
    const taken = this.taken.get(shard) ?? [];
    this.taken.set(shard, taken);
    for (const report of takenReports("lab-1", reports)) {
      const key = `${shard}/${report.sequence}`;
      this.madeAt.set(key, (this.madeAt.get(key) ?? new Set()).add(report.madeAt));
      if (report.sequence > (taken.at(-1)?.sequence ?? 0)) taken.push(report);
    }
  }

  #reply({ shard, version }: ExchangeRequest): ExchangeReply {
    const assignment = this.assignments.get(shard);
    const { wanted } = this;
    this.wanted = [];
    const newer = assignment !== undefined && assignment.version > version ? { assignment } : {};
    const acknowledged = this.taken.get(shard)?.at(-1)?.sequence ?? 0;
    return sentReply({ acknowledged, wanted, ...newer }, this.shards, this.#nowMs());
  }

  async #hold({ reports, waitMs, shard, version }: ExchangeRequest, stop?: AbortSignal): Promise<void> {
    if (reports.length > 0 || this.isHasty) return;
    const isNews = (): boolean =>
      this.wanted.length > 0 || (this.assignments.get(shard)?.version ?? 0) > version;
    for (let leftMs = waitMs; leftMs > 0 && !isNews() && stop?.aborted !== true; leftMs -= HOLD_STEP_MS)
      await this.#sleep(Math.min(leftMs, HOLD_STEP_MS));
  }

  async #hang(stop?: AbortSignal): Promise<Called<ExchangeReply>> {
    for (let leftMs = 10_000; leftMs > 0 && stop?.aborted !== true; leftMs -= HOLD_STEP_MS)
      await this.#sleep(HOLD_STEP_MS);
    return { kind: "failed", detail: "The operation was aborted due to timeout" };
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(ms, resolve);
    });
  }
}

/** Answers the calls of a vantage with this token through a fake detector's real HTTP server. */
export const serveExchange = (exchange: FakeExchange, detector: FakeDetector, token: string): void =>
  detector.mount(async ({ headers, body }, response) => {
    const stop = new AbortController();
    response.once("close", () => stop.abort());
    const isOurs = headers.authorization === `Bearer ${token}`;
    const called = isOurs
      ? await exchange.exchange(JSON.parse(body), stop.signal)
      : ({ kind: "refused", status: 401, detail: "unknown token" } as const);
    if (called.kind === "failed") response.destroy();
    else if (called.kind === "ok") json(response, called.value);
    else problem(response, called.status, called.detail);
  });
