import { isLiteralAddress } from "../domain/address.ts";
import type { Finding } from "../domain/observation.ts";
import { lacks, type Reader, stopsAt, take } from "./body.ts";
import { includes } from "./charset.ts";
import { codeOf } from "./code.ts";
import { attempt } from "./deadline.ts";
import { FLOOR_MS, PATIENCE_MS } from "./examiner.ts";
import { judgeRejectedDial, judgeThrownDial } from "./failure.ts";
import { awaitOpen, OpeningSteps } from "./opening.ts";
import { conclude, type Ending, type Progress } from "./progress.ts";
import { isUnknownName } from "./resolve.ts";
import { open, shut, type Socket } from "./socket.ts";
import type { Prober, ProbeSpec } from "./wire.ts";

const ignore = (): void => undefined;

/** How long an opened connection is watched for being reset at once, which workerd shows only on reading. */
const SETTLE_MS = 20;

/** TCP: an open connection is `ok`, unless the target is to say something. */
export const probeTcp: Prober = async (spec, endpoint, wire, progress) => {
  const { host, port } = endpoint;
  progress.stage = "connect";
  const opening = open(wire.dial, { host, port, tls: false });
  if ("error" in opening) return conclude(progress, judgeThrownDial(opening.error));
  const { socket } = opening;
  progress.route = socket.route;
  const steps = new OpeningSteps(socket.opening, progress, false);
  try {
    const opened = await awaitOpen(socket, spec, progress);
    const openedMs = progress.elapsedMs();
    if (opened.kind === "late") return conclude(progress, steps.late());
    if (opened.kind === "done") return await converse(socket, spec, progress, openedMs);
    const ending = judgeRejectedDial(opened.error, openedMs, spec.timeoutMs);
    if (ending.outcome !== "refused") return conclude(progress, ending, openedMs);
    const doubtful = codeOf(opened.error) === undefined && !isLiteralAddress(host);
    const patienceMs = Math.max(FLOOR_MS, Math.min(progress.remainingMs(), PATIENCE_MS));
    if (doubtful && (await isUnknownName(endpoint, wire, patienceMs)))
      return conclude(progress, UNKNOWN_NAME, openedMs);
    return conclude(progress, { ...ending, connectMs: openedMs }, openedMs);
  } finally {
    shut(socket);
  }
};

const UNKNOWN_NAME: Ending = {
  outcome: "dns_failure",
  stage: "connect",
  detail: "the name does not resolve",
};

const converse = async (
  socket: Socket,
  { expect }: ProbeSpec,
  progress: Progress,
  openedMs: number,
): Promise<Finding> => {
  progress.connectMs = openedMs;
  progress.stage = "response";
  const reader: Reader = socket.readable.getReader();
  try {
    if (expect?.sends !== undefined) {
      const bytes = new TextEncoder().encode(expect.sends);
      const sent = await attempt(socket.writable.getWriter().write(bytes), progress.remainingMs());
      if (sent.kind === "late")
        return conclude(progress, { outcome: "response_timeout", stage: "response", detail: "took no data" });
    }
    const saidMs = progress.elapsedMs();
    if (expect?.bodyIncludes !== undefined)
      return conclude(progress, await hear(reader, expect.bodyIncludes, progress));
    const read = await attempt(reader.read(), SETTLE_MS);
    const ending: Ending =
      read.kind === "failed"
        ? { outcome: "reset", stage: "response", detail: codeOf(read.error) ?? "reset at once" }
        : { outcome: "ok", stage: "done" };
    return conclude(progress, ending, saidMs);
  } finally {
    reader.cancel().catch(ignore);
  }
};

const hear = async (reader: Reader, wanted: string, progress: Progress): Promise<Ending> => {
  const stops = stopsAt({ bodyIncludes: wanted });
  const taken = await take(reader, progress, (basin) => {
    if (basin.offered > 0) progress.stage = "body";
    return stops(basin);
  });
  const size = taken.bytes.length;
  const stage = size > 0 ? "body" : "response";
  if (includes(taken.bytes, wanted)) return { outcome: "ok", stage: "done" };
  if (taken.how === "late")
    return { outcome: "response_timeout", stage, detail: size > 0 ? lacks(wanted) : "connected, no answer" };
  if (taken.how === "failed" || size === 0)
    return { outcome: "reset", stage, detail: `closed after ${size} bytes` };
  return { outcome: "app_error", stage, detail: lacks(wanted) };
};
