import { GO_AHEAD_CHECKS } from "../../domain/go-ahead.ts";
import type { Grade } from "../../domain/health.ts";
import type { Vantage } from "../../domain/vantage.ts";
import { VERDICTS, type VerdictAnswer } from "../../domain/verdict.ts";
import { ended } from "../ending.ts";
import type { CachedReading } from "../aggregators/cached-reading.ts";
import { mayAvoid, mayFailOver } from "../../domain/polarity.ts";
import { routingOf, type CheckOptions } from "./check-query.ts";
import { isName } from "../../domain/name.ts";
import { healthInTrouble, healthOf } from "./target-health.ts";

export const CHECK_KINDS = ["up", ...GO_AHEAD_CHECKS, "consul", "health"] as const;
export type GradedKind = (typeof CHECK_KINDS)[number];

/** One question on a check path. */
export interface GradedCheck {
  kind: GradedKind;
  site: string;
  target: string;
}

/** The first word of the line, and the status. `warn` is also the answer when we cannot tell. */
const WORDS: Record<GradedKind, Record<Grade, [word: string, status: number]>> = {
  up: { pass: ["up", 200], warn: ["up", 200], fail: ["down", 503] },
  avoid: { pass: ["keep", 409], warn: ["keep", 409], fail: ["avoid", 200] },
  failover: { pass: ["hold", 409], warn: ["hold", 409], fail: ["failover", 200] },
  consul: { pass: ["passing", 200], warn: ["warning", 429], fail: ["critical", 503] },
  health: { pass: ["pass", 200], warn: ["warn", 429], fail: ["fail", 503] },
};

const PATH = new RegExp(`^/v1/sites/([^/]+)/targets/([^/]+)/(${CHECK_KINDS.join("|")})$`);

/** The check that a path asks for, or undefined: for answers that must be given before any route is reached. */
export const gradedCheckOf = (path: string): GradedCheck | undefined => {
  const [, site = "", target = "", kind] = PATH.exec(path) ?? [];
  return kind !== undefined && isName(site) && isName(target)
    ? { kind: kind as GradedKind, site, target }
    : undefined;
};

/** No ETag on any check: with one, something on the way may turn a poller's repeated question into 304, and a poller takes that for up. */
const headersFor = (kind: GradedKind, asOf: string | null): Record<string, string> => {
  const headers: Record<string, string> = {
    "Content-Type": kind === "health" ? "application/health+json" : "text/plain; charset=utf-8",
    "Cache-Control": kind === "failover" ? "no-store" : "private, no-cache",
  };
  if (asOf !== null) headers["Verdict-As-Of"] = asOf;
  return headers;
};

/** Words after the verdict: why the line may differ from what a reader expects. Drill ids are ours, but stay ASCII. */
const remarksOn = (answer: VerdictAnswer): string[] =>
  [
    answer.stale ? "stale" : "",
    answer.paused ? "paused" : "",
    answer.override === null ? "" : "override",
    answer.drill !== null && /^[\w.-]{1,80}$/.test(answer.drill) ? `drill=${answer.drill}` : "",
  ].filter((remark) => remark !== "");

/** The parts of a reading that a check is answered from. */
type Held = Pick<CachedReading, "answer" | "rehearsal">;

const gradeOf = (kind: GradedKind, kept: Held, slant: CheckOptions, vantages: readonly Vantage[]): Grade => {
  const { answer } = kept;
  if (kind === "failover") return mayFailOver(answer, kept) ? "fail" : "pass";
  const routing = routingOf(answer, slant, vantages);
  if (kind === "avoid") return routing === "avoid" && mayAvoid(answer, kept) ? "fail" : "pass";
  if (routing === "avoid") return "fail";
  return VERDICTS[answer.verdict].isUnsure ? "warn" : "pass";
};

const lineOf = (
  word: string,
  { verdict, site, target, sequence }: VerdictAnswer,
  remarks: string[],
): string => [word, verdict, `${site}/${target}`, `seq=${sequence}`, ...remarks].join(" ");

/** The line of `/avoid` for a target. */
export const avoidLine = (held: Held, slant: CheckOptions, vantages: readonly Vantage[]): string => {
  const [word] = WORDS.avoid[gradeOf("avoid", held, slant, vantages)];
  return lineOf(word, held.answer, remarksOn(held.answer));
};

/** Whether `/avoid` advises against the target. */
export const isAvoided = (held: Held, slant: CheckOptions, vantages: readonly Vantage[]): boolean =>
  gradeOf("avoid", held, slant, vantages) === "fail";

/** The line that keeps traffic where it is, whatever the verdict; `remark` says why. */
export const keepLine = (answer: VerdictAnswer, remark: string): string =>
  lineOf(WORDS.avoid.pass[0], answer, [...remarksOn(answer), remark]);

/** The answer on a check path: one ASCII line of at most 512 bytes, with exactly the contract's status. */
export const answerCheck = (
  check: GradedCheck,
  kept: CachedReading,
  slant: CheckOptions,
  vantages: readonly Vantage[],
  remarks: string[] = [],
): Response => {
  const { kind } = check;
  const { answer } = kept;
  const grade = gradeOf(kind, kept, slant, vantages);
  const [word, status] = WORDS[kind][grade];
  const all = [...remarksOn(answer), ...remarks];
  const body = kind === "health" ? JSON.stringify(healthOf(grade, answer, all)) : lineOf(word, answer, all);
  return new Response(ended(body), { status, headers: headersFor(kind, answer.asOf) });
};

/** The answer when our own trouble leaves nothing known: serve, keep, hold, warn. */
export const answerInTrouble = ({ kind, site, target }: GradedCheck): Response => {
  const place = `${site}/${target}`;
  const [word, status] = WORDS[kind].warn;
  const body =
    kind === "health"
      ? JSON.stringify(healthInTrouble(place))
      : [word, "unknown", place, "unavailable"].join(" ");
  return new Response(ended(body), { status, headers: headersFor(kind, null) });
};
