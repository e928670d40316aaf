import { type Endpoint, isLiteralAddress } from "../domain/address.ts";
import { type Expect, probeKindOf } from "../domain/kinds.ts";
import type { Finding } from "../domain/observation.ts";
import { BODY_LIMIT, type BodyReader, take, type Taken } from "./response-body.ts";
import { joined } from "./bytes.ts";
import { codeOf } from "./code.ts";
import { attempt, type Attempted } from "./deadline.ts";
import { Examiner, FLOOR_MS, PATIENCE_MS } from "./examiner.ts";
import { judgeHandshake, judgeRejectedDial, judgeThrownDial } from "./failure.ts";
import { awaitOpen, OpeningSteps } from "./opening.ts";
import { concludeProbe, type Ending, type Progress } from "./progress.ts";
import { isUnknownName } from "./unknown-name.ts";
import { open, shut, type Socket } from "./socket.ts";
import type { ProtocolProbe, ProbeSpec, Wire } from "./wire.ts";

const ignore = (): void => undefined;

/** Talks on a connection that has opened, and returns the finding. Ends by the deadline; does not close the connection. */
type Talk<E extends Expect> = (
  socket: Socket,
  spec: ProbeSpec<E>,
  progress: Progress,
  place: { endpoint: Endpoint; wire: Wire },
) => Promise<Finding>;

/** How much is done to distinguish failures; by default everything. */
interface Care {
  /** A second connection finds the stage of a TLS handshake, where the platform does not report when the handshake began. */
  examines?: boolean;
  /** A look-up distinguishes an unknown name from a port that refuses, where the platform reports both alike. */
  looksUp?: boolean;
}

/** The caller has resolved the name already. */
const isLookedUp = ({ addresses = [] }: ProbeSpec): boolean => addresses.length > 0;

/** A prober for a protocol that asks on a connection of its own: everything except the talk. */
export const overSocket =
  <E extends Expect>(talk: Talk<E>, { examines = true, looksUp = true }: Care = {}): ProtocolProbe<E> =>
  async (spec, endpoint, wire, progress) => {
    const { host, port, scheme } = endpoint;
    const tls = probeKindOf(scheme).isSecure === true;
    progress.stage = "connect";
    const opening = open(wire.dial, { host, port, tls });
    if ("error" in opening) return concludeProbe(progress, judgeThrownDial(opening.error));
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
      if (opened.kind !== "done") {
        const ending = await unopened(opened, openedMs, spec.timeoutMs, steps, examiner);
        const isDoubtful = looksUp && !isLookedUp(spec) && isRefusedWithoutCode(opened, ending);
        return concludeProbe(
          progress,
          isDoubtful ? await named(ending, endpoint, wire, progress) : ending,
          openedMs,
        );
      }
      // With TLS this is the end of the handshake, not of the connect.
      if (!tls) progress.connectMs = openedMs;
      progress.stage = "response";
      const finding = await talk(socket, spec, progress, { endpoint, wire });
      if (finding.outcome === "ok") await examiner?.confirm();
      return finding;
    } finally {
      examiner?.stop();
      shut(socket);
    }
  };

type Unopened = Exclude<Attempted<unknown>, { kind: "done" }>;

/** Why a connection did not open. It took `tookMs` of the `limitMs` that it had. */
const unopened = async (
  failure: Unopened,
  tookMs: number,
  limitMs: number,
  steps: OpeningSteps,
  examiner: Examiner | undefined,
): Promise<Ending> => {
  if (failure.kind === "late")
    return examiner === undefined ? steps.late() : judgeHandshake({ how: "late" }, await examiner.newest());
  const { error } = failure;
  const hasCode = codeOf(error) !== undefined;
  if (examiner !== undefined && !hasCode)
    return judgeHandshake({ how: "rejected", error }, await examiner.fresh());
  const ending = steps.failed(judgeRejectedDial(error, tookMs, limitMs), hasCode);
  return ending.outcome === "refused" ? { ...ending, connectMs: tookMs } : ending;
};

const isRefusedWithoutCode = (failure: Unopened, { outcome }: Ending): boolean =>
  outcome === "refused" && failure.kind === "failed" && codeOf(failure.error) === undefined;

const UNKNOWN_NAME: Ending = {
  outcome: "dns_failure",
  stage: "connect",
  detail: "the name does not resolve",
};

/** Distinguishes an unknown name from a port that refuses: on Workers `connect()` reports both alike. */
const named = async (
  refused: Ending,
  endpoint: Endpoint,
  wire: Wire,
  progress: Progress,
): Promise<Ending> => {
  if (isLiteralAddress(endpoint.host)) return refused;
  const patienceMs = Math.max(FLOOR_MS, Math.min(progress.remainingMs(), PATIENCE_MS));
  return (await isUnknownName(endpoint, wire, patienceMs)) ? UNKNOWN_NAME : refused;
};

/** The bytes that were received, or how the wait ended without an answer. */
type Heard = { bytes: Uint8Array } | { ending: Ending };

/** How long we wait for further bytes after a whole answer, to catch a server that sends too much. */
const SETTLE_MS = 20;

/**
 * Sends the request, and reads until the answer `isWhole`, or as much of it as is kept (5,120 bytes). In a binary protocol an answer may be
 * known only by its length: with `exactly`, whatever comes after the whole answer within a moment belongs to it.
 */
export const ask = async (
  socket: Socket,
  request: Uint8Array,
  progress: Progress,
  { isWhole, exactly = false }: { isWhole: (bytes: Uint8Array) => boolean; exactly?: boolean },
): Promise<Heard> => {
  const reader: BodyReader = socket.readable.getReader();
  try {
    // A peer that answers and closes early breaks the write; its answer still counts.
    const sent = await attempt(socket.writable.getWriter().write(request), progress.remainingMs());
    if (sent.kind === "late") return { ending: { ...UNANSWERED, detail: "took no data" } };
    const taken = await take(reader, progress, ({ bytes, offered }) => {
      if (offered > 0) progress.stage = "body";
      return bytes.length === BODY_LIMIT || isWhole(bytes) ? "enough" : undefined;
    });
    const { bytes } = taken;
    if (taken.how !== "enough" && !isWhole(bytes)) return { ending: brokenOff(taken) };
    const more = exactly ? await attempt(reader.read(), SETTLE_MS) : undefined;
    return { bytes: more?.kind === "done" ? joined([bytes, more.value.value ?? new Uint8Array()]) : bytes };
  } finally {
    reader.cancel().catch(ignore);
  }
};

const UNANSWERED: Ending = {
  outcome: "response_timeout",
  stage: "response",
  detail: "connected, no answer",
};

const brokenOff = ({ how, bytes, why }: Taken): Ending => {
  const size = bytes.length;
  const stage = size > 0 ? "body" : "response";
  if (how === "late")
    return size > 0 ? { ...UNANSWERED, stage, detail: `unfinished after ${size} bytes` } : UNANSWERED;
  return { outcome: "reset", stage, detail: why ?? `closed after ${size} bytes` };
};

const SAID_MAX = 100;

/** What a server said, for people: its printable ASCII. */
export const said = (bytes: Uint8Array): string =>
  String.fromCharCode(...bytes.subarray(0, SAID_MAX))
    .replaceAll(/[^\x20-\x7e]+/g, " ")
    .trim();
