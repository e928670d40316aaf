import { connect } from "cloudflare:sockets";
import type { Dial } from "../probe/socket.ts";

/** Raw connections on Workers. A name or port that cannot be one throws at once. */
export const dial: Dial = ({ host, port, tls }) =>
  connect(
    { hostname: host.includes(":") ? `[${host}]` : host, port },
    { secureTransport: tls ? "on" : "off", allowHalfOpen: false },
  );
