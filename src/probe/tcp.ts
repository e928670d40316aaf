import type { ExpectOf } from "../domain/kinds.ts";
import type { Finding } from "../domain/observation.ts";
import { LACKS, type BodyReader, stopsAt, take } from "./response-body.ts";
import { includes } from "./charset.ts";
import { channelKey } from "./channel.ts";
import { codeOf } from "./code.ts";
import { overSocket } from "./conversation.ts";
import { attempt } from "./deadline.ts";
import { isLess, type Manner, wordsOf } from "./manner.ts";
import { concludeProbe, type Ending, type Progress } from "./progress.ts";
import type { Socket } from "./socket.ts";
import type { ProbeSpec, Wire } from "./wire.ts";

type TcpSpec = ProbeSpec<ExpectOf<"tcp">>;

const ignore = (): void => undefined;

/**
 * How long an opened connection is watched beyond one round trip, which is about the time it took to open. The other side learns of the
 * connection half a round trip after us. So it has this long to close or reset the connection or to speak, and we still receive that. A
 * proxy that finds no server behind it on its own machine or network has found so within that time. A proxy whose own dial hangs holds our
 * connection meanwhile, and is found out only by an `expect`.
 */
const WATCH_MS = 50;
/** The longest watch, for a path or a look-up so slow that the time to open says nothing about the round trip. */
const WATCH_MAX_MS = 500;

const isBare = ({ expect }: TcpSpec): boolean =>
  expect?.sends === undefined && expect?.bodyIncludes === undefined;

/** Sends nothing, and compares the connection with what is usual in health. */
const watch = async (socket: Socket, wire: Wire, key: string, progress: Progress): Promise<Finding> => {
  const reader: BodyReader = socket.readable.getReader();
  try {
    const openedMs = progress.elapsedMs();
    const habit = wire.channels.habit(key);
    // A service that speaks first in health may be slow to do so. The probe waits for it as for any answer.
    const watchMs =
      habit?.usual === "greeted" ? progress.remainingMs() : Math.min(WATCH_MAX_MS, openedMs + WATCH_MS);
    const read = await attempt(reader.read(), watchMs);
    if (read.kind === "failed") {
      const detail = codeOf(read.error) ?? "reset at once";
      return concludeProbe(progress, { outcome: "reset", stage: "response", detail }, openedMs);
    }
    const manner = mannerOf(read);
    if (habit !== undefined && isLess(manner, habit))
      return concludeProbe(progress, {
        outcome: "app_error",
        stage: "response",
        detail: wordsOf(manner, habit),
      });
    wire.channels.learnManner(key, manner);
    return concludeProbe(progress, { outcome: "ok", stage: "done" }, openedMs);
  } finally {
    reader.cancel().catch(ignore);
  }
};

const mannerOf = (read: { kind: "late" } | { kind: "done"; value: { done: boolean } }): Manner => {
  if (read.kind === "late") return "held";
  return read.value.done ? "closed" : "greeted";
};

/** The target is expected to send something, asked or unasked. */
const converse = async (socket: Socket, { expect }: TcpSpec, progress: Progress): Promise<Finding> => {
  const reader: BodyReader = socket.readable.getReader();
  try {
    if (expect?.sends !== undefined) {
      const bytes = new TextEncoder().encode(expect.sends);
      const sent = await attempt(socket.writable.getWriter().write(bytes), progress.remainingMs());
      if (sent.kind === "late")
        return concludeProbe(progress, {
          outcome: "response_timeout",
          stage: "response",
          detail: "took no data",
        });
    }
    if (expect?.bodyIncludes !== undefined)
      return concludeProbe(progress, await hear(reader, expect.bodyIncludes, progress));
    const saidMs = progress.elapsedMs();
    const read = await attempt(reader.read(), WATCH_MS);
    const ending: Ending =
      read.kind === "failed"
        ? { outcome: "reset", stage: "response", detail: codeOf(read.error) ?? "reset at once" }
        : { outcome: "ok", stage: "done" };
    return concludeProbe(progress, ending, saidMs);
  } finally {
    reader.cancel().catch(ignore);
  }
};

const hear = async (reader: BodyReader, wanted: string, progress: Progress): Promise<Ending> => {
  const stops = stopsAt({ bodyIncludes: wanted });
  const taken = await take(reader, progress, (basin) => {
    if (basin.offered > 0) progress.stage = "body";
    return stops(basin);
  });
  const size = taken.bytes.length;
  const stage = size > 0 ? "body" : "response";
  if (includes(taken.bytes, wanted)) return { outcome: "ok", stage: "done" };
  if (taken.how === "late")
    return { outcome: "response_timeout", stage, detail: size > 0 ? LACKS : "connected, no answer" };
  if (taken.how === "failed" || size === 0)
    return { outcome: "reset", stage, detail: `closed after ${size} bytes` };
  return { outcome: "app_error", stage, detail: LACKS };
};

/** TCP: `ok` is a connection that opens and then is as usual in health, or on which the target sends what is expected. */
export const probeTcp = overSocket<ExpectOf<"tcp">>((socket, spec, progress, { endpoint, wire }) =>
  isBare(spec) ? watch(socket, wire, channelKey(endpoint), progress) : converse(socket, spec, progress),
);
