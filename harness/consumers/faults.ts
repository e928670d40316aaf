import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { freePort } from "../../scripts/port.ts";

/** Faults of our API towards its pollers. `slow`: answers right, after 3.5 s. `gone`: refuses connections. */
export const FAULTS = ["500", "401", "429", "slow", "gone"] as const;
export type Fault = "fine" | (typeof FAULTS)[number];

const SLOW_MS = 3_500;

const BROKEN: Readonly<Record<"500" | "401" | "429", { title: string; headers: Record<string, string> }>> = {
  "500": { title: "Internal Server Error", headers: {} },
  "401": { title: "Unauthorized", headers: { "www-authenticate": "Bearer" } },
  "429": { title: "Too Many Requests", headers: { "retry-after": "10" } },
};

/** Where one consumer polls us: each has its own port, so that its requests can be counted separately. */
export interface Door {
  name: string;
  url: string;
  port: number;
  /** Requests that came in so far, whatever the answer was. */
  requests: number;
}

interface Hinged extends Door {
  server: Server;
  sockets: Set<Socket>;
}

/** An HTTP proxy in front of the detector, with a door for each consumer and one fault for all of them. */
export class FaultProxy {
  readonly #to: { host: string; port: number };
  readonly #doors: Hinged[] = [];
  #fault: Fault = "fine";

  /** `to`: the detector's port on loopback. */
  constructor(to: { host: string; port: number }) {
    this.#to = to;
  }

  get fault(): Fault {
    return this.#fault;
  }

  /** Opens a door on a free port; it stays the same through every fault. */
  async open(name: string): Promise<Door> {
    const sockets = new Set<Socket>();
    const server = createServer((incoming, answer) => {
      door.requests += 1;
      this.#serve(incoming, answer);
    });
    server.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("close", () => sockets.delete(socket));
    });
    const port = await freePort();
    await listen(server, port);
    const door: Hinged = { name, url: `http://127.0.0.1:${port}`, port, requests: 0, server, sockets };
    this.#doors.push(door);
    return door;
  }

  /** From now on all doors have this fault. Open connections break, as they do when a server fails. */
  async switchTo(fault: Fault): Promise<void> {
    const before = this.#fault;
    this.#fault = fault;
    if (fault !== "fine")
      for (const { sockets } of this.#doors) for (const socket of sockets) socket.destroy();
    if (fault === "gone") await Promise.all(this.#doors.map(({ server }) => close(server)));
    else if (before === "gone")
      await Promise.all(this.#doors.map(({ server, port }) => listen(server, port)));
  }

  async stop(): Promise<void> {
    await this.switchTo("gone");
  }

  #serve(incoming: IncomingMessage, answer: ServerResponse): void {
    const fault = this.#fault;
    answer.on("error", () => undefined);
    if (fault === "fine") return this.#forward(incoming, answer);
    if (fault === "slow") return void setTimeout(() => this.#forward(incoming, answer), SLOW_MS).unref();
    incoming.resume();
    if (fault === "gone") return void answer.destroy();
    const { title, headers } = BROKEN[fault];
    const type = "application/problem+json";
    answer
      .writeHead(Number(fault), { ...headers, "content-type": type })
      .end(JSON.stringify({ type: "about:blank", title, status: Number(fault), detail: title, errors: [] }));
  }

  #forward(incoming: IncomingMessage, answer: ServerResponse): void {
    const { method, url: path, headers } = incoming;
    // HTTP/1.0 does not need a Host header, but the detector does.
    const sent = { ...headers, host: headers.host ?? `127.0.0.1:${this.#to.port}` };
    const onward = request({ ...this.#to, method, path, headers: sent, agent: false }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      answer.flushHeaders();
      reply.pipe(answer);
      reply.on("error", () => answer.destroy());
    });
    onward.on("error", () => answer.destroy());
    answer.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      server.off("error", reject);
      resolve();
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeAllConnections();
  });
