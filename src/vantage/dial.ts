import { connect } from "cloudflare:sockets";
import type { Dial, Socket } from "../probe/socket.ts";

/** What failed on an open connection cannot be anything but the handshake, of which Workers says only that it did: by Node's code. */
const handshakeFailed = (): Error => Object.assign(new Error("TLS handshake failed"), { code: "EPROTO" });

/** Raw connections on Workers. A name or port that cannot be one throws at once. */
export const dial: Dial = ({ host, port, tls, upgradable = false }) => {
  const socket = connect(
    { hostname: host.includes(":") ? `[${host}]` : host, port },
    { secureTransport: upgradable ? "starttls" : tls ? "on" : "off", allowHalfOpen: false },
  );
  const { opened, closed, readable, writable } = socket;
  return {
    opened,
    closed,
    readable,
    writable,
    close: () => socket.close(),
    startTls: (serverName): Socket => {
      const secure = socket.startTls({ expectedServerHostname: serverName });
      return {
        opened: secure.opened.catch(() => {
          throw handshakeFailed();
        }),
        closed: secure.closed,
        readable: secure.readable,
        writable: secure.writable,
        close: () => secure.close(),
      };
    },
  };
};
