import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { FakeDetector } from "./fake-detector.ts";

/** A scripted detector behind a real HTTP server on loopback, on a port that it keeps while it is away. */
export class HttpDetector extends FakeDetector {
  readonly token: string;
  readonly port: number;
  #server: Server | undefined;

  constructor(port: number, token: string) {
    super({
      now: () => Date.now(),
      after: (ms, task) => {
        const timer = setTimeout(task, ms);
        return () => clearTimeout(timer);
      },
    });
    this.port = port;
    this.token = token;
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
    const stop = new AbortController();
    response.once("close", () => stop.abort());
    const isOurs = request.headers.authorization === `Bearer ${this.token}`;
    const called = isOurs
      ? await this.exchange(JSON.parse(await text(request)), stop.signal)
      : ({ kind: "refused", status: 401, detail: "unknown token" } as const);
    if (called.kind === "failed") return void response.destroy();
    const status = called.kind === "ok" ? 200 : called.status;
    const body =
      called.kind === "ok"
        ? called.value
        : { type: "about:blank", title: "No", status, detail: called.detail, errors: [] };
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }
}
