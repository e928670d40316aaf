import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { Webhook } from "standardwebhooks";
import { freePort } from "../../scripts/port.ts";
import type { WebhookMessage } from "../../src/domain/webhook.ts";

/** One request as the receiver got it. */
export interface Taken {
  id: string;
  headers: Record<string, string>;
  body: string;
  message: WebhookMessage;
  /** By performance.now(). */
  at: number;
}

export type Manner = (answer: ServerResponse, taken: Taken, request: IncomingMessage) => void;

const answering =
  (status: number, headers: Record<string, string> = {}): Manner =>
  (answer) =>
    answer.writeHead(status, headers).end("thank you\n");

/** Ways to receive. Each begins once the whole request has arrived. */
export const MANNERS = {
  ok: answering(200),
  busy: answering(500),
  gone: answering(410),
  silent: () => undefined,
  /** The receiver has taken the message, but its answer is lost. */
  lost: (_answer, _taken, request) => void request.socket.destroy(),
  endless: (answer) => {
    answer.writeHead(200);
    const pour = setInterval(() => answer.write("x".repeat(65_536)), 5);
    answer.on("close", () => clearInterval(pour));
  },
} satisfies Record<string, Manner>;

export const redirecting = (to: string): Manner => answering(307, { location: to });

/** A webhook's receiver: a real HTTP server, which can be down and come back on the same port. */
export class HttpReceiver {
  readonly taken: Taken[] = [];
  readonly port: number;
  manner: Manner = MANNERS.ok;
  #server: Server | null = null;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(manner: Manner = MANNERS.ok): Promise<HttpReceiver> {
    const receiver = new HttpReceiver(await freePort());
    receiver.manner = manner;
    await receiver.up();
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/hook`;
  }

  get ids(): string[] {
    return this.taken.map(({ id }) => id);
  }

  /** Sequences of the transitions received, in order of arrival. */
  get sequences(): number[] {
    return this.taken.flatMap(({ message }) =>
      message.type === "transition" ? [message.data.transition.sequence] : [],
    );
  }

  async up(): Promise<void> {
    this.#server = createServer((request, answer) => void this.#take(request, answer));
    this.#server.listen(this.port, "127.0.0.1");
    await once(this.#server, "listening");
    if ((this.#server.address() as AddressInfo).port !== this.port) throw new Error("another port");
  }

  /** From now on the receiver refuses connections. */
  async down(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** The bodies of `taken`, each verified by the reference implementation with this secret. Throws where one is not valid. */
  verified(secret: string, taken = this.taken): unknown[] {
    const webhook = new Webhook(secret);
    return taken.map(({ headers, body }) => webhook.verify(body, headers));
  }

  async #take(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const headers = request.headers as Record<string, string>;
    const taken: Taken = {
      id: headers["webhook-id"] ?? "",
      headers,
      body,
      message: JSON.parse(body) as WebhookMessage,
      at: performance.now(),
    };
    this.taken.push(taken);
    this.manner(answer, taken, request);
  }
}
