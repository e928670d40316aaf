/**
 * One probe as TCP carries it: SYNs at 0, 1 and 3 s until something answers, then a request that is
 * sent again while unacknowledged, each packet with its own fate. The node is asked what it does at the
 * instant a packet reaches it, so a fault in the middle of an exchange shows as what it is.
 */
import type { Seen } from "./reality.ts";

/** What a node, or something in front of it, does with a packet that reaches it. */
export type Reaction =
  | { does: "nothing" }
  | { does: "refuse"; afterMs: number }
  /** Completes the handshake; of the request: answers after so long, as expected or not. */
  | { does: "answer"; afterMs: number; isWrong: boolean }
  /** Completes the handshake and breaks the connection on the request. */
  | { does: "break"; afterMs: number }
  /** Completes the handshake and never answers. */
  | { does: "hold" };

/** The world between one prober and one node, during one probe. Instants are epoch milliseconds. */
export interface Wire {
  /** When a packet sent at `at` arrives; Infinity where it is lost. */
  there: (at: number) => number;
  back: (at: number) => number;
  /** What is done with a packet that arrives at `at`. */
  react: (at: number) => Reaction;
}

/** RFC 6298's first retransmission timeout of one second, doubled. */
const SYNS_MS = [0, 1_000, 3_000];
const RTO_MIN_MS = 200;
const DATA_TRIES = 6;

/** What the probe sees; `at` epoch milliseconds. */
export const exchange = (wire: Wire, at: number, timeoutMs: number): Seen => {
  const opened = openOf(wire, at, timeoutMs);
  if (opened === undefined) return { outcome: "connect_timeout", stage: "connect", tookMs: timeoutMs };
  const connectMs = opened.at - at;
  if (opened.refused) return { outcome: "refused", stage: "connect", tookMs: connectMs, connectMs };
  const told = requestOf(wire, opened.at, connectMs);
  if (told === undefined || told.at - at > timeoutMs)
    return { outcome: "response_timeout", stage: "response", tookMs: timeoutMs, connectMs };
  const tookMs = told.at - at;
  if (told.broken) return { outcome: "reset", stage: "response", tookMs, connectMs };
  return { outcome: told.isWrong ? "app_error" : "ok", stage: "done", tookMs, connectMs };
};

/** The first answer to a SYN within the timeout. */
const openOf = (wire: Wire, at: number, timeoutMs: number): { at: number; refused: boolean } | undefined => {
  let best: { at: number; refused: boolean } | undefined;
  for (const syn of SYNS_MS) {
    if (syn >= timeoutMs || (best !== undefined && best.at <= at + syn)) break;
    const arrived = wire.there(at + syn);
    if (arrived === Infinity) continue;
    const reaction = wire.react(arrived);
    if (reaction.does === "nothing") continue;
    const refused = reaction.does === "refuse";
    const heard = wire.back(arrived + (refused ? reaction.afterMs : 0));
    if (heard <= at + timeoutMs && heard < (best?.at ?? Infinity)) best = { at: heard, refused };
  }
  return best;
};

interface Told {
  at: number;
  broken: boolean;
  isWrong: boolean;
}

/** When and how the request is answered, if ever. */
const requestOf = (wire: Wire, openAt: number, connectMs: number): Told | undefined => {
  const rtoMs = Math.max(RTO_MIN_MS, 2 * Math.min(connectMs, 1_000));
  const received = delivered(wire.there, openAt, rtoMs, () => true);
  if (received === Infinity) return undefined;
  const reaction = wire.react(received);
  if (reaction.does === "nothing" || reaction.does === "hold") return undefined;
  const readyAt = received + reaction.afterMs;
  // Whatever has become of the node by now decides what it still sends.
  const still = wire.react(readyAt).does;
  if (still === "nothing") return undefined;
  const broken = reaction.does !== "answer" || still === "refuse";
  const at = delivered(wire.back, readyAt, rtoMs, (sentAt) => wire.react(sentAt).does !== "nothing");
  return at === Infinity
    ? undefined
    : { at, broken, isWrong: reaction.does === "answer" && reaction.isWrong };
};

/** When a packet arrives that is sent again until it does, while its sender lives. */
const delivered = (
  send: (at: number) => number,
  at: number,
  rtoMs: number,
  isAlive: (at: number) => boolean,
): number => {
  let sentAt = at;
  for (let turn = 0; turn < DATA_TRIES; turn++) {
    if (turn > 0 && !isAlive(sentAt)) return Infinity;
    const arrived = send(sentAt);
    if (arrived !== Infinity) return arrived;
    sentAt += rtoMs * 2 ** turn;
  }
  return Infinity;
};
