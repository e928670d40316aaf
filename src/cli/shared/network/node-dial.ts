import { promises as dns } from "node:dns";
import { connect as connectTcp, isIP, type Socket as NodeSocket } from "node:net";
import { Readable, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import { barTo } from "../../../domain/address.ts";
import type { Certificate } from "../../../domain/certificate.ts";
import { race } from "../../../probe/race.ts";
import type { Dial, Socket } from "../../../probe/socket.ts";
import { certificateOf } from "./peer-certificate.ts";

const ignore = (): void => undefined;

/** The most addresses of a name that are tried at once. */
const AT_ONCE = 6;

const once = (socket: NodeSocket, event: string): Promise<void> =>
  new Promise((resolve) => {
    socket.once(event, () => resolve());
  });

/** Adapts a Node socket for probes. Its streams are made on first use: earlier they would take bytes that TLS on it needs. */
const adapt = (
  socket: NodeSocket,
  event: "connect" | "secureConnect",
  flaw: () => string | undefined = () => undefined,
): Socket => {
  socket.on("error", ignore);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once(event, () => {
      const code = flaw();
      if (code === undefined) return resolve();
      reject(Object.assign(new Error("the certificate is not good"), { code }));
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed before it opened")));
  });
  opened.catch(ignore);
  let readable: Socket["readable"] | undefined;
  let writable: Socket["writable"] | undefined;
  return {
    opened,
    closed: once(socket, "close"),
    get readable() {
      return (readable ??= Readable.toWeb(socket) as Socket["readable"]);
    },
    get writable() {
      return (writable ??= Writable.toWeb(socket) as Socket["writable"]);
    },
    startTls: (host) => secure(socket, host),
    close: () => {
      socket.destroy();
    },
  };
};

/**
 * TLS on an open connection, for a host of this name. Node is set not to end a connection with a bad certificate, because it would then not
 * show the certificate. This code ends it instead, before anything is sent.
 */
const secure = (socket: NodeSocket, host: string): Socket => {
  // A literal address must not be sent as a server name (RFC 6066).
  const named = isIP(host) === 0 ? { servername: host } : {};
  const tls = connectTls({ socket, host, ...named, rejectUnauthorized: false });
  let certificate: Certificate | undefined;
  const secured = adapt(tls, "secureConnect", () => {
    certificate = certificateOf(tls.getPeerX509Certificate());
    return tls.authorized ? undefined : String(tls.authorizationError);
  });
  return Object.assign(secured, { certificate: () => certificate });
};

/** The addresses of a name, in the resolver's order; a literal address is its own. */
export const addressesOf = async (host: string): Promise<string[]> => {
  if (isIP(host) !== 0) return [host];
  const found = await dns.lookup(host, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
};

/** The same, but rejects with a code of its own where one of the addresses is private. */
export const publicAddressesOf = async (host: string): Promise<string[]> => {
  const found = await addressesOf(host);
  const bar = barTo(host, found);
  if (bar !== undefined) throw Object.assign(new Error(bar), { code: "EPRIVATE" });
  return found;
};

const after = (ms: number, task: () => void): (() => void) => {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
};

/**
 * Raw connections on Node, to the addresses that `resolve` gives. Rejections carry `error.code`; a port that cannot be one throws at once.
 */
const dialBy =
  (resolve: (host: string) => Promise<string[]>): Dial =>
  ({ host, port, tls }) => {
    if (port > PORT_MAX) throw Object.assign(new RangeError("no such port"), { code: "ERR_SOCKET_BAD_PORT" });
    let secured: Socket | undefined;
    const raced = race({
      resolve: () => resolve(host),
      connect: (address) => adapt(connectTcp({ host: address, port }), "connect"),
      secure: tls ? (socket) => (secured = socket.startTls?.(host) ?? socket) : undefined,
      atOnce: AT_ONCE,
      after,
    });
    return tls ? Object.assign(raced, { certificate: () => secured?.certificate?.() }) : raced;
  };

export const nodeDial = dialBy(addressesOf);
/** Connects only to public addresses: it dials the very addresses that were checked. */
export const publicDial = dialBy(publicAddressesOf);

const PORT_MAX = 65_535;
