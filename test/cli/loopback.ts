import { createServer, type RequestListener, type Server } from "node:http";

/** A real HTTP server on loopback, on a port that it keeps while it is away. */
export class Loopback {
  readonly port: number;
  readonly #answer: RequestListener;
  #server: Server | undefined;

  constructor(port: number, answer: RequestListener) {
    this.port = port;
    this.#answer = answer;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async appear(): Promise<void> {
    const server = createServer(this.#answer);
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
