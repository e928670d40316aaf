import type { Config } from "../../config.ts";
import type { VerdictAnswer } from "../../domain/verdict.ts";
import { GO_AHEAD_CHECKS, type GoAheadCheck } from "../../domain/go-ahead.ts";
import { admitReader } from "../access/auth.ts";
import { answerCheck, answerInTrouble, CHECK_KINDS, type GradedCheck, type GradedKind } from "./grades.ts";
import type { Api, ApiContext } from "../context.ts";
import type { ToldAutomation } from "../aggregators/told-automation.ts";
import type { CachedReading } from "../aggregators/cached-reading.ts";
import { reasonOf, warn } from "../errors/log-line.ts";
import { standingOf, type CheckOptions } from "./check-query.ts";
import { ApiError, invalid } from "../errors/api-error.ts";
import { readPlaceOf, type Reads } from "../aggregators/target-reads.ts";

const PLAIN: CheckOptions = { from: undefined, grayIsDown: false, partitionIsDown: false };

const isDown = (c: ApiContext, name: string): boolean => {
  const value = c.req.query(name);
  if (value === undefined || value === "down") return value === "down";
  throw invalid([{ path: name, message: 'must be "down", or left out' }]);
};

/** The slant in the query. Parameters we do not know are ignored: pollers add their own. */
const slantOf = (c: ApiContext): CheckOptions =>
  c.req.raw.url.includes("?")
    ? { from: c.req.query("from"), grayIsDown: isDown(c, "gray"), partitionIsDown: isDown(c, "partition") }
    : PLAIN;

const refuseUnknown = (config: Config, slant: CheckOptions, answer: VerdictAnswer): void => {
  if (slant.from === undefined) return;
  if (standingOf(slant.from, answer, config.vantages).kind === "unknown")
    throw invalid([{ path: "from", message: "must be a vantage or region that GET /v1/vantages lists" }]);
};

/** Whether pollers act on the answer, so that it must be neither shared nor old. */
const isDecisive = (kind: GradedKind): kind is GoAheadCheck => GO_AHEAD_CHECKS.some((one) => one === kind);

const read = (
  c: ApiContext,
  config: Config,
  reads: Reads,
  check: GradedCheck,
): CachedReading | Promise<CachedReading> => {
  const at = { env: c.env, config };
  if (isDecisive(check.kind)) return reads.alone(at, check);
  const recent = check.kind === "up" ? reads.recent(check, config.upMaxAgeMs) : undefined;
  return recent ?? reads.together(at, check);
};

/**
 * The answer when the aggregator does not answer. `/up` and its like repeat this isolate's last answer, for what was true a moment ago is
 * likelier than any default; `/avoid` and `/failover` never act on memory.
 */
const answerFromMemory = (
  config: Config,
  reads: Reads,
  check: GradedCheck,
  slant: CheckOptions,
): Response => {
  const kept = isDecisive(check.kind) ? undefined : reads.recall(check);
  if (kept === undefined) return answerInTrouble(check);
  return answerCheck(check, kept, slant, config.vantages, ["cached"]);
};

/** Errors of the caller stay errors. Any other error is our own trouble, and must never become a 5xx that a poller takes for a verdict. */
const isCallers = (error: unknown): boolean => error instanceof ApiError && !error.ours;

/** The means by which an isolate answers checks. */
interface Desk {
  reads: Reads;
  goAheads: ToldAutomation;
}

const answer = async (c: ApiContext, { reads, goAheads }: Desk, kind: GradedKind): Promise<Response> => {
  const { config, grant } = await admitReader(c);
  const check: GradedCheck = { kind, ...readPlaceOf(c) };
  const slant = slantOf(c);
  try {
    const kept = await read(c, config, reads, check);
    refuseUnknown(config, slant, kept.answer);
    const response = answerCheck(check, kept, slant, config.vantages);
    if (isDecisive(kind))
      goAheads.note(c, { env: c.env, config }, grant.id, kind, response.status === 200 ? [kept.answer] : []);
    return response;
  } catch (error) {
    if (isCallers(error)) throw error;
    if (!(error instanceof ApiError)) warn("api.check", { reason: reasonOf(error) });
    return answerFromMemory(config, reads, check, slant);
  }
};

/** `/up`, `/avoid`, `/failover`, `/consul` and `/health`: GET, HEAD and OPTIONS answer alike, since pollers send any of them. */
export const addChecks = (app: Api, desk: Desk): void => {
  for (const kind of CHECK_KINDS)
    app.on(["GET", "OPTIONS"], `/v1/sites/:site/targets/:target/${kind}`, (c: ApiContext) =>
      answer(c, desk, kind),
    );
};
