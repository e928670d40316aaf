import { connect as connectTcp, isIP, type Socket as NodeSocket } from "node:net";
import { Readable, Writable } from "node:stream";
import { connect as connectTls } from "node:tls";
import type { Dial } from "../probe/socket.ts";

const ignore = (): void => undefined;

/**
 * Of a name with several addresses the next is tried after this long. Node's 250 ms would give up on a
 * healthy path around the globe, and fail where the next address is one this host has no route to.
 */
const NEXT_ADDRESS_MS = 1_000;

const openSocket: (...address: Parameters<Dial>) => NodeSocket = ({ host, port, tls }) => {
  const address = { host, port, autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS };
  if (!tls) return connectTcp(address);
  // A literal address must not be sent as a server name (RFC 6066).
  return connectTls({ ...address, ...(isIP(host) === 0 ? { servername: host } : {}) });
};

/** Errors by which some host has answered, unlike those by which none was reached. */
const ANSWERED: ReadonlySet<unknown> = new Set(["ECONNREFUSED", "ECONNRESET"]);

/** Of several addresses tried in vain, the failure that says most: a refusal by one outweighs no route to another. */
const telling = (error: Error): unknown => {
  const { errors } = error as { errors?: NodeJS.ErrnoException[] };
  return errors?.find(({ code }) => ANSWERED.has(code)) ?? error;
};

const once = (socket: NodeSocket, event: string): Promise<void> =>
  new Promise((resolve) => {
    socket.once(event, () => resolve());
  });

/** Raw connections on Node. Rejections carry `error.code`; a port that cannot be one throws at once. */
export const dial: Dial = (address) => {
  const socket = openSocket(address);
  socket.on("error", ignore);
  const opened = new Promise<void>((resolve, reject) => {
    socket.once(address.tls ? "secureConnect" : "connect", () => resolve());
    socket.once("error", (error) => reject(telling(error) as Error));
    socket.once("close", () => reject(new Error("closed before it opened")));
  });
  const closed = once(socket, "close");
  const resolved = isIP(address.host) === 0 ? lookedUp(socket) : Promise.resolve();
  opened.catch(ignore);
  return {
    opened,
    opening: { resolved, connected: once(socket, "connect") },
    closed,
    readable: Readable.toWeb(socket) as ReadableStream<Uint8Array>,
    writable: Writable.toWeb(socket) as WritableStream<Uint8Array>,
    close: () => {
      socket.destroy();
    },
  };
};

/** Resolves once the name is known; a failed look-up rejects the opening with its code. */
const lookedUp = (socket: NodeSocket): Promise<void> =>
  new Promise((resolve) => {
    // Told once for the look-up and with several addresses once for each attempt.
    socket.once("lookup", () => resolve());
    socket.once("connect", () => resolve());
  });
