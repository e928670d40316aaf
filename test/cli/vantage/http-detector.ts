import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { after } from "../../../src/cli/machine.ts";
import { Loopback } from "../loopback.ts";
import { FakeDetector } from "./fake-detector.ts";

/** A scripted detector behind a real HTTP server. */
export class HttpDetector extends FakeDetector {
  readonly token: string;
  readonly server: Loopback;

  constructor(port: number, token: string) {
    super({ now: () => Date.now(), after });
    this.token = token;
    this.server = new Loopback(port, (request, response) => void this.#serve(request, response));
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
