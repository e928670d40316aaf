import { connect } from "cloudflare:sockets";
import type { Dial } from "../probe/socket.ts";

/** Raw connections on Workers. Throws at once for an impossible name or port. */
export const workersDial: Dial = ({ host, port, tls }) => {
  const socket = connect(
    { hostname: host.includes(":") ? `[${host}]` : host, port },
    { secureTransport: tls ? "on" : "off", allowHalfOpen: false },
  );
  const { opened, closed, readable, writable } = socket;
  return { opened, closed, readable, writable, close: () => socket.close() };
};
