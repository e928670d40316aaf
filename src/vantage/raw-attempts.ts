/** One connection each, as the platform makes it, with all that the platform says of its end. */
import { isLiteralAddress, parseEndpoint, type Endpoint } from "../domain/address.ts";
import type { Attempt, CompleteAttemptRequest, Thrown } from "../domain/attempt.ts";
import { probeKindOf } from "../domain/kinds.ts";
import { attempt } from "../probe/deadline.ts";
import { bearsEdgeMarks } from "../probe/failure.ts";
import { open, shut } from "../probe/socket.ts";
import type { Means } from "./prober.ts";

const TEXT_MAX = 300;
/** A late attempt is reported as late, and ended this much later. */
const LEFT_MS = 250;
/** An address, a name or a random reference of the platform does not belong in a bug report. */
const PRIVATE =
  /reference = \S+|\b\d{1,3}(\.\d{1,3}){3}\b|\[[0-9a-f:]+\]|\b[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}\b/gi;

const masked = (text: string): string => text.replaceAll(PRIVATE, "…").slice(0, TEXT_MAX);

const flag = (value: unknown): boolean | null => (typeof value === "boolean" ? value : null);

const thrownBy = (error: unknown): Thrown => {
  const { code, retryable, overloaded, remote } = (error ?? {}) as Record<string, unknown>;
  return {
    name: error instanceof Error ? error.name : typeof error,
    message: masked(error instanceof Error ? error.message : String(error)),
    code: typeof code === "string" ? code.slice(0, TEXT_MAX) : null,
    retryable: flag(retryable),
    overloaded: flag(overloaded),
    remote: flag(remote),
  };
};

const NOTHING = { status: null, proxied: false, body: null, thrown: null };

/** The outcome of `work`, which may add details. */
const timed = async (
  by: Attempt["by"],
  limitMs: number,
  work: () => Promise<Partial<Attempt> & Pick<Attempt, "end">>,
): Promise<Attempt> => {
  const begin = Date.now();
  const ended = await attempt(work(), limitMs);
  const tookMs = Date.now() - begin;
  if (ended.kind === "done") return { by, tookMs, ...NOTHING, ...ended.value };
  if (ended.kind === "late") return { by, tookMs, end: "late", ...NOTHING };
  return { by, tookMs, end: "failed", ...NOTHING, thrown: thrownBy(ended.error) };
};

/** A body is read to its end, so that one that breaks off is noticed, but not without bound. */
const BODY_MAX = 65_536;

const beginningOf = async ({ body }: Response): Promise<string> => {
  if (body === null) return "";
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
    if (text.length <= BODY_MAX) continue;
    await reader.cancel();
    return text;
  }
};

const byFetch = ({ fetch }: Means, { url, timeoutMs }: CompleteAttemptRequest): Promise<Attempt> =>
  timed("fetch", timeoutMs, async () => {
    const signal = AbortSignal.timeout(timeoutMs + LEFT_MS);
    const response = await fetch(url, { redirect: "manual", signal });
    const { status, headers } = response;
    const answered = { end: "answered" as const, status, proxied: bearsEdgeMarks(headers) };
    try {
      return { ...answered, body: masked(await beginningOf(response)) };
    } catch (error) {
      return { ...answered, thrown: thrownBy(error) };
    }
  });

const byConnect = (
  { dial }: Means,
  { host, port }: Endpoint,
  tls: boolean,
  limitMs: number,
): Promise<Attempt> =>
  timed(tls ? "connect with TLS" : "connect", limitMs, async () => {
    const dialled = open(dial, { host, port, tls });
    if ("error" in dialled) throw dialled.error;
    await dialled.socket.opened.finally(() => shut(dialled.socket));
    return { end: "opened" };
  });

const repeated = (times: number, one: () => Promise<Attempt>): Promise<Attempt[]> =>
  Promise.all(Array.from({ length: times }, one));

/** All ways in which a probe of this URL may connect. The first way is tried `times` times at once, each other way once. */
export const attemptAll = async (means: Means, request: CompleteAttemptRequest): Promise<Attempt[]> => {
  const endpoint = parseEndpoint(request.url);
  if (typeof endpoint === "string") throw new Error(`the URL ${endpoint}`);
  const { form, isSecure = false } = probeKindOf(endpoint.scheme);
  const connect = (tls: boolean) => (): Promise<Attempt> =>
    byConnect(means, endpoint, tls, request.timeoutMs);
  // `fetch` does not treat an address as a name, but how it fails is worth knowing as well.
  const ways = [
    ...(form === "web" ? [() => byFetch(means, request)] : []),
    connect(false),
    ...(isSecure && !isLiteralAddress(endpoint.host) ? [connect(true)] : []),
  ];
  const found: Attempt[] = [];
  for (const [index, way] of ways.entries())
    found.push(...(await repeated(index === 0 ? request.times : 1, way)));
  return found;
};
