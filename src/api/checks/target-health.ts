/** `GET …/health`: the body of draft-inadarei-api-health-check-06. Its statuses are Consul's: 429 is a warning. */
import type { Grade, TargetHealth } from "../../domain/health.ts";
import type { ShownObservation, VerdictAnswer } from "../../domain/verdict.ts";

const API_VERSION = "1";

const describe = (serviceId: string): string => `What Parallax holds to be true of ${serviceId}`;

const checkOf = (
  { vantage, at, outcome, stage, totalMs, detail }: ShownObservation,
  reason: string | undefined,
): TargetHealth["checks"][string][number] => {
  const said = [outcome, `at ${stage}`, detail ?? ""].filter((part) => part !== "").join(" ");
  const isWell = outcome === "ok" && reason === undefined;
  return {
    componentId: vantage,
    componentType: "component",
    observedValue: totalMs,
    observedUnit: "ms",
    status: reason !== undefined ? "warn" : isWell ? "pass" : "fail",
    time: at,
    ...(isWell ? {} : { output: reason === undefined ? said : `${said}; not counted: ${reason}` }),
  };
};

/** The verdict in the words of the draft; a vantage that is not counted is a warning whatever it saw. */
export const healthOf = (grade: Grade, answer: VerdictAnswer, remarks: string[]): TargetHealth => {
  const serviceId = `${answer.site}/${answer.target}`;
  const uncounted = new Map(answer.notCounted.map(({ vantage, reason }) => [vantage, reason]));
  return {
    status: grade,
    version: API_VERSION,
    serviceId,
    description: describe(serviceId),
    notes: [answer.verdict, `seq=${answer.sequence}`, ...remarks],
    ...(grade === "pass" ? {} : { output: answer.because }),
    checks: Object.fromEntries(
      answer.evidence.map((one) => [
        `${one.vantage}:responseTime`,
        [checkOf(one, uncounted.get(one.vantage))],
      ]),
    ),
  };
};

/** The same when our own trouble leaves nothing known. */
export const healthInTrouble = (serviceId: string): TargetHealth => ({
  status: "warn",
  version: API_VERSION,
  serviceId,
  description: describe(serviceId),
  notes: ["unknown", "unavailable"],
  output: "the detector's own trouble: its aggregator did not answer, which says nothing about the target",
  checks: {},
});
