import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** A request as it was sent, its body read as JSON. */
export interface Asked {
  method: string;
  path: string;
  authorization: string;
  body: unknown;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => unknown;

/** A real HTTP server on loopback, on a port that it keeps while it is away. */
export class Loopback {
  readonly port: number;
  readonly #serve: Serve;
  #server: Server | undefined;

  constructor(port: number, serve: Serve) {
    this.port = port;
    this.#serve = serve;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async appear(): Promise<void> {
    const server = createServer((request, response) => void this.#serve(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
  }

  /** Refuses connections from now on, and breaks those there are. */
  async vanish(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}

/** Answers what was sent whole: whoever is killed while it sends has asked nothing. */
export const whole =
  (answer: (asked: Asked, response: ServerResponse) => unknown): Serve =>
  async (request, response) => {
    const sent = await text(request).catch(() => "");
    if (!request.complete) return;
    const { method = "", url: path = "", headers } = request;
    answer({ method, path, authorization: headers.authorization ?? "", body: JSON.parse(sent) }, response);
  };
