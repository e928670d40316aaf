import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { freePort } from "../../scripts/port.ts";
import { until } from "../../scripts/until.ts";
import {
  HeartbeatRequestSchema,
  NoticeRequestSchema,
  type HeartbeatRequest,
  type NoticeRequest,
} from "../../src/domain/heartbeat.ts";

/** What arrived, in order. A body the contract does not allow is answered with 400 and kept as such. */
export type Heard = { path: string; authorization: string; atMs: number } & (
  | { word: "notice"; body: NoticeRequest }
  | { word: "heartbeat"; body: HeartbeatRequest }
  | { word: "wrong"; body: unknown }
);

/** `ok`, any status, or no answer at all. */
type Mood = "ok" | "hang" | number;

const WITHIN_MS = 10_000;

/** A real HTTP server on loopback that hears heartbeats and notices as the detector does. */
export class FakeHearing {
  readonly port: number;
  readonly heard: Heard[] = [];
  mood: Mood = "ok";
  /** What the answers say. */
  reply = { accepted: true, detail: "" };
  /** How far the detector's clock is from ours. */
  clockOffsetMs = 0;
  #server: Server | undefined;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(): Promise<FakeHearing> {
    const hearing = await FakeHearing.down();
    await hearing.up();
    return hearing;
  }

  /** One that nobody answers for yet. */
  static async down(): Promise<FakeHearing> {
    return new FakeHearing(await freePort());
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => void this.#answer(request, response));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.port, "127.0.0.1", resolve);
    });
  }

  async close(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  }

  get notices(): NoticeRequest[] {
    return this.heard.flatMap((each) => (each.word === "notice" ? [each.body] : []));
  }

  get heartbeats(): HeartbeatRequest[] {
    return this.heard.flatMap((each) => (each.word === "heartbeat" ? [each.body] : []));
  }

  /** Waits for the `count`-th notice of a kind. */
  async notice(kind: NoticeRequest["kind"], count = 1): Promise<NoticeRequest> {
    return until(() => this.notices.filter((each) => each.kind === kind)[count - 1], {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `no ${kind} notice; heard: ${JSON.stringify(this.heard)}`,
    });
  }

  /** Waits until something holds of what was heard. */
  async until(holds: () => boolean, what: string): Promise<void> {
    await until(holds, {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not ${what}; heard: ${JSON.stringify(this.heard)}`,
    });
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? "";
    const schema = path.endsWith("/notices") ? NoticeRequestSchema : HeartbeatRequestSchema;
    const body = schema.safeParse(JSON.parse(text));
    const word = path.endsWith("/notices") ? "notice" : "heartbeat";
    const authorization = request.headers.authorization ?? "";
    const common = { path, authorization, atMs: performance.now() };
    this.heard.push(
      (body.success
        ? { ...common, word, body: body.data }
        : { ...common, word: "wrong", body: text }) as Heard,
    );
    if (this.mood === "hang") return;
    const status = body.success ? (this.mood === "ok" ? 202 : this.mood) : 400;
    const at = new Date(Date.now() + this.clockOffsetMs).toISOString();
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(status === 202 ? JSON.stringify({ ...this.reply, at }) : "nothing to see");
  }
}
