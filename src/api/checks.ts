import type { Config } from "../config.ts";
import { keyOf } from "../domain/name.ts";
import { decodeReading, type Reading } from "../domain/reading.ts";
import type { VerdictAnswer } from "../domain/verdict.ts";
import { admitReader } from "./auth.ts";
import { answerCheck, answerInTrouble, type Check, type Kind } from "./check.ts";
import type { Api, ApiContext } from "./context.ts";
import { reasonOf, warn } from "./log.ts";
import type { Memory } from "./memory.ts";
import { standingOf, type Slant } from "./polarity.ts";
import { ApiError, invalid } from "./problem.ts";
import { placeOf, readTarget } from "./read.ts";

const PLAIN: Slant = { from: undefined, grayIsDown: false, partitionIsDown: false };

const isDown = (c: ApiContext, name: string): boolean => {
  const value = c.req.query(name);
  if (value === undefined || value === "down") return value === "down";
  throw invalid([{ path: name, message: 'must be "down", or left out' }]);
};

/** The slant in the query. Parameters we do not know are ignored: pollers add their own. */
const slantOf = (c: ApiContext): Slant =>
  c.req.raw.url.includes("?")
    ? { from: c.req.query("from"), grayIsDown: isDown(c, "gray"), partitionIsDown: isDown(c, "partition") }
    : PLAIN;

const refuseUnknown = (config: Config, slant: Slant, answer: VerdictAnswer): void => {
  if (slant.from === undefined) return;
  if (standingOf(slant.from, answer, config.vantages).kind === "unknown")
    throw invalid([{ path: "from", message: "must be a vantage or region that GET /v1/vantages lists" }]);
};

const parse = (reading: Reading): VerdictAnswer => JSON.parse(reading.json) as VerdictAnswer;

/**
 * What to say when the aggregator does not answer. `/up` repeats this isolate's last answer, for
 * what was true a moment ago is likelier than any default; the other two never act on memory.
 */
const answerFromMemory = (config: Config, memory: Memory, check: Check, slant: Slant): Response => {
  const text = check.kind === "up" ? memory.recall(keyOf(check.site, check.target)) : undefined;
  if (text === undefined) return answerInTrouble(check);
  const reading = decodeReading(text);
  return answerCheck(check, reading, parse(reading), slant, config.vantages, ["cached"]);
};

/** Errors of the caller stay errors; whatever else goes wrong is our own trouble, and never a 5xx of a kind not meant. */
const isCallers = (error: unknown): boolean => error instanceof ApiError && !error.ours;

const answer = async (c: ApiContext, memory: Memory, kind: Kind): Promise<Response> => {
  const config = await admitReader(c);
  const check: Check = { kind, ...placeOf(c) };
  const slant = slantOf(c);
  try {
    const reading = await readTarget({ env: c.env, config }, memory, check);
    const verdict = parse(reading);
    refuseUnknown(config, slant, verdict);
    return answerCheck(check, reading, verdict, slant, config.vantages);
  } catch (error) {
    if (isCallers(error)) throw error;
    if (!(error instanceof ApiError)) warn("api.check", { reason: reasonOf(error) });
    return answerFromMemory(config, memory, check, slant);
  }
};

/** `/up`, `/avoid` and `/failover`: GET, HEAD and OPTIONS answer alike, since pollers send any of them. */
export const addChecks = (app: Api, memory: Memory): void => {
  for (const kind of ["up", "avoid", "failover"] as const)
    app.on(["GET", "OPTIONS"], `/v1/sites/:site/targets/:target/${kind}`, (c: ApiContext) =>
      answer(c, memory, kind),
    );
};
