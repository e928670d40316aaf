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
/** Of an answer: whoever stands in between must not fill the memory. */
const MAX_BYTES = 4 * 1_048_576;
const MAX_DETAIL = 300;
/** What is read of an error's body at most. */
const MAX_ERROR_BYTES = 16_384;

export class Client {
  readonly #url: string;
  readonly #token: string;
  readonly #limitMs: number;

  /** `url`: of the detector; `token`: sent as Bearer. */
  constructor(url: string, token: string, limitMs = CALL_LIMIT_MS) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#limitMs = limitMs;
  }

  /** A remote vantage's reports, against what it has to do. Held for up to `waitMs` of the request. */
  exchange(request: Partial<ExchangeRequest>, stop?: AbortSignal): Promise<Called<ExchangeReply>> {
    return this.#post("/v1/observations", request, ExchangeReplySchema, stop, request.waitMs);
  }

  heartbeat(
    place: Place,
    body: { bootId: string; everyMs?: number },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#post(`${pathOf(place)}/heartbeats`, body, HEARD, stop);
  }

  notice(
    place: Place,
    body: { kind: "crash" | "stop" | "start"; bootId: string; at: string; restarting: boolean },
    stop?: AbortSignal,
  ): Promise<Called<Heard>> {
    return this.#post(`${pathOf(place)}/notices`, body, HEARD, stop);
  }

  async #post<T>(
    path: string,
    body: unknown,
    reader: Reader<T>,
    stop: AbortSignal | undefined,
    heldMs = 0,
  ): Promise<Called<T>> {
    const limit = AbortSignal.timeout(this.#limitMs + heldMs);
    const called = await this.#fetch(path, reader, {
      method: "POST",
      redirect: "error",
      headers: { Authorization: `Bearer ${this.#token}`, "Content-Type": "application/json" },
      body: JSON.stringify(body),
      signal: stop === undefined ? limit : AbortSignal.any([limit, stop]),
    });
    // Some proxies show the request's headers, and so does an error about one: details are logged.
    if (called.kind === "ok") return called;
    return { ...called, detail: called.detail.replaceAll(this.#token, "…").slice(0, MAX_DETAIL) };
  }

  async #fetch<T>(path: string, reader: Reader<T>, request: RequestInit): Promise<Called<T>> {
    try {
      const answer = await fetch(this.#url + path, request);
      return answer.ok ? await read(answer, reader) : await refusalIn(answer);
    } catch (error) {
      return failed(reasonOf(error));
    }
  }
}

/** Fields that a newer detector adds are passed over. */
const HEARD = HeardSchema.strip();
const PROBLEM = ProblemSchema.pick({ detail: true }).strip();

const pathOf = ({ site, target }: Place): string => `/v1/sites/${site}/targets/${target}`;

const failed = (detail: string): { kind: "failed"; detail: string } => ({ kind: "failed", detail });

const read = async <T>(answer: Response, reader: Reader<T>): Promise<Called<T>> => {
  const { text, isWhole } = await textOf(answer, MAX_BYTES);
  if (!isWhole) return failed(`the answer is longer than ${MAX_BYTES} bytes`);
  const json = jsonIn(text);
  if (json === undefined) return failed(`the answer is not JSON: ${text}`);
  const value = reader.safeParse(json);
  if (value.success) return { kind: "ok", value: value.data };
  return failed(`the answer is not the detector's: ${value.error.message}`);
};

/** Whatever becomes of its body, the status has been heard. */
const refusalIn = async (answer: Response): Promise<{ kind: "refused"; status: number; detail: string }> => {
  const { text } = await textOf(answer, MAX_ERROR_BYTES).catch(() => ({ text: "" }));
  const problem = PROBLEM.safeParse(jsonIn(text));
  // Not the detector's own words: somebody between us and it answered.
  const detail = problem.success ? problem.data.detail : text || answer.statusText;
  return { kind: "refused", status: answer.status, detail };
};

/** A body up to `maxBytes`; `isWhole`: that is all of it. Rejects where it breaks off. */
const textOf = async ({ body }: Response, maxBytes: number): Promise<{ text: string; isWhole: boolean }> => {
  const decoder = new TextDecoder();
  const reader = body?.getReader();
  let text = "";
  for (let bytes = 0; ;) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    if (done) return { text: text + decoder.decode(), isWhole: true };
    bytes += value.byteLength;
    text += decoder.decode(value, { stream: true });
    if (bytes <= maxBytes) continue;
    // The rest is not waited for: the connection is closed.
    void reader?.cancel().catch(() => undefined);
    return { text, isWhole: false };
  }
};

const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** `fetch` hides what went wrong in the cause. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message].filter(Boolean).join(": ");
};
