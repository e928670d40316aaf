import type { z } from "zod";
import type { DrillAnswer, DrillRequestSchema } from "../src/domain/drill.ts";
import type { Heard } from "../src/domain/heartbeat.ts";
import type { OverrideRequest, ShownOverride } from "../src/domain/override.ts";
import type { TargetAnswer, TargetSchema } from "../src/domain/target.ts";
import type { NewToken, TokenRequest } from "../src/domain/token.ts";
import type { NewVantage, VantageAnswer, VantageRequest } from "../src/domain/vantage.ts";
import type { History, Transition, VerdictAnswer } from "../src/domain/verdict.ts";

export type TargetBody = z.input<typeof TargetSchema>;
export type DrillBody = z.input<typeof DrillRequestSchema>;

/** A target by its two names. */
export interface Key {
  site: string;
  target: string;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
}

interface Ask {
  method?: string;
  body?: unknown;
  token?: string | null;
  headers?: Record<string, string>;
}

const ADMIN = "local-admin";
const ANSWER_WITHIN_MS = 20_000;

/** The detector's API as this repository's demo and tests use it. Throws on an answer that is not 2xx, except for checks. */
export class DetectorApi {
  readonly url: string;

  constructor(url: string) {
    this.url = url;
  }

  /** Any call; never throws because of the status. */
  async ask(path: string, { method = "GET", body, token = ADMIN, headers = {} }: Ask = {}): Promise<Answer> {
    const answer = await fetch(this.url + path, {
      method,
      redirect: "manual",
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  putTarget(key: Key, body: TargetBody): Promise<TargetAnswer> {
    return this.#call(pathOf(key), { method: "PUT", body });
  }

  target(key: Key): Promise<TargetAnswer> {
    return this.#call(pathOf(key));
  }

  verdict(key: Key): Promise<VerdictAnswer> {
    return this.#call(`${pathOf(key)}/verdict`);
  }

  /** The status of one of the checks, 200, 409 or 503. `query` with its question mark. */
  async check(key: Key, check: "up" | "avoid" | "failover", query = ""): Promise<number> {
    return (await this.ask(`${pathOf(key)}/${check}${query}`)).status;
  }

  /**
   * All transitions as they were published, newest first. The clients that received one, and how often, are added later, and left out here.
   */
  async history(key: Key): Promise<Transition[]> {
    const transitions: Transition[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`;
      const page: History = await this.#call(`${pathOf(key)}/history${query}`);
      transitions.push(...page.transitions.map(({ told: _told, ...published }) => published));
      cursor = page.next;
    }
    return transitions;
  }

  override(key: Key, body: OverrideRequest): Promise<ShownOverride> {
    return this.#call(`${pathOf(key)}/override`, { method: "PUT", body });
  }

  startDrill(body: DrillBody): Promise<DrillAnswer> {
    return this.#call("/v1/drills", { method: "POST", body });
  }

  async stopDrill(id: string): Promise<void> {
    await this.#call(`/v1/drills/${id}`, { method: "DELETE" });
  }

  registerVantage(body: VantageRequest): Promise<NewVantage> {
    return this.#call("/v1/vantages", { method: "POST", body });
  }

  makeToken(body: TokenRequest): Promise<NewToken> {
    return this.#call("/v1/tokens", { method: "POST", body });
  }

  /** A node's own heartbeat or notice, with its token. */
  say(key: Key, kind: "heartbeats" | "notices", body: object, token: string): Promise<Heard> {
    return this.#call(`${pathOf(key)}/${kind}`, { method: "POST", body, token });
  }

  async vantages(): Promise<VantageAnswer[]> {
    const { vantages } = await this.#call<{ vantages: VantageAnswer[] }>("/v1/vantages");
    return vantages;
  }

  async #call<T>(path: string, ask: Ask = {}): Promise<T> {
    const { status, text } = await this.ask(path, ask);
    if (status < 200 || status > 299) throw new Error(`${ask.method ?? "GET"} ${path}: ${status} ${text}`);
    return (text === "" ? undefined : JSON.parse(text)) as T;
  }
}

export const pathOf = ({ site, target }: Key): string => `/v1/sites/${site}/targets/${target}`;
