import { jsonIn, MAX_BYTES, MAX_ERROR_BYTES } from "./bounded-body.ts";
import { type AnswerHeaders, type Called, failed, type Failed, type Refused } from "./called.ts";
import { NO_BODY, type Reader, tolerant } from "./reader.ts";
import { refusalIn, refusalOf } from "./refusal.ts";
import { byFetch, type IncomingAnswer, incomingOf, type Outgoing, type Transport } from "./transport.ts";

/** How long a call may take beyond the time for which it asks to be held. */
const CALL_LIMIT_MS = 10_000;
const MAX_DETAIL = 300;

export interface ClientCall {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Sent as JSON. */
  body?: unknown;
  headers?: Record<string, string | undefined>;
  /** How long the detector may hold the answer on purpose. */
  heldMs?: number | undefined;
  stop?: AbortSignal | undefined;
  /** The most that is read of the answer. */
  maxBytes?: number;
}

/** The options of every call. */
export type Stop = Pick<ClientCall, "stop">;

/** A whole answer, whatever its status. */
export interface Answer {
  status: number;
  headers: AnswerHeaders;
  text: string;
}

/** The detector's address and our token. Calls never throw and follow no redirect: only the detector may receive the token. */
export class Connection {
  readonly #url: string;
  readonly #token: string;
  readonly #limitMs: number;
  readonly #transport: Transport;

  constructor(url: string, token: string, limitMs = CALL_LIMIT_MS, transport = byFetch) {
    this.#url = url.replace(/\/+$/, "");
    this.#token = token;
    this.#limitMs = limitMs;
    this.#transport = transport;
  }

  /** An answer read as JSON by a schema of `domain/`. */
  json<T>(path: string, schema: Reader<T>, ask: ClientCall = {}): Promise<Called<T>> {
    return this.#call(path, ask, (answer) => readJson(answer, tolerant(schema)));
  }

  /** A call whose answer has no body to read. */
  done(path: string, ask: ClientCall): Promise<Called<null>> {
    return this.#call(path, ask, () => NO_BODY.safeParse(null) as { success: true; data: null });
  }

  /** An answer as text. */
  text(path: string, ask: ClientCall = {}): Promise<Called<string>> {
    return this.#call(path, ask, ({ text }) => ({ success: true, data: text }));
  }

  /** An answer whose status matters too. `read` receives every answer, and returns null for one that is not the detector's. */
  async checked<T>(
    path: string,
    read: (answer: Answer) => T | null,
    ask: ClientCall = {},
  ): Promise<Called<T>> {
    return this.#reach(path, ask, async (answer) => {
      const { status, statusText, headers } = answer;
      const { text } = await answer.read(MAX_ERROR_BYTES);
      const value = read({ status, headers, text });
      if (value !== null) return { kind: "ok", value, headers };
      if (!isOk(answer)) return refusalIn(status, text || statusText);
      return failed(`the answer is not the detector's: ${text}`);
    });
  }

  /** An answer read as it arrives, always by `fetch`. Only the wait for its begin is limited in time; `stop` ends the rest. */
  async stream(
    path: string,
    ask: ClientCall & { stop: AbortSignal },
  ): Promise<Called<ReadableStream<Uint8Array> | null>> {
    const tooLate = new AbortController();
    const timer = setTimeout(() => tooLate.abort(new Error("no answer in time")), this.#limitMs);
    const signal = AbortSignal.any([ask.stop, tooLate.signal]);
    try {
      const request = { ...this.#requestOf(ask, signal), redirect: "error" } as const;
      const response = await fetch(this.#url + path, request);
      if (!response.ok) return this.#discreet(await refusalOf(incomingOf(response)));
      return { kind: "ok", value: response.body, headers: response.headers };
    } catch (error) {
      return this.#discreet(failed(reasonOf(error)));
    } finally {
      clearTimeout(timer);
    }
  }

  async #call<T>(
    path: string,
    ask: ClientCall,
    read: (answer: Answer) => { success: true; data: T } | { success: false; error: { message: string } },
  ): Promise<Called<T>> {
    return this.#reach(path, ask, async (answer) => {
      if (!isOk(answer)) return refusalOf(answer);
      const maxBytes = ask.maxBytes ?? MAX_BYTES;
      const { text, isWhole } = await answer.read(maxBytes);
      if (!isWhole) return failed(`the answer is longer than ${maxBytes} bytes`);
      const { status, headers } = answer;
      const value = read({ status, headers, text });
      if (value.success) return { kind: "ok", value: value.data, headers };
      return failed(value.error.message);
    });
  }

  async #reach<T>(
    path: string,
    ask: ClientCall,
    read: (answer: IncomingAnswer) => Promise<Called<T>>,
  ): Promise<Called<T>> {
    const signal = this.#endOf(ask);
    try {
      const called = await read(await this.#transport(this.#url + path, this.#requestOf(ask, signal)));
      return called.kind === "ok" ? called : this.#discreet(called);
    } catch (error) {
      return this.#discreet(failed(reasonOf(error)));
    }
  }

  /** Aborts at our own limit, where there is one, or when the caller's `stop` does. */
  #endOf({ stop, heldMs = 0 }: ClientCall): AbortSignal {
    if (stop !== undefined && this.#limitMs === Infinity) return stop;
    const limit = AbortSignal.timeout(this.#limitMs + heldMs);
    return stop === undefined ? limit : AbortSignal.any([limit, stop]);
  }

  #requestOf({ method = "GET", body, headers = {} }: ClientCall, signal: AbortSignal): Outgoing {
    const given = Object.entries(headers).filter(
      (header): header is [string, string] => header[1] !== undefined,
    );
    return {
      method,
      headers: {
        // Without a token, a browser adds the credentials that it has for the page itself.
        ...(this.#token === "" ? {} : { Authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...Object.fromEntries(given),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal,
    };
  }

  /** Removes the token from the detail, which is logged: some proxies repeat the request's headers, and so does an error about one. */
  #discreet<F extends Refused | Failed>(called: F): F {
    const detail = this.#token === "" ? called.detail : called.detail.replaceAll(this.#token, "…");
    return { ...called, detail: detail.slice(0, MAX_DETAIL) };
  }
}

const isOk = ({ status }: IncomingAnswer): boolean => status >= 200 && status < 300;

const readJson = <T>(
  { text }: Answer,
  reader: Reader<T>,
): { success: true; data: T } | { success: false; error: { message: string } } => {
  const json = jsonIn(text);
  if (json === undefined) return { success: false, error: { message: `the answer is not JSON: ${text}` } };
  const value = reader.safeParse(json);
  if (value.success) return value;
  return { success: false, error: { message: `the answer is not the detector's: ${value.error.message}` } };
};

/** The reason of a failure, which `fetch` hides in the cause. */
const reasonOf = (error: unknown): string => {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  return [message ?? String(error), cause?.code ?? cause?.message].filter(Boolean).join(": ");
};
