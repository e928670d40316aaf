// An answer can be ready before its request has been read: the body is past the limit, or the token unknown. The runtime then closes the
// connection, and a sender that still writes sees EPIPE or ECONNRESET in place of the answer. So the rest of the body is read and thrown
// away. While the rest comes without a pause, that happens before the answer, since a proxy (that of `wrangler dev` is one) ends both with
// the answer. Where the sender pauses, maybe to be answered first (Expect: 100-continue), or has very much to send, it happens after the
// answer (nginx: `lingering_close`): the answer goes out with its length at once, and its stream ends only after the rest.
import type { Bindings } from "../../config.ts";
import type { Api } from "../context.ts";
import { pauseFor } from "../aggregators/within.ts";

/** The most bytes of one body that are thrown away. A sender of more may find the connection closed. */
export const MAX_UNREAD_BYTES = 8_388_608;
/** The most bytes thrown away before the answer. A body known to be larger is answered first. */
const MAX_BEFORE_BYTES = 4_194_304;
/** A sender that sends nothing for this long is answered first. */
const PAUSE_MS = 100;
/** The longest that throwing a body away may take. */
const MAX_UNREAD_MS = 30_000;
/** A sender that sends nothing from one look to the next has stopped. */
const LOOK_EVERY_MS = 5_000;

/** The rest of a body, read to its end or to the bounds in bytes and time, and thrown away. */
class Rest {
  /** Never rejects: a sender that has gone has ended too. */
  readonly over: Promise<void>;
  isOver = false;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #bytes = 0;
  readonly #answered: Promise<void>;
  #answer: () => void = () => undefined;

  constructor(body: ReadableStream<Uint8Array>) {
    this.#reader = body.getReader();
    this.#answered = new Promise((resolve) => (this.#answer = resolve));
    this.over = this.#throwAway();
  }

  /** Resolves once it is time to answer: the body is over, the sender pauses, or it has sent very much. */
  async beforeAnswer(): Promise<void> {
    let before = -1;
    while (!this.isOver && this.#bytes !== before && this.#bytes < MAX_BEFORE_BYTES) {
      before = this.#bytes;
      await Promise.race([this.over, pauseFor(PAUSE_MS)]);
    }
  }

  /** The answer is out, so the bytes beyond MAX_BEFORE_BYTES are read, too. */
  goOn(): void {
    this.#answer();
  }

  async #read(): Promise<void> {
    while (this.#bytes < MAX_UNREAD_BYTES) {
      if (this.#bytes >= MAX_BEFORE_BYTES) await this.#answered;
      const { done, value } = await this.#reader.read();
      if (done) return;
      this.#bytes += value.length;
    }
  }

  async #throwAway(): Promise<void> {
    let look: ReturnType<typeof setInterval> | null = null;
    const stopped = new Promise<void>((resolve) => {
      let [looks, before] = [0, 0];
      look = setInterval(() => {
        looks++;
        if (this.#bytes === before || looks * LOOK_EVERY_MS >= MAX_UNREAD_MS) resolve();
        before = this.#bytes;
      }, LOOK_EVERY_MS);
    });
    await Promise.race([this.#read().catch(() => undefined), stopped]);
    clearInterval(look);
    this.isOver = true;
  }
}

const isStream = (answer: Response): boolean =>
  answer.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;

const isVeryMuch = (request: Request): boolean =>
  Number(request.headers.get("Content-Length")) > MAX_BEFORE_BYTES;

/** The same answer, sent after the rest of its request's body, or sent before the rest and ended after it. */
const besideTheRest = async (request: Request, answer: Response): Promise<Response> => {
  const { body } = request;
  // Locked: the body has been read to its end.
  if (body === null || body.locked || isStream(answer)) return answer;
  const rest = new Rest(body);
  if (answer.body === null || !isVeryMuch(request)) await rest.beforeAnswer();
  if (answer.body === null) {
    rest.goOn();
    await rest.over;
  }
  if (rest.isOver) return answer;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const send = async (): Promise<void> => {
    const writer = writable.getWriter();
    await writer.write(bytes);
    rest.goOn();
    await rest.over;
    await writer.close();
  };
  // It rejects where the caller has gone, and then there is no one to answer.
  send().catch(() => undefined);
  return new Response(readable, answer);
};

/** Answers by `app`. Where the answer is ready first, lets the caller finish its request, within bounds. */
export const answerWith =
  (app: Api) =>
  (request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response> => {
    const answer = app.fetch(request, env, context);
    // Reads have no body, and they must be fast.
    if (request.body === null) return answer;
    return Promise.resolve(answer).then((given) => besideTheRest(request, given));
  };
