import { BODY_LIMIT } from "./response-body.ts";
import { attempt } from "./deadline.ts";
import { isDisconnect, isOwnLimit, judgeEdgeAnswer } from "./failure.ts";
import type { Fetch, Wire } from "./wire.ts";

/**
 * Whether a name that was turned away is in truth unknown. On Workers `connect()` reports both alike. `fetch` answers 530 with code 1016
 * (Cloudflare's network) or throws without having lost a connection (workerd alone). The request goes to the port that turned us away, so
 * no server receives it.
 */
export const isUnknownName = async (
  address: { host: string; port: number },
  wire: Wire,
  limitMs: number,
): Promise<boolean> => {
  const { fetch } = wire;
  if (fetch === undefined) return false;
  const stop = new AbortController();
  const asked = await attempt(
    wire.autopsy(() => ask(`http://${address.host}:${address.port}/`, fetch, stop.signal)),
    limitMs,
  );
  stop.abort();
  return asked.kind === "done" && asked.value;
};

const ask = async (url: string, fetch: Fetch, signal: AbortSignal): Promise<boolean> => {
  try {
    const response = await fetch(url, { redirect: "manual", cache: "no-store", signal });
    if (response.status !== 530) {
      await response.body?.cancel();
      return false;
    }
    const text = (await response.text()).slice(0, BODY_LIMIT);
    return judgeEdgeAnswer(response.status, response.headers, text)?.outcome === "dns_failure";
  } catch (error) {
    return !signal.aborted && !isOwnLimit(error) && !isDisconnect(error) && !(error instanceof TypeError);
  }
};
