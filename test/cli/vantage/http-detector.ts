import type { ServerResponse } from "node:http";
import { after } from "../../../src/cli/machine.ts";
import { type Asked, Loopback, whole } from "../loopback.ts";
import { FakeDetector } from "./fake-detector.ts";

/** A scripted detector behind a real HTTP server. */
export class HttpDetector extends FakeDetector {
  readonly token: string;
  readonly server: Loopback;

  constructor(port: number, token: string) {
    super({ now: () => Date.now(), after });
    this.token = token;
    this.server = new Loopback(
      port,
      whole((asked, response) => this.#serve(asked, response)),
    );
  }

  async #serve({ authorization, body: request }: Asked, response: ServerResponse): Promise<void> {
    const stop = new AbortController();
    response.once("close", () => stop.abort());
    const isOurs = authorization === `Bearer ${this.token}`;
    const called = isOurs
      ? await this.exchange(request, stop.signal)
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
