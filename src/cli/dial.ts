import { connect as connectTcp, isIP, type Socket as NodeSocket } from "node:net";
import { Readable, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { Dial } from "../probe/socket.ts";

const ignore = (): void => undefined;

const openSocket: (...address: Parameters<Dial>) => NodeSocket = ({ host, port, tls }) => {
  if (!tls) return connectTcp({ host, port });
  // A literal address must not be sent as a server name (RFC 6066).
  return connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) });
};

/** Raw connections on Node. Rejections carry `error.code`; a port that cannot be one throws at once. */
export const dial: Dial = (address) => {
  const socket = openSocket(address);
  socket.on("error", ignore);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once(address.tls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("closed before it opened")));
  });
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  opened.catch(ignore);
  closed.catch(ignore);
  return {
    opened,
    closed,
    readable: Readable.toWeb(socket) as ReadableStream<Uint8Array>,
    writable: Writable.toWeb(socket) as WritableStream<Uint8Array>,
    close: () => {
      socket.destroy();
    },
  };
};
