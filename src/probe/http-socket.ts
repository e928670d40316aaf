import { judgeAnswer } from "./judged-answer.ts";
import type { BodyFlaw, BodyReader } from "./response-body.ts";
import { codeOf } from "./code.ts";
import { overSocket } from "./conversation.ts";
import { attempt } from "./deadline.ts";
import { Garbled, Incoming } from "./incoming.ts";
import { concludeProbe, type Ending, type Progress } from "./progress.ts";
import { hrefOf, requestBytes } from "./request.ts";
import type { Socket } from "./socket.ts";
import type { ProtocolProbe, ProbeSpec } from "./wire.ts";

const ignore = (): void => undefined;

const bySocket = (examines: boolean): ProtocolProbe =>
  overSocket(
    async (socket, spec, progress, { endpoint, wire }) => {
      const request = requestBytes(hrefOf(endpoint.href, spec, wire, progress), spec, wire);
      return concludeProbe(progress, await converse(socket, request, spec, progress));
    },
    // `fetch`, which asks beside this probe, distinguishes an unknown name from a port that refuses.
    { examines, looksUp: false },
  );

/**
 * HTTP/1.1 over a socket of our own, whose stages are known exactly. Only TLS needs an autopsy, and only where the platform does not
 * report when the handshake began.
 */
export const probeHttpBySocket = bySocket(true);
/** The same without a second connection; a failure may then reveal less. */
export const probeHttpBySocketAlone = bySocket(false);

const converse = async (
  socket: Socket,
  request: Uint8Array,
  spec: ProbeSpec,
  progress: Progress,
): Promise<Ending> => {
  const reader: BodyReader = socket.readable.getReader();
  try {
    // A peer that answers and closes early breaks the write; its answer still counts.
    const sent = await attempt(socket.writable.getWriter().write(request), progress.remainingMs());
    if (sent.kind === "late") return { outcome: "response_timeout", stage: "response", detail: "no answer" };
    return await hear(reader, spec, progress);
  } finally {
    reader.cancel().catch(ignore);
  }
};

const hear = async (reader: BodyReader, spec: ProbeSpec, progress: Progress): Promise<Ending> => {
  const incoming = new Incoming(reader);
  const begun = await attempt(incoming.begin(), progress.remainingMs());
  if (begun.kind === "done") return judgeAnswer({ ...begun.value, isProxied: true }, spec, progress);
  if (begun.kind === "late")
    return {
      outcome: "response_timeout",
      stage: "response",
      detail: incoming.begun ? "headers unfinished" : "no answer",
    };
  const { error } = begun;
  return error instanceof Garbled
    ? { outcome: "app_error", stage: "response", detail: error.message }
    : { outcome: "reset", stage: "response", detail: codeOf(error) ?? (error as BodyFlaw).message };
};
