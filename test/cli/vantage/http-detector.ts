import type { ServerResponse } from "node:http";
import { after } from "../../../src/cli/shared/process/machine.ts";
import { json, problem } from "../fake-api.ts";
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
    if (called.kind === "ok") json(response, called.value);
    else problem(response, called.status, called.detail);
  }
}
