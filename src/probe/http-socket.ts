import { judgeAnswer } from "./answer.ts";
import type { Flaw, Reader } from "./body.ts";
import { codeOf } from "./code.ts";
import { attempt } from "./deadline.ts";
import { Examiner } from "./examiner.ts";
import { judgeHandshake, judgeRejectedDial, judgeThrownDial } from "./failure.ts";
import { Garbled, Incoming } from "./incoming.ts";
import { conclude, type Ending, type Progress } from "./progress.ts";
import { awaitOpen, OpeningSteps } from "./opening.ts";
import { hrefOf, requestBytes } from "./request.ts";
import { open, shut, type Socket } from "./socket.ts";
import type { Prober, ProbeSpec } from "./wire.ts";

const ignore = (): void => undefined;

/** `examines`: whether a second connection tells the stages of a handshake, where the platform does not tell when it began. */
const bySocket =
  (examines: boolean): Prober =>
  async (spec, endpoint, wire, progress) => {
    const { host, port } = endpoint;
    const tls = endpoint.scheme === "https";
    progress.stage = "connect";
    const opening = open(wire.dial, { host, port, tls });
    if ("error" in opening) return conclude(progress, judgeThrownDial(opening.error));
    const { socket } = opening;
    progress.route = socket.route;
    const steps = new OpeningSteps(socket.opening, progress, tls);
    const examiner =
      examines && tls && socket.opening === undefined
        ? new Examiner(wire, endpoint, progress, { openedStage: "tls", trusted: true, lingers: true })
        : undefined;
    try {
      examiner?.start();
      const opened = await awaitOpen(socket, spec, progress, tls);
      const openedMs = progress.elapsedMs();
      if (opened.kind !== "done")
        return conclude(progress, await explain(opened, openedMs, spec, steps, examiner), openedMs);
      // With TLS this is the end of the handshake, not of the connect.
      if (!tls) progress.connectMs = openedMs;
      progress.stage = "response";
      const ending = await converse(
        socket,
        requestBytes(hrefOf(endpoint.href, spec, wire, progress), spec, wire),
        spec,
        progress,
      );
      const endedMs = progress.elapsedMs();
      if (ending.outcome === "ok") await examiner?.confirm();
      return conclude(progress, ending, endedMs);
    } finally {
      examiner?.stop();
      shut(socket);
    }
  };

/**
 * HTTP/1.1 over a socket of our own, whose stages are known exactly. Only TLS takes an autopsy, and
 * that only where the platform does not tell when the handshake began.
 */
export const probeHttpBySocket = bySocket(true);
/** The same by one connection, whose failures may then tell less. */
export const probeHttpBySocketAlone = bySocket(false);

const explain = async (
  failure: { kind: "failed"; error: unknown } | { kind: "late" },
  tookMs: number,
  { timeoutMs }: ProbeSpec,
  steps: OpeningSteps,
  examiner: Examiner | undefined,
): Promise<Ending> => {
  if (failure.kind === "late")
    return examiner === undefined ? steps.late() : judgeHandshake({ how: "late" }, await examiner.newest());
  const { error } = failure;
  if (examiner !== undefined && codeOf(error) === undefined)
    return judgeHandshake({ how: "rejected", error }, await examiner.fresh());
  const ending = steps.failed(judgeRejectedDial(error, tookMs, timeoutMs), codeOf(error) !== undefined);
  return ending.outcome === "refused" ? { ...ending, connectMs: tookMs } : ending;
};

const converse = async (
  socket: Socket,
  request: Uint8Array,
  spec: ProbeSpec,
  progress: Progress,
): Promise<Ending> => {
  const reader: Reader = socket.readable.getReader();
  try {
    // A peer that answers and closes early breaks the write; what it said still counts.
    const sent = await attempt(socket.writable.getWriter().write(request), progress.remainingMs());
    if (sent.kind === "late") return { outcome: "response_timeout", stage: "response", detail: "no answer" };
    return await hear(reader, spec, progress);
  } finally {
    reader.cancel().catch(ignore);
  }
};

const hear = async (reader: Reader, spec: ProbeSpec, progress: Progress): Promise<Ending> => {
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
    : { outcome: "reset", stage: "response", detail: codeOf(error) ?? (error as Flaw).message };
};
