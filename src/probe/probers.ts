import { isLiteralAddress } from "../domain/address.ts";
import type { ExpectOf, Scheme } from "../domain/kinds.ts";
import { probeDns } from "./dns.ts";
import { probeByName } from "./http-name.ts";
import { probeHttpBySocket } from "./http-socket.ts";
import { probePostgres } from "./postgres.ts";
import { probeRedis } from "./redis.ts";
import { probeTcp } from "./tcp.ts";
import { probeTls } from "./tls.ts";
import type { ProtocolProbe } from "./wire.ts";

/**
 * HTTP by `fetch` for names, where there is a `fetch`, since only it returns Cloudflare's report on an origin; by a socket for literal
 * addresses, which `fetch` may turn down there (error 1003).
 */
const probeHttp: ProtocolProbe = (spec, endpoint, wire, progress) => {
  const { fetch } = wire;
  const prober =
    fetch === undefined || isLiteralAddress(endpoint.host) ? probeHttpBySocket : probeByName(fetch);
  return prober(spec, endpoint, wire, progress);
};

/** The prober for each scheme of a target's URL. `KINDS` (domain/kinds.ts) lists what may be expected of the target. */
export const PROBERS: { readonly [S in Scheme]: ProtocolProbe<ExpectOf<S>> } = {
  http: probeHttp,
  https: probeHttp,
  tcp: probeTcp,
  tls: probeTls,
  dns: probeDns,
  postgres: probePostgres,
  redis: probeRedis,
};
