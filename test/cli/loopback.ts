import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** A request as the server received it. */
export interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage["headers"];
  body: string;
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

  /** Refuses connections from now on, and breaks those that are open. */
  async vanish(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }
}
