import { createParser } from "eventsource-parser";
import { jsonIn } from "./bounded-body.ts";
import { type AnswerHeaders, failed, type Failed, type Refused } from "./called.ts";
import type { Connection } from "./connection.ts";
import { queryOf } from "./paths.ts";
import type { Reader } from "./reader.ts";

/** Reads the data of an event. */
type Read<T> = Pick<Reader<T>, "safeParse">;

/**
 * The events of a stream. `ready`: it is open; `transition`; `gap`: some transitions are not kept any more, read `verdicts`; `trouble`: it
 * broke and is opened again after `retryMs`, or with null it is over. `id` resumes after this event.
 */
export type StreamEventOf<T> =
  | { kind: "ready"; id: string }
  | { kind: "transition"; id: string; data: T }
  | { kind: "gap"; id: string; detail: string }
  | { kind: "trouble"; called: Refused | Failed; retryMs: number | null };

export interface StreamOptions {
  site?: string | undefined;
  /** The id of the last event seen: the stream begins with the event after it. */
  after?: string | undefined;
  stop?: AbortSignal | undefined;
  /** Without a byte for this long a stream counts as dead; the detector sends something every 15 s. */
  idleMs?: number;
}

const IDLE_MS = 45_000;
const RETRY = { firstMs: 2_000, longestMs: 30_000 };
const SHORTEST_RETRY_MS = 200;
const MAX_EVENT_CHARACTERS = 1_048_576;
/** Statuses that another try will not change. */
const HOPELESS: ReadonlySet<number> = new Set([400, 401, 403, 404]);

/** One message as an event; undefined for a kind of a newer detector. */
const eventOf = <T>(
  name: string | undefined,
  id: string,
  data: string,
  transition: Read<T>,
): StreamEventOf<T> | undefined => {
  if (name === "ready") return { kind: "ready", id };
  if (name === "gap") return { kind: "gap", id, detail: (jsonIn(data) as { detail?: string })?.detail ?? "" };
  if (name !== "transition") return undefined;
  const read = transition.safeParse(jsonIn(data));
  if (read.success) return { kind: "transition", id, data: read.data };
  return {
    kind: "trouble",
    called: failed(`an event is not the detector's: ${read.error.message}`),
    retryMs: 0,
  };
};

const wait = (ms: number, stop: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    stop.addEventListener("abort", end);
    if (stop.aborted) end();
  });

/** One connection's events, until it ends or breaks. Calls `heard` for every piece of data. Rejects where the connection breaks. */
async function* messagesOf<T>(
  body: ReadableStream<Uint8Array>,
  transition: Read<T>,
  heard: () => void,
): AsyncGenerator<{ id: string; event: StreamEventOf<T> }> {
  const decoder = new TextDecoder();
  const ready: { id: string; event: StreamEventOf<T> }[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_CHARACTERS,
    onEvent: ({ event, id = "", data }) => {
      const known = eventOf(event, id, data, transition);
      if (known !== undefined) ready.push({ id, event: known });
    },
  });
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    heard();
    parser.feed(decoder.decode(value, { stream: true }));
    yield* ready.splice(0);
  }
}

/** How long to wait after the newest failure in a row: anything up to a bound that doubles. */
const retryAfter = (failures: number): number =>
  Math.max(
    SHORTEST_RETRY_MS,
    Math.random() * Math.min(RETRY.longestMs, RETRY.firstMs * 2 ** Math.min(failures, 10)),
  );

/** The state of a stream over its connections. */
interface Progress {
  /** The id to resume from. */
  last: string | undefined;
  /** Connections in a row that brought no event. */
  failures: number;
}

/** Calls `late` unless `heard` is called at least every `idleMs`; `end` stops the watchdog. */
const watchdog = (idleMs: number, late: () => void): { heard: () => void; end: () => void } => {
  let cancel = (): void => undefined;
  const heard = (): void => {
    cancel();
    const timer = setTimeout(late, idleMs);
    cancel = () => clearTimeout(timer);
  };
  heard();
  return { heard, end: () => cancel() };
};

/** Yields one connection's events, and returns how the connection ended. */
async function* connectionOf<T>(
  connection: Connection,
  transition: Read<T>,
  { site, stop, idleMs }: Required<Omit<StreamOptions, "after">>,
  progress: Progress,
): AsyncGenerator<StreamEventOf<T>, Refused | Failed, undefined> {
  const leaving = new AbortController();
  const opened = await connection.stream(`/v1/events${queryOf({ site })}`, {
    stop: AbortSignal.any([stop ?? leaving.signal, leaving.signal]),
    headers: { Accept: "text/event-stream", "Last-Event-ID": progress.last },
  });
  if (opened.kind !== "ok") return opened;
  const dog = watchdog(idleMs, () => leaving.abort(new Error(`nothing came for ${idleMs} ms`)));
  try {
    if (!isStream(opened.headers) || opened.value === null)
      return failed("the answer is no stream of events");
    for await (const { id, event } of messagesOf(opened.value, transition, dog.heard)) {
      progress.failures = 0;
      if (id !== "") progress.last = id;
      yield event;
    }
    return failed("the stream ended");
  } catch (error) {
    return failed((error as Error).message);
  } finally {
    dog.end();
    leaving.abort();
  }
}

/**
 * Transitions as they happen, until `stop`. A stream that ends or breaks is opened again, from the last event on. Never throws: a failure
 * is an event too, and the stream is over after a failure that another try cannot change.
 */
export async function* followStream<T>(
  connection: Connection,
  transition: Read<T>,
  { site, after, stop = new AbortController().signal, idleMs = IDLE_MS }: StreamOptions = {},
): AsyncGenerator<StreamEventOf<T>, void, undefined> {
  const progress: Progress = { last: after, failures: 0 };
  while (!stop.aborted) {
    const called = yield* connectionOf(connection, transition, { site, stop, idleMs }, progress);
    if (stop.aborted) return;
    const isOver = called.kind === "refused" && HOPELESS.has(called.status);
    const retryMs = isOver ? null : retryAfter(progress.failures++);
    yield { kind: "trouble", called, retryMs };
    if (retryMs === null) return;
    await wait(retryMs, stop);
  }
}

const isStream = (headers: AnswerHeaders | undefined): boolean =>
  headers?.get("Content-Type")?.toLowerCase().startsWith("text/event-stream") === true;
