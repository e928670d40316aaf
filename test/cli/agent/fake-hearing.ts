import type { ServerResponse } from "node:http";
import { until } from "../../../scripts/until.ts";
import {
  HeartbeatRequestSchema,
  NoticeRequestSchema,
  type HeartbeatRequest,
  type NoticeRequest,
} from "../../../src/domain/heartbeat.ts";
import { type FakeDetector, json } from "../fake-detector.ts";
import type { Asked } from "../loopback.ts";

/** What arrived, in order. A body that the contract does not allow is answered with 400 and kept as `wrong`. */
export type Heard = { path: string; authorization: string; atMs: number } & (
  | { word: "notice"; body: NoticeRequest }
  | { word: "heartbeat"; body: HeartbeatRequest }
  | { word: "wrong"; body: unknown }
);

/** How the detector answers: `ok`, with a status, or not at all. */
type Mood = "ok" | "hang" | number;

const WITHIN_MS = 20_000;

/** Kinds of words, by the end of their path. */
const WORDS: Readonly<
  Record<string, { word: string; schema: typeof NoticeRequestSchema | typeof HeartbeatRequestSchema }>
> = {
  notices: { word: "notice", schema: NoticeRequestSchema },
  heartbeats: { word: "heartbeat", schema: HeartbeatRequestSchema },
};

/** The part of the detector that receives heartbeats and notices. */
export class FakeHearing {
  readonly server: FakeDetector;
  readonly heard: Heard[] = [];
  mood: Mood = "ok";
  /** The body of its answers. */
  reply = { accepted: true, detail: "" };

  constructor(server: FakeDetector) {
    this.server = server;
    server.mount((asked, response) => this.answer(asked, response));
  }

  get notices(): NoticeRequest[] {
    return this.heard.flatMap((each) => (each.word === "notice" ? [each.body] : []));
  }

  get heartbeats(): HeartbeatRequest[] {
    return this.heard.flatMap((each) => (each.word === "heartbeat" ? [each.body] : []));
  }

  /** Waits for the `count`-th notice of this kind for which `isWanted` holds. A notice whose answer was late arrives twice. */
  async notice(
    kind: NoticeRequest["kind"],
    count = 1,
    isWanted: (notice: NoticeRequest) => boolean = () => true,
  ): Promise<NoticeRequest> {
    return until(() => this.notices.filter((each) => each.kind === kind && isWanted(each))[count - 1], {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `no ${kind} notice; heard: ${JSON.stringify(this.heard)}`,
    });
  }

  /** Waits until `holds`, which looks at what was heard, is true. */
  async until(holds: () => boolean, what: string): Promise<void> {
    await until(holds, {
      withinMs: WITHIN_MS,
      everyMs: 10,
      explain: () => `not ${what}; ${this.told()}`,
    });
  }

  /** What was heard, for the message of a wait that failed. */
  protected told(): string {
    return `heard: ${JSON.stringify(this.heard)}`;
  }

  protected answer(
    { path, headers: { authorization = "" }, body: text }: Asked,
    response: ServerResponse,
  ): void {
    const sent = JSON.parse(text) as unknown;
    const word = WORDS[path.slice(path.lastIndexOf("/") + 1)];
    const body = word?.schema.safeParse(sent);
    const common = { path, authorization, atMs: performance.now() };
    this.heard.push(
      (body?.success === true
        ? { ...common, word: word?.word, body: body.data }
        : { ...common, word: "wrong", body: sent }) as Heard,
    );
    if (this.mood === "hang") return;
    const status = body?.success === true ? (this.mood === "ok" ? 202 : this.mood) : 400;
    const at = new Date().toISOString();
    if (status === 202) json(response, { ...this.reply, at }, {}, status);
    else response.writeHead(status, { "Content-Type": "application/json" }).end("nothing to see");
  }
}
