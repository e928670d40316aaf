/** The detector's API as programs beside a node or a consumer call it. A failed call is a value. */
import { ExchangeReplySchema, type ExchangeReply, type ExchangeRequest } from "../domain/exchange.ts";
import { HeardSchema, type Heard } from "../domain/heartbeat.ts";
import { ProblemSchema } from "../domain/problem.ts";

/** What became of a call. `refused`: the detector answered, with this status; `failed`: no answer that could be read. */
export type Called<T> =
  | { kind: "ok"; value: T }
  | { kind: "refused"; status: number; detail: string }
  | { kind: "failed"; detail: string };

export interface Place {
  site: string;
  target: string;
}

/** How an answer is read: a schema of `domain/`. */
interface Reader<T> {
  safeParse: (value: unknown) => { success: true; data: T } | { success: false; error: { message: string } };
}

/** How long a call may take beyond what it asks to be held for. */
const CALL_LIMIT_MS = 10_000;
const MAX_DETAIL = 300;

export class Client {
  readonly #url: string;
  readonly #token: string;

  /** `url`: of the detector, without a path; `token`: sent as Bearer. */
  constructor(url: string, token: string) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
  }

  /** A remote vantage's reports, against what it has to do. Held for up to `waitMs` of the request. */
  exchange(request: Partial<ExchangeRequest>, stop?: AbortSignal): Promise<Called<ExchangeReply>> {
    const limitMs = (request.waitMs ?? 0) + CALL_LIMIT_MS;
    return this.#post("/v1/observations", request, ExchangeReplySchema, limitMs, stop);
  }

  heartbeat(
    place: Place,
    body: { bootId: string; everyMs?: number },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#post(`${pathOf(place)}/heartbeats`, body, HeardSchema, CALL_LIMIT_MS, stop);
  }

  notice(
    place: Place,
    body: { kind: "crash" | "stop" | "start"; bootId: string; at: string; restarting: boolean },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#post(`${pathOf(place)}/notices`, body, HeardSchema, CALL_LIMIT_MS, stop);
  }

  async #post<T>(
    path: string,
    body: unknown,
    reader: Reader<T>,
    limitMs: number,
    stop?: AbortSignal,
  ): Promise<Called<T>> {
    const limit = AbortSignal.timeout(limitMs);
    try {
      const answer = await fetch(this.#url + path, {
        method: "POST",
        redirect: "error",
        headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
        body: JSON.stringify(body),
        signal: stop === undefined ? limit : AbortSignal.any([limit, stop]),
      });
      const text = await answer.text();
      if (!answer.ok) return { kind: "refused", status: answer.status, detail: detailIn(text) };
      const value = reader.safeParse(JSON.parse(text));
      if (value.success) return { kind: "ok", value: value.data };
      return { kind: "failed", detail: `the answer is not the detector's: ${value.error.message}` };
    } catch (error) {
      return { kind: "failed", detail: reasonOf(error) };
    }
  }
}

const pathOf = ({ site, target }: Place): string => `/v1/sites/${site}/targets/${target}`;

/** What a problem says, or the answer's begin where it is none of ours. */
const detailIn = (text: string): string => {
  try {
    const problem = ProblemSchema.safeParse(JSON.parse(text));
    if (problem.success) return problem.data.detail;
  } catch {
    // Not JSON: somebody between us and the detector answered.
  }
  return text.slice(0, MAX_DETAIL);
};

/** `fetch` hides what went wrong in the cause. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message]
    .filter(Boolean)
    .join(": ")
    .slice(0, MAX_DETAIL);
};
