import type { Vantage } from "../domain/vantage.ts";
import type { VerdictAnswer } from "../domain/verdict.ts";
import type { Kept } from "./kept.ts";
import { mayAvoid, mayFailOver, routingOf, type Slant } from "./polarity.ts";
import { isName } from "../domain/name.ts";

export type Kind = "up" | "avoid" | "failover";

/** One question on a check path. */
export interface Check {
  kind: Kind;
  site: string;
  target: string;
}

/** The first word of the line and the status, for the bit set and the bit clear. */
const WORDS: Record<Kind, { set: [string, number]; clear: [string, number]; cache: string }> = {
  up: { set: ["up", 200], clear: ["down", 503], cache: "private, no-cache" },
  avoid: { set: ["avoid", 200], clear: ["keep", 409], cache: "private, no-cache" },
  failover: { set: ["failover", 200], clear: ["hold", 409], cache: "no-store" },
};

/** The check a path asks, or undefined: for answers that must be given before any route is reached. */
export const checkOf = (path: string): Check | undefined => {
  const [, site = "", target = "", kind] =
    /^\/v1\/sites\/([^/]+)\/targets\/([^/]+)\/(up|avoid|failover)$/.exec(path) ?? [];
  return kind !== undefined && isName(site) && isName(target)
    ? { kind: kind as Kind, site, target }
    : undefined;
};

const lineFor = (check: Check, bit: boolean, rest: string[]): Response => {
  const { set, clear, cache } = WORDS[check.kind];
  const [word, status] = bit ? set : clear;
  return new Response([word, ...rest].join(" "), {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8", "Cache-Control": cache },
  });
};

/** Words after the verdict: why the line may differ from what one expects. Drill ids are ours, but stay ASCII. */
const remarksOn = (answer: VerdictAnswer): string[] =>
  [
    answer.stale ? "stale" : "",
    answer.paused ? "paused" : "",
    answer.override === null ? "" : "override",
    answer.drill !== null && /^[\w.-]{1,80}$/.test(answer.drill) ? `drill=${answer.drill}` : "",
  ].filter((remark) => remark !== "");

const bitOf = (kind: Kind, kept: Kept, slant: Slant, vantages: readonly Vantage[]): boolean => {
  const { answer } = kept;
  if (kind === "failover") return mayFailOver(answer, kept);
  const routing = routingOf(answer, slant, vantages);
  return kind === "up" ? routing === "serve" : routing === "avoid" && mayAvoid(answer, kept);
};

/** The answer on a check path: one ASCII line of at most 512 bytes, with exactly the contract's status. */
export const answerCheck = (
  check: Check,
  kept: Kept,
  slant: Slant,
  vantages: readonly Vantage[],
  remarks: string[] = [],
): Response =>
  lineFor(check, bitOf(check.kind, kept, slant, vantages), [
    kept.answer.verdict,
    `${check.site}/${check.target}`,
    `seq=${kept.answer.sequence}`,
    ...remarksOn(kept.answer),
    ...remarks,
  ]);

/** The answer when nothing at all is known for our own trouble: serve, keep, hold. */
export const answerInTrouble = (check: Check): Response =>
  lineFor(check, check.kind === "up", ["unknown", `${check.site}/${check.target}`, "unavailable"]);
