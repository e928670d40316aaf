import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** A request as it was sent, its body read as JSON. */
export interface Asked {
  method: string;
  path: string;
  authorization: string;
  body: unknown;
}

type Answer = (asked: Asked, response: ServerResponse) => void;

/** A real HTTP server on loopback, on a port that it keeps while it is away. */
export class Loopback {
  readonly port: number;
  readonly #answer: Answer;
  #server: Server | undefined;

  constructor(port: number, answer: Answer) {
    this.port = port;
    this.#answer = answer;
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

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // Whoever is killed while it sends has asked nothing.
    const sent = await text(request).catch(() => "");
    if (!request.complete) return;
    const { method = "", url: path = "", headers } = request;
    this.#answer(
      { method, path, authorization: headers.authorization ?? "", body: JSON.parse(sent) },
      response,
    );
  }
}
