import type { Drill } from "../domain/drill.ts";
import { probeKindOf, schemeOf } from "../domain/kinds.ts";
import type { Finding, Subject } from "../domain/observation.ts";
import type { Stage } from "../domain/outcome.ts";
import type { Assignment } from "../domain/report.ts";
import type { Clock } from "./clock.ts";
import type { Pace } from "./pace.ts";
import type { RunningProbe, Waits } from "./starter.ts";

/** How long a connection takes on a path where no connection has opened yet. */
const CONNECT_DEFAULT_MS = 20;

const isRunning = (drill: Drill, vantage: string, now: number): boolean =>
  drill.startsAt <= now && now < drill.endsAt && (drill.vantages?.includes(vantage) ?? true);

/**
 * The drill that alters a probe, the first that matches. `silence` befalls the whole node, witness
 * included; the other faults befall the target's process and leave its witness alone.
 */
export const drillFor = (
  assignment: Assignment,
  whom: { site: string; target: string; subject: Subject },
  now: number,
): Drill | undefined =>
  assignment.drills.find(
    (drill) =>
      isRunning(drill, assignment.vantage, now) &&
      drill.site === whom.site &&
      (drill.target ?? whom.target) === whom.target &&
      (whom.subject === "target" || drill.fault === "silence"),
  );

/**
 * True when drills that name this vantage silence every target assigned to it. That says "this
 * vantage is cut from everything", and so its controls have to be silent as well. A drill that names no
 * vantage says that nodes are silent, not that their observers are cut, even if no other node is left.
 */
export const isCutOff = (assignment: Assignment, now: number): boolean =>
  assignment.targets.length > 0 &&
  assignment.targets.every(({ site, target }) => {
    const drill = drillFor(assignment, { site, target, subject: "target" }, now);
    return drill?.fault === "silence" && drill.vantages !== undefined;
  });

interface Script {
  stage: Stage;
  afterMs: number;
  finding: Finding;
}

/** The probe that is drilled. The scheme of its URL decides how a wrong answer looks. */
export type Drilled = Pick<Waits, "timeoutMs" | "connectWithinMs"> & { url: string };

const scriptOf = (
  fault: Drill["fault"],
  pace: Pace,
  { url, timeoutMs, connectWithinMs }: Drilled,
): Script => {
  // A refusal faster than the path itself would be a middlebox's, and the judge would not believe it.
  const { connect, answer } = pace;
  const connectMs = Math.min(timeoutMs, connect.samples > 0 ? connect.meanMs : CONNECT_DEFAULT_MS);
  const answerMs = Math.min(timeoutMs, Math.max(connectMs, answer.meanMs));
  switch (fault) {
    case "silence":
      return play("connect", connectWithinMs, {
        outcome: "connect_timeout",
        stage: "connect",
        totalMs: connectWithinMs,
      });
    case "refuse":
      return play("connect", connectMs, { outcome: "refused", stage: "connect", totalMs: connectMs });
    case "hang":
      return play("response", timeoutMs, {
        outcome: "response_timeout",
        stage: "response",
        connectMs,
        totalMs: timeoutMs,
      });
    case "error":
      return play("response", answerMs, {
        outcome: "app_error",
        stage: "done",
        connectMs,
        totalMs: answerMs,
        detail: probeKindOf(schemeOf(url) ?? "tcp").drilled,
      });
  }
};

const play = (stage: Stage, afterMs: number, finding: Finding): Script => ({ stage, afterMs, finding });

/** Behaves as a probe of a node with this fault would, and sends no packet. */
export const startDrilled = (
  fault: Drill["fault"],
  pace: Pace,
  drilled: Drilled,
  clock: Clock,
): RunningProbe => {
  const script = scriptOf(fault, pace, drilled);
  const begin = clock.now();
  const { connectMs } = script.finding;
  const isOpen = (): boolean => connectMs !== undefined && clock.now() - begin >= connectMs;
  return {
    begin,
    stage: () => (script.stage === "response" && !isOpen() ? "connect" : script.stage),
    isResolving: () => false,
    connectMs: () => (isOpen() ? connectMs : undefined),
    finding: new Promise((resolve) => {
      clock.after(script.afterMs, () => resolve(script.finding));
    }),
  };
};
