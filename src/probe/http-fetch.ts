import type { Endpoint } from "../domain/address.ts";
import { type AnswerHead, judgeAnswer } from "./judged-answer.ts";
import { dissect } from "./autopsy.ts";
import { channelKey } from "./channel.ts";
import { codingsOf } from "./coding.ts";
import { attempt, type Attempted } from "./deadline.ts";
import { Examiner } from "./examiner.ts";
import { bearsEdgeMarks, judgeFetchFailure, judgeThrownFetch } from "./failure.ts";
import { concludeProbe, type Ending, type Progress } from "./progress.ts";
import { hrefOf, requestHeaders } from "./request.ts";
import type { Fetch, ProtocolProbe, ProbeSpec, Wire } from "./wire.ts";

const ignore = (): void => undefined;

const UNCONNECTED: Ending = { outcome: "connect_timeout", stage: "connect", detail: "no connection" };

/** HTTP by `fetch`, which hides its connection: raw connects reveal the stage. */
export const probeByFetch =
  (fetch: Fetch): ProtocolProbe =>
  async (spec, endpoint, wire, progress) => {
    const key = channelKey(endpoint);
    const https = endpoint.scheme === "https";
    const trusted = wire.channels.proven(key);
    const examiner = new Examiner(wire, endpoint, progress, {
      openedStage: "response",
      trusted,
      lingers: https,
    });
    const stop = new AbortController();
    try {
      if (trusted && (await isShut(endpoint, spec, wire, progress)))
        return concludeProbe(progress, UNCONNECTED);
      examiner.start();
      const answer = await sendRequest(
        fetch,
        hrefOf(endpoint.href, spec, wire, progress),
        spec,
        wire,
        progress,
        stop,
      );
      const totalMs = progress.elapsedMs();
      if (answer.kind !== "done") {
        const ending = await explain(answer, examiner, https, trusted);
        const connectMs = ending.connectMs ?? (ending.outcome === "refused" ? totalMs : undefined);
        return concludeProbe(progress, { ...ending, connectMs }, totalMs);
      }
      const ending = await judgeAnswer(heardOf(answer.value, wire, key), spec, progress);
      const endedMs = progress.elapsedMs();
      if (ending.outcome === "ok") {
        wire.channels.learnEdge(key, bearsEdgeMarks(answer.value.headers));
        await examiner.confirm();
      }
      return concludeProbe(progress, ending, endedMs);
    } finally {
      examiner.stop();
      stop.abort();
    }
  };

/**
 * `fetch` hides its connection, so a silence may last as long as an answer may take. A target that was silent the last time therefore gets
 * a raw connect first, where raw connects are known to work in health: true where it did not open.
 */
const isShut = async (
  { host, port }: Endpoint,
  { timeoutMs, connectWithinMs = timeoutMs, wasSilent = false }: ProbeSpec,
  wire: Wire,
  progress: Progress,
): Promise<boolean> => {
  if (!wasSilent || connectWithinMs >= timeoutMs) return false;
  progress.stage = "connect";
  const { kind, tookMs } = await dissect(wire.dial, { host, port, tls: false }, wire.now, {
    limitMs: connectWithinMs,
  });
  if (kind === "opened") progress.connectMs = tookMs;
  if (kind !== "silent") progress.stage = kind === "opened" ? "response" : "unknown";
  return kind === "silent";
};

export const sendRequest = async (
  fetch: Fetch,
  href: string,
  spec: ProbeSpec,
  wire: Wire,
  progress: Progress,
  stop: AbortController,
): Promise<Attempted<Response>> => {
  const pending = (async () =>
    fetch(href, {
      method: "GET",
      redirect: "manual",
      cache: "no-store",
      headers: requestHeaders(spec, wire),
      signal: stop.signal,
    }))();
  const answer = await attempt(pending, progress.remainingMs());
  // An answer that comes after the deadline is cancelled.
  if (answer.kind === "late") pending.then((response) => response.body?.cancel(), ignore).catch(ignore);
  return answer;
};

const explain = async (
  failure: { kind: "failed"; error: unknown } | { kind: "late" },
  examiner: Examiner,
  https: boolean,
  proven: boolean,
): Promise<Ending> => {
  if (failure.kind === "late")
    return judgeFetchFailure({ how: "late", autopsy: await examiner.newest(), proven, tls: "untried" });
  const { error } = failure;
  const said = judgeThrownFetch(error);
  if (said !== undefined) return said;
  const autopsy = await examiner.fresh();
  const tls = https && autopsy?.kind === "opened" ? await examiner.shakesHands() : "untried";
  return judgeFetchFailure({ how: "threw", error, autopsy, proven, tls });
};

/** The codings that `fetch` on Workers decodes, if the header names exactly one of them. Node's `fetch` decodes all that it knows. */
const DECODED_BY_WORKERS: readonly (string | null)[] = ["gzip", "br"];

export const heardOf = ({ status, headers, body }: Response, wire: Wire, key: string): AnswerHead => {
  const coding = headers.get("content-encoding");
  return {
    status,
    fields: headers,
    body: body === null ? null : body.getReader(),
    codings: wire.relayed && !DECODED_BY_WORKERS.includes(coding) ? codingsOf(coding) : [],
    isProxied: !wire.relayed || wire.channels.behindEdge(key),
  };
};
