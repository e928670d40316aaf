import { createSocket, type Socket as Udp } from "node:dgram";
import { isIPv6 } from "node:net";
import type { Datagrams, OpenDatagrams } from "../../../probe/datagrams.ts";
import { codeOf } from "../../../probe/code.ts";
import { inTurns, type Route } from "../../../probe/race.ts";
import { addressesOf, publicAddressesOf } from "./node-dial.ts";

/** How many received datagrams are kept until they are read; more are dropped, as by a full buffer of the kernel. */
const KEPT_MAX = 16;
const ignore = (): void => undefined;

/** A socket to one address. It is `connect`ed, so that the kernel delivers only what comes from there, errors of a closed port included. */
interface Line {
  address: string;
  socket: Udp;
  isOpen: boolean;
  /** Datagrams to send once the socket is open. */
  waiting: Uint8Array[];
}

class NodeDatagrams implements Datagrams {
  readonly opened: Promise<unknown>;
  readonly #port: number;
  readonly #lines = new Map<string, Line>();
  readonly #refused = new Map<string, Error>();
  readonly #kept: Uint8Array[] = [];
  #addresses: string[] = [];
  #turn = 0;
  #last: Uint8Array | undefined;
  #answered: string | undefined;
  #isClosed = false;
  #waiting: { resolve: (bytes: Uint8Array) => void; reject: (error: Error) => void } | undefined;

  constructor(addresses: Promise<readonly string[]>, port: number) {
    this.#port = port;
    this.opened = addresses.then((found) => {
      this.#addresses = inTurns(found);
    });
    this.opened.catch(ignore);
  }

  route = (): Route => ({ address: this.#answered, dead: [...this.#refused.keys()] });

  send(bytes: Uint8Array): void {
    this.#last = bytes;
    const left = this.#addresses.filter((address) => !this.#refused.has(address));
    const address = left[this.#turn++ % left.length];
    if (address !== undefined) this.#sendTo(this.#lineTo(address), bytes);
  }

  next(): Promise<Uint8Array> {
    const first = this.#kept.shift();
    if (first !== undefined) return Promise.resolve(first);
    const failure = this.#failure();
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  close(): void {
    this.#isClosed = true;
    for (const { socket } of this.#lines.values()) socket.close();
  }

  /** The failure once each address has turned a datagram away; undefined before. */
  #failure(): Error | undefined {
    const errors = [...this.#refused.values()];
    if (errors.length < this.#addresses.length) return undefined;
    // A closed port reveals more than an unreachable network.
    return errors.find((error) => codeOf(error) === "ECONNREFUSED") ?? errors[0];
  }

  #lineTo(address: string): Line {
    const known = this.#lines.get(address);
    if (known !== undefined) return known;
    const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
    const line: Line = { address, socket, isOpen: false, waiting: [] };
    this.#lines.set(address, line);
    socket.on("message", (bytes) => this.#take(address, bytes));
    socket.on("error", (error) => this.#refuse(line, error));
    socket.connect(this.#port, address, () => {
      line.isOpen = true;
      for (const bytes of line.waiting.splice(0)) this.#sendTo(line, bytes);
    });
    return line;
  }

  #sendTo(line: Line, bytes: Uint8Array): void {
    if (!line.isOpen) return void line.waiting.push(bytes);
    // The kernel reports a closed port at the next call of any kind.
    line.socket.send(bytes, (error) => {
      if (error !== null) this.#refuse(line, error);
    });
  }

  #take(address: string, bytes: Uint8Array): void {
    this.#answered = address;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) waiting.resolve(bytes);
    else if (this.#kept.length < KEPT_MAX) this.#kept.push(bytes);
  }

  #refuse({ address }: Line, error: Error): void {
    if (this.#isClosed || this.#refused.has(address)) return;
    this.#refused.set(address, error);
    const failure = this.#failure();
    // Other addresses are left: the next one is asked at once.
    if (failure === undefined) return this.#last === undefined ? undefined : this.send(this.#last);
    this.#waiting?.reject(failure);
    this.#waiting = undefined;
  }
}

/** Datagrams to these addresses of one host. */
export const datagramsTo = (addresses: Promise<readonly string[]>, port: number): Datagrams =>
  new NodeDatagrams(addresses, port);

/** Datagrams on Node. Rejections carry `error.code`. */
export const openDatagrams: OpenDatagrams = ({ host, port }) => datagramsTo(addressesOf(host), port);
/** Datagrams on Node, only to public addresses. */
export const openPublicDatagrams: OpenDatagrams = ({ host, port }) =>
  datagramsTo(publicAddressesOf(host), port);
