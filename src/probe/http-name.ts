import type { Endpoint } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import { judgeAnswer } from "./judged-answer.ts";
import { channelKey } from "./channel.ts";
import { attempt } from "./deadline.ts";
import { heardOf, probeByFetch, sendRequest } from "./http-fetch.ts";
import { probeHttpBySocket, probeHttpBySocketAlone } from "./http-socket.ts";
import { hrefOf } from "./request.ts";
import { concludeProbe, type Ending, type Progress, startProgress } from "./progress.ts";
import type { Fetch, ProtocolProbe, ProbeSpec, Wire } from "./wire.ts";

/** Once a new connection has been silent for so long, `fetch` asks on an old one beside it. */
const BESIDE_AFTER_MS = 600;

/**
 * Once `fetch` on old connections has been silent for this share of the wait, a new connection asks beside it. A healthy target mostly
 * answers sooner, and a new connection still has the time for a lost packet and its answer.
 */
const ALONE_SHARE = 2 / 3;

/** The server answered, as expected or not. */
const isAnswer = ({ outcome }: { outcome: Ending["outcome"] }): boolean =>
  outcome === "ok" || outcome === "app_error";

const isSilence = ({ outcome }: Finding): boolean =>
  outcome === "connect_timeout" || outcome === "response_timeout";

/**
 * HTTP by name where there is a `fetch`. Only `fetch` returns Cloudflare's report on an origin and reaches targets behind Cloudflare. But
 * it uses old connections, on which a node goes on answering although it lets no new connection in. So a fresh look makes a new connection,
 * where raw connects are known to work in health.
 */
export const probeByName =
  (fetch: Fetch): ProtocolProbe =>
  async (spec, endpoint, wire, progress) => {
    const isTrusted = wire.channels.proven(channelKey(endpoint));
    // `fetch` takes one of several addresses and does not report which; TLS to a chosen address under the name is not available.
    const isSeveral = endpoint.scheme === "http" && (spec.addresses?.length ?? 0) > 1;
    const isWorthIt = isSeveral && wire.channels.worthTrying(channelKey(endpoint), wire.now());
    if (isWorthIt || (spec.fresh === true && isTrusted))
      return probeAfresh(fetch, spec, endpoint, wire, progress);
    const byFetch = probeByFetch(fetch)(spec, endpoint, wire, progress);
    const mayAskAnew = (): boolean =>
      !isSeveral && wire.channels.worthTrying(channelKey(endpoint), wire.now());
    const early = await attempt(byFetch, ALONE_SHARE * spec.timeoutMs);
    if (early.kind === "late" && mayAskAnew()) return besideSilence(byFetch, spec, endpoint, wire, progress);
    const found = await byFetch;
    return found.outcome === "reset" && mayAskAnew()
      ? onceMore(found, spec, endpoint, wire, progress)
      : found;
  };

/**
 * A firewall on the way may have forgotten the old connections, as firewalls forget idle ones, and let new ones through. Only the `ok` of
 * the new connection counts, because it had less than the whole wait. The new connection has no examiner of its own, so that no more
 * connections are open at once than a look by name may have.
 */
const besideSilence = async (
  byFetch: Promise<Finding>,
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
): Promise<Finding> => {
  const anew = inTheTimeLeft(probeHttpBySocketAlone, spec, endpoint, wire, progress).then((second) =>
    second.outcome === "ok" ? second : undefined,
  );
  const second = await Promise.race([
    anew,
    byFetch.then((found) => (found.outcome === "ok" ? undefined : anew)),
  ]);
  if (second === undefined) return byFetch;
  const detail = ["old connections are silent, a new one is served", second.detail]
    .filter(Boolean)
    .join("; ");
  return concludeProbe(progress, { ...second, detail });
};

/**
 * The other side may have closed an old connection just as it was used again, which shows nothing about the node; and `fetch` has the same
 * error for an answer that it cannot read. So a new connection asks once more, in the time that is left, and its answer is read as from
 * any socket. An answer counts whether or not raw connects are known to work. Without one, the first finding stands.
 */
const onceMore = async (
  found: Finding,
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
): Promise<Finding> => {
  if (progress.remainingMs() === 0) return found;
  const second = await inTheTimeLeft(probeHttpBySocket, spec, endpoint, wire, progress);
  return isAnswer(second) ? concludeProbe(progress, second) : found;
};

/** A second look within one that is under way, with the time that the first has left and with stages of its own. */
const inTheTimeLeft = (
  prober: ProtocolProbe,
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
): Promise<Finding> => {
  const timeoutMs = progress.remainingMs();
  return prober({ ...spec, timeoutMs }, endpoint, wire, startProgress(wire.now, timeoutMs));
};

const probeAfresh = async (
  fetch: Fetch,
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
): Promise<Finding> => {
  const key = channelKey(endpoint);
  const stop = new AbortController();
  try {
    const fresh = probeHttpBySocket(spec, endpoint, wire, progress);
    const quietMs = Math.min(BESIDE_AFTER_MS, (spec.connectWithinMs ?? spec.timeoutMs) / 2);
    const early = await attempt(fresh, quietMs);
    const beside = early.kind === "late" ? askBeside(fetch, spec, endpoint, wire, stop) : undefined;
    // Where no raw connect has ever worked, an answer by `fetch` is the best evidence.
    const isTrusted = wire.channels.proven(key);
    const sooner = isTrusted || beside === undefined ? undefined : await soonerAnswer(fresh, beside);
    if (sooner !== undefined) {
      wire.channels.learn(key, wire.now(), { kind: "silent", tookMs: progress.elapsedMs() });
      return concludeProbe(progress, sooner);
    }
    const found = await fresh;
    if (isAnswer(found)) {
      const { connectMs: tookMs } = found;
      if (tookMs !== undefined) wire.channels.learn(key, wire.now(), { kind: "opened", tookMs });
      return found;
    }
    const old = await (beside === undefined
      ? probeByFetch(fetch)(spec, endpoint, wire, progress)
      : Promise.race([beside, Promise.resolve(undefined)]));
    return old === undefined ? found : weigh(found, old, wire, progress, key);
  } finally {
    stop.abort();
  }
};

/** The answer by `fetch`, where it comes before the new connection's own. */
const soonerAnswer = (
  fresh: Promise<Finding>,
  beside: Promise<Finding | undefined>,
): Promise<Finding | undefined> => {
  const answered = beside.then((old) =>
    old !== undefined && isAnswer(old) ? old : fresh.then(() => undefined),
  );
  return Promise.race([answered, fresh.then((found) => (isAnswer(found) ? undefined : answered))]);
};

/** The finding by a failed new connection and the result of `fetch` together. */
const weigh = (found: Finding, old: Finding, wire: Wire, progress: Progress, key: string): Finding => {
  const isTrusted = wire.channels.proven(key);
  if (isAnswer(old)) {
    wire.channels.learn(key, wire.now(), {
      kind: found.outcome === "refused" ? "refused" : "silent",
      tookMs: found.totalMs,
    });
    // A name that has moved behind Cloudflare cannot be reached any other way.
    if (!wire.channels.proven(key)) return old;
    const detail = `no new connection is served (${found.outcome}: ${found.detail ?? found.stage}), an old one is`;
    return concludeProbe(progress, { outcome: "app_error", stage: found.stage, detail }, found.totalMs);
  }
  return old.stage === "unknown" || (isTrusted && isSilence(old)) ? found : old;
};

/** The finding by `fetch`; undefined where it gets no answer. */
const askBeside = async (
  fetch: Fetch,
  spec: ProbeSpec,
  endpoint: Endpoint,
  wire: Wire,
  stop: AbortController,
): Promise<Finding | undefined> => {
  const progress = startProgress(wire.now, spec.timeoutMs);
  const answer = await sendRequest(
    fetch,
    hrefOf(endpoint.href, spec, wire, progress),
    spec,
    wire,
    progress,
    stop,
  );
  if (answer.kind !== "done") return undefined;
  return concludeProbe(
    progress,
    await judgeAnswer(heardOf(answer.value, wire, channelKey(endpoint)), spec, progress),
  );
};
