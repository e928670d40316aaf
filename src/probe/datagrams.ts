import type { Route } from "./race.ts";

/** A way to one port by datagrams, where the platform has them. */
export interface Datagrams {
  /** Resolves once the name is looked up; rejects with a code where that fails. */
  opened: Promise<unknown>;
  /** Sends to one address of the name, each time to the next of those that have not turned a datagram away. */
  send(bytes: Uint8Array): void;
  /** The next datagram from an address that one was sent to. Rejects with a code once every address has turned one away. */
  next(): Promise<Uint8Array>;
  route: () => Route;
  close(): void;
}

export type OpenDatagrams = (address: { host: string; port: number }) => Datagrams;
