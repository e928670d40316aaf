import { createSocket, type Socket as Udp } from "node:dgram";
import type { Socket } from "node:net";
import { createServer } from "node:net";
import type { Scheme } from "../../../src/domain/kinds.ts";
import { freePort } from "../../../scripts/port.ts";
import type { Case } from "../provided.ts";
import { listen, track } from "../servers.ts";

/** How a server behaves, by TCP and by UDP. It does not listen on a protocol that is missing here. */
export interface Behaviour {
  tcp?: (socket: Socket) => void;
  /** `reply` may be called as often as wanted. */
  udp?: (message: Buffer, reply: (bytes: Uint8Array) => void) => void;
}

/** The cases of one kind of probe, against fake servers. */
export interface KindCases {
  scheme: Scheme;
  /** The part of the URL after host and port. */
  path?: string;
  behaviours: Readonly<Record<string, Behaviour>>;
  cases: readonly Case[];
}

/** What any server may do, whatever protocol it speaks; and below, what a probe finds then if it must talk to the server. */
export const RUDE: Readonly<Record<string, Behaviour>> = {
  silent: { tcp: () => undefined },
  resetsWhenAsked: { tcp: (socket) => socket.once("data", () => socket.resetAndDestroy()) },
  endsWhenAsked: { tcp: (socket) => socket.once("data", () => socket.end()) },
  endless: { tcp: (socket) => flood(socket) },
};

const flood = (socket: Socket): void => {
  const block = Buffer.alloc(16_384, "x");
  const pour = (): void => {
    while (!socket.destroyed && socket.write(block));
  };
  socket.on("drain", pour);
  pour();
};

export const RUDE_CASES: readonly Case[] = [
  { of: "nobody", finds: "refused/connect" },
  { of: "silent", finds: "response_timeout/response" },
  { of: "resetsWhenAsked", finds: "reset/response" },
  { of: "endsWhenAsked", finds: "reset/response" },
  { of: "endless", finds: "app_error/body" },
];

/** Sends this text when asked, a byte at a time. */
export const dripping =
  (text: string): ((socket: Socket) => void) =>
  (socket) =>
    socket.once("data", () => {
      socket.setNoDelay(true);
      const next = (at: number): void => {
        if (at < text.length)
          socket.write(Buffer.from(text.slice(at, at + 1), "latin1"), () => setImmediate(next, at + 1));
      };
      next(0);
    });

/** Sends this text when asked. */
export const saying =
  (text: string): ((socket: Socket) => void) =>
  (socket) =>
    socket.once("data", () => socket.write(Buffer.from(text, "latin1")));

const listenUdp = (udp: Udp, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    udp.once("error", reject);
    udp.bind(port, "127.0.0.1", () => resolve());
  });

const startOne = async ({ tcp, udp }: Behaviour): Promise<{ port: number; stop: () => Promise<void> }> => {
  const server = createServer(tcp ?? (() => undefined));
  const stop = track(server);
  const port = tcp === undefined ? await freePort() : await listen(server);
  if (udp === undefined) return { port, stop: tcp === undefined ? () => Promise.resolve() : stop };
  const socket = createSocket("udp4");
  socket.on("message", (message, { port: to, address }) =>
    udp(message, (bytes) => socket.send(bytes, to, address)),
  );
  await listenUdp(socket, port);
  return {
    port,
    stop: async () => {
      socket.close();
      if (tcp !== undefined) await stop();
    },
  };
};

/** Starts all servers of a kind. Returns their URLs by behaviour. */
export const startKind = async ({
  scheme,
  path = "",
  behaviours,
}: KindCases): Promise<{ urls: Record<string, string>; stop: () => Promise<void> }> => {
  const urls: Record<string, string> = { nobody: `${scheme}://127.0.0.1:${await freePort()}${path}` };
  const stops: (() => Promise<void>)[] = [];
  for (const [name, behaviour] of Object.entries(behaviours)) {
    const { port, stop } = await startOne(behaviour);
    urls[name] = `${scheme}://127.0.0.1:${port}${path}`;
    stops.push(stop);
  }
  return {
    urls,
    stop: async () => {
      await Promise.all(stops.map((stop) => stop()));
    },
  };
};
