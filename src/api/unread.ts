// An answer can be ready before its request has been read: the body is past the limit, the token unknown. The runtime
// then closes the connection, and a sender that still writes sees EPIPE or ECONNRESET in place of the answer. So the answer
// goes out at once, with its length, but its stream ends only after the rest of the body has been read and thrown away
// (nginx: `lingering_close`). To read the rest first would keep those waiting who asked first, by Expect: 100-continue.
import type { Bindings } from "../config.ts";
import type { Api } from "./context.ts";

/** The most that is thrown away of one body; a sender of more may find the connection closed. */
export const MAX_UNREAD_BYTES = 8_388_608;
/** The longest that this may take. */
const MAX_UNREAD_MS = 30_000;
/** A sender that sends nothing from one look to the next has stopped. */
const LOOK_EVERY_MS = 5_000;

/** Reads a body to its end or to the bounds in bytes and time. Never rejects: a sender that has gone has ended too. */
const throwAway = async (body: ReadableStream<Uint8Array>): Promise<void> => {
  const reader = body.getReader();
  let bytes = 0;
  const toTheEnd = async (): Promise<void> => {
    while (bytes < MAX_UNREAD_BYTES) {
      const { done, value } = await reader.read();
      if (done) return;
      bytes += value.length;
    }
  };
  let look: ReturnType<typeof setInterval> | null = null;
  const stopped = new Promise<void>((resolve) => {
    let [looks, before] = [0, 0];
    look = setInterval(() => {
      looks++;
      if (bytes === before || looks * LOOK_EVERY_MS >= MAX_UNREAD_MS) resolve();
      before = bytes;
    }, LOOK_EVERY_MS);
  });
  await Promise.race([toTheEnd().catch(() => undefined), stopped]);
  clearInterval(look);
};

const isStream = (answer: Response): boolean =>
  answer.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;

/** The same answer; where the body of its request has not been read, its stream ends after that. */
const beforeTheRest = async (body: ReadableStream<Uint8Array>, answer: Response): Promise<Response> => {
  // Locked: the body has been read to its end.
  if (body.locked || isStream(answer)) return answer;
  if (answer.body === null) {
    await throwAway(body);
    return answer;
  }
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const { readable, writable } = new FixedLengthStream(bytes.length);
  const send = async (): Promise<void> => {
    const writer = writable.getWriter();
    await writer.write(bytes);
    await throwAway(body);
    await writer.close();
  };
  // It rejects where the caller has gone, and there is nobody left to tell.
  send().catch(() => undefined);
  return new Response(readable, answer);
};

/** Answers by `app`, and lets the caller finish its request, within bounds, where the answer came first. */
export const answerWith =
  (app: Api) =>
  (request: Request, env: Bindings, context: ExecutionContext): Response | Promise<Response> => {
    const answer = app.fetch(request, env, context);
    const { body } = request;
    // What reads have none, and they must be fast.
    if (body === null) return answer;
    return Promise.resolve(answer).then((given) => beforeTheRest(body, given));
  };
