import type { Outcome } from "../domain/outcome.ts";
import { attempt } from "./deadline.ts";
import { type Autopsy, judgeRejectedDial, judgeThrownDial } from "./failure.ts";
import { type Address, type Dial, open, shut, type Socket } from "./socket.ts";

/** How long an opened connection is watched, in case the other side closes it unasked. */
const LINGER_MS = 50;

const KIND_OF: Readonly<Partial<Record<Outcome, Autopsy["kind"]>>> = {
  refused: "refused",
  // A failed TLS handshake counts as turned away, too.
  tls_failure: "refused",
  connect_timeout: "silent",
  reset: "closed",
};

const kindOf = (outcome: Outcome): Autopsy["kind"] => KIND_OF[outcome] ?? "void";

export interface Dissection {
  limitMs: number;
  /** Wait a moment to see whether the connection holds. */
  lingers?: boolean;
  /** Called once if the connection has neither opened nor failed after this many milliseconds. */
  onSilence?: { afterMs: number; call: () => void };
  /** Gives up, with `void`, when this resolves. */
  halted?: Promise<unknown>;
}

/** A raw connect and nothing more: does the other side let us in? Never rejects. */
export const dissect = async (
  dial: Dial,
  address: Address,
  now: () => number,
  { limitMs, lingers = false, onSilence, halted }: Dissection,
): Promise<Autopsy> => {
  const begin = now();
  const tookMs = (): number => Math.max(0, now() - begin);
  const opening = open(dial, address);
  if ("error" in opening) {
    return { kind: kindOf(judgeThrownDial(opening.error).outcome), tookMs: tookMs() };
  }
  const { socket } = opening;
  try {
    const ready = Promise.race([
      socket.opened.then(() => true),
      ...(halted === undefined ? [] : [halted.then(() => false)]),
    ]);
    const quietMs = Math.min(limitMs, onSilence?.afterMs ?? limitMs);
    let opened = await attempt(ready, quietMs);
    if (opened.kind === "late" && quietMs < limitMs) {
      onSilence?.call();
      opened = await attempt(ready, limitMs - quietMs);
    }
    const took = tookMs();
    if (opened.kind === "late") return { kind: "silent", tookMs: took };
    if (opened.kind === "failed")
      return { kind: kindOf(judgeRejectedDial(opened.error, took, limitMs).outcome), tookMs: took };
    if (!opened.value) return { kind: "void", tookMs: took };
    return { kind: lingers && !(await holds(socket, LINGER_MS)) ? "closed" : "opened", tookMs: took };
  } finally {
    shut(socket);
  }
};

/** Whether an opened connection is still open after a moment. */
const holds = async (socket: Socket, momentMs: number): Promise<boolean> => {
  const reader = socket.readable.getReader();
  const read = await attempt(reader.read(), momentMs);
  return read.kind === "late" || (read.kind === "done" && !read.value.done);
};
