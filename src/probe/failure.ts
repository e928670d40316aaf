/**
 * Turns what a platform reports of a failure into an outcome. Node names causes by code. Workers gives one text for every failed
 * `connect()` and two kinds of error for `fetch`, so there the outcome comes from time and from an autopsy: a raw connect to the same host
 * and port. Texts of errors are not matched, because they carry random references.
 */
import type { Outcome, Stage } from "../domain/outcome.ts";
import { codeOf, outcomeOf } from "./code.ts";
import type { Ending } from "./progress.ts";

/** How a raw connect for diagnosis ended. */
export interface Autopsy {
  /** `closed`: opened, and closed from the other side before we asked. `void`: no evidence. */
  kind: "opened" | "closed" | "refused" | "silent" | "void";
  /** From the begin of the raw connect until it was let in or turned away. */
  tookMs: number;
}

/**
 * The longest that a rejection may take and still be a refusal. A refusal takes one round trip, or two where the first SYN was lost (resent
 * after 1 s). A router that finds a host gone reports that after about 3 s.
 */
const REFUSAL_MS = 2_000;
/** The share of the time allowed after which a rejection may be a timeout on the way. */
const REFUSAL_SHARE = 0.8;

const STAGE_OF: Readonly<Partial<Record<Outcome, Stage>>> = {
  refused: "connect",
  connect_timeout: "connect",
  dns_failure: "connect",
  blocked: "connect",
  tls_failure: "tls",
  // A connection that is reset had opened, even where the platform reports a failed connect.
  reset: "response",
};

const ending = (outcome: Outcome, detail: string): Ending => ({
  outcome,
  stage: STAGE_OF[outcome] ?? "response",
  detail,
});

/** A name for a thrown value; never its text, which may carry addresses or random references. */
const nameOf = (error: unknown): string =>
  codeOf(error) ?? (error instanceof Error ? error.name : typeof error);

/** Workers caps outgoing calls per invocation. That is our own trouble, and only the text of the error reveals it. */
export const isOwnLimit = (error: unknown): boolean =>
  error instanceof Error && /too many subrequests/i.test(error.message);

/**
 * A dial that threw at once, before it reached any network. Known: on Workers a TypeError for a port past 65535 or an impossible host; on
 * Node ERR_SOCKET_BAD_PORT. A place that Workers refuses to connect to does not throw: the dial rejects later, with the text of a refusal.
 * Hence channel.ts.
 */
export const judgeThrownDial = (error: unknown): Ending => {
  const code = codeOf(error);
  const outcome = code === undefined ? undefined : outcomeOf(code);
  return ending(outcome ?? "blocked", `the platform would not connect: ${nameOf(error)}`);
};

/**
 * A dial that was rejected after `tookMs` of its `limitMs`. Without a code, a node that accepts and resets at once counts as one that
 * refuses whenever its RST overtakes the open.
 */
export const judgeRejectedDial = (error: unknown, tookMs: number, limitMs: number): Ending => {
  const code = codeOf(error);
  if (code !== undefined) return ending(outcomeOf(code) ?? "blocked", code);
  if (isOwnLimit(error)) return ending("blocked", "too many subrequests");
  const prompt = tookMs <= Math.min(REFUSAL_MS, limitMs * REFUSAL_SHARE);
  return prompt
    ? ending("refused", `connect rejected after ${Math.round(tookMs)} ms`)
    : ending(
        "connect_timeout",
        `connect rejected only after ${Math.round(tookMs)} ms, too late for a refusal`,
      );
};

/**
 * Workers marks a broken connection `retryable`. A fetch that threw without that mark never had a connection: the name is unknown, or TLS
 * failed. (Node reports both by code.)
 */
export const isDisconnect = (error: unknown): boolean =>
  codeOf(error) !== undefined || (error as { retryable?: unknown } | null)?.retryable === true;

/** Whether the platform turned a fetch down before it reached any network: a bad port, scheme or header. */
const isTurnedDown = (error: unknown): boolean => {
  if (!(error instanceof TypeError) || codeOf(error) !== undefined) return false;
  const { cause } = error;
  return cause === undefined || (cause instanceof Error && /^(bad port|unknown scheme)$/.test(cause.message));
};

/** The ending by the error alone; undefined where an autopsy is needed. */
export const judgeThrownFetch = (error: unknown): Ending | undefined => {
  if (isOwnLimit(error)) return ending("blocked", "too many subrequests");
  if (isTurnedDown(error)) return ending("blocked", "the platform would not fetch this URL");
  const code = codeOf(error);
  const outcome = code === undefined ? undefined : outcomeOf(code);
  if (code === undefined || outcome === undefined || outcome === "reset") return undefined;
  return ending(outcome, code);
};

export interface FetchFailure {
  /** `late`: our own deadline passed. */
  how: "threw" | "late";
  error?: unknown;
  autopsy: Autopsy | undefined;
  /** Raw connects to this address have worked while the target was alive. */
  proven: boolean;
  /** The result of a second raw connect, with TLS; `untried` for plain http. */
  tls: "opened" | "rejected" | "untried";
}

/** The ending by a failed fetch and its autopsy together. */
export const judgeFetchFailure = (failure: FetchFailure): Ending =>
  failure.how === "late" ? judgeLate(failure) : judgeThrown(failure);

const judgeLate = ({ autopsy, proven }: FetchFailure): Ending => {
  if (autopsy?.kind === "opened" || autopsy?.kind === "closed")
    return { outcome: "response_timeout", stage: "response", detail: "connected, no answer" };
  if (autopsy?.kind === "silent")
    return { outcome: "connect_timeout", stage: proven ? "connect" : "unknown", detail: "no connection" };
  // A silent fetch and a rejected autopsy contradict each other. The silence counts, since fetch is the probe.
  return {
    outcome: "connect_timeout",
    stage: "unknown",
    detail: "no answer; whether it connected is unknown",
  };
};

const judgeThrown = ({ error, autopsy, proven, tls }: FetchFailure): Ending => {
  const name = codeOf(error) ?? "connection lost";
  if (autopsy?.kind === "opened" && tls === "rejected")
    return { outcome: "tls_failure", stage: "tls", detail: "TLS handshake failed" };
  if (autopsy?.kind === "opened" || autopsy?.kind === "closed")
    return { outcome: "reset", stage: "response", detail: name };
  if (autopsy?.kind !== "refused" || !proven)
    return { outcome: "reset", stage: "unknown", detail: `${name}; whether it had connected is unknown` };
  const { tookMs: connectMs } = autopsy;
  if (!isDisconnect(error))
    return { outcome: "dns_failure", stage: "connect", detail: "the name does not resolve" };
  return { outcome: "refused", stage: "connect", connectMs, detail: `connect rejected; ${name}` };
};

/**
 * The ending for a TLS dial that did not open, with the plain raw connect beside it. Node reports what failed by code; Workers reports only
 * that something failed.
 */
export const judgeHandshake = (
  failure: { how: "late" } | { how: "rejected"; error: unknown },
  autopsy: Autopsy | undefined,
): Ending => {
  const kind = autopsy?.kind ?? "void";
  if (failure.how === "late")
    return kind === "opened" || kind === "closed"
      ? { outcome: "response_timeout", stage: "tls", detail: "connected, TLS handshake unanswered" }
      : {
          outcome: "connect_timeout",
          stage: kind === "silent" ? "connect" : "unknown",
          detail: "no connection",
        };
  if (isOwnLimit(failure.error)) return ending("blocked", "too many subrequests");
  if (kind === "opened") return ending("tls_failure", "TLS handshake failed");
  if (kind === "closed") return { outcome: "reset", stage: "tls", detail: "closed before the TLS handshake" };
  if (autopsy?.kind === "refused")
    return { ...ending("refused", "connect rejected"), connectMs: autopsy.tookMs };
  if (kind === "silent") return ending("connect_timeout", "no connection");
  return {
    outcome: "reset",
    stage: "unknown",
    detail: "TLS connect rejected; whether it had connected is unknown",
  };
};

const EDGE_OUTCOME: Readonly<Record<number, readonly [Outcome, Stage, string]>> = {
  520: ["reset", "response", "broken or empty answer"],
  521: ["refused", "connect", "connection refused"],
  522: ["connect_timeout", "connect", "connection timed out"],
  // An unreachable message proves nothing about the process: silence, not a refusal.
  523: ["connect_timeout", "connect", "host unreachable"],
  524: ["response_timeout", "response", "no answer"],
  525: ["tls_failure", "tls", "TLS handshake failed"],
  526: ["tls_failure", "tls", "invalid certificate"],
};
const EDGE_NAME_ERROR = "1016";
/**
 * Cloudflare's 1xxx codes by which it turns a client away, whatever the target does: banned by address, network, country or signature, by a
 * rule, or for too many requests; an address instead of a name (1003); a Worker that asks another of its zone (1042).
 */
const TURNED_AWAY: readonly string[] = [
  "1003",
  "1005",
  "1006",
  "1007",
  "1008",
  "1009",
  "1010",
  "1012",
  "1015",
  "1020",
  "1042",
  "1106",
];

/** Whether an answer bears the marks of Cloudflare's proxy. */
export const bearsEdgeMarks = (headers: { get(name: string): string | null }): boolean =>
  headers.get("server")?.toLowerCase() === "cloudflare" && headers.get("cf-ray") !== null;

/**
 * The ending for a response in which Cloudflare's network itself reports that it got none from the target.
 * `text`: the beginning of the body. Undefined where the answer is the target's own.
 */
export const judgeEdgeAnswer = (
  status: number,
  headers: { get(name: string): string | null },
  text: string,
): Ending | undefined => {
  const code = /^error code: (\d+)/.exec(text)?.[1];
  if (code === undefined || !bearsEdgeMarks(headers)) return undefined;
  if (status === 530 && code === EDGE_NAME_ERROR)
    return { outcome: "dns_failure", stage: "connect", detail: "status 530, error code 1016: name unknown" };
  if (TURNED_AWAY.includes(code))
    return {
      outcome: "blocked",
      stage: "response",
      detail: `status ${status}, error code ${code}: Cloudflare turned the probe away`,
    };
  const row = EDGE_OUTCOME[status];
  if (row === undefined)
    return { outcome: "app_error", stage: "body", detail: `status ${status}, error code ${code}` };
  const [outcome, stage, words] = row;
  return { outcome, stage, detail: `status ${status}: ${words}` };
};
