import type { Certificate } from "../domain/certificate.ts";
import type { Route } from "./race.ts";

/** The steps before a connection is open. Neither promise rejects; the promise of a step that is never reached never resolves. */
export interface Opening {
  /** The name has been looked up. */
  resolved: Promise<void>;
  /** TCP is connected; TLS may follow. */
  connected: Promise<void>;
}

/** A raw connection, as both `cloudflare:sockets` and the Node adapter provide it. */
export interface Socket {
  /** Resolves once connected (with TLS: once the handshake is done), rejects when that fails. */
  opened: Promise<unknown>;
  /** How far the opening has come, where the platform reports that. */
  opening?: Opening;
  closed: Promise<unknown>;
  readable: ReadableStream<Uint8Array>;
  writable: WritableStream<Uint8Array>;
  /** Where several addresses were tried: which have answered by now, and which have not. */
  route?: () => Route;
  /** With TLS, where the platform shows it: the other side's certificate, whether accepted or not. */
  certificate?: () => Certificate | undefined;
  /** Starts TLS on this connection once it is open, for a host of this name; where the platform has it. */
  startTls?: (serverName: string) => Socket;
  close(): Promise<unknown> | void;
}

export interface Address {
  /** A name or a literal address; IPv6 without brackets. */
  host: string;
  port: number;
  tls: boolean;
}

/** May throw synchronously, for a port or place that the platform does not support. */
export type Dial = (address: Address) => Socket;

const ignore = (): void => undefined;

/** Dials, and handles the rejections of the socket's promises. */
export const open = (dial: Dial, address: Address): { socket: Socket } | { error: unknown } => {
  try {
    const socket = dial(address);
    socket.opened.catch(ignore);
    socket.closed.catch(ignore);
    return { socket };
  } catch (error) {
    return { error };
  }
};

/** Closes without waiting: a connection attempt that hangs may never finish closing. */
export const shut = (socket: Socket): void => {
  try {
    Promise.resolve(socket.close()).catch(ignore);
  } catch {
    // It was closed already.
  }
};
