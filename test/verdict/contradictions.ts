/**
 * Finds contradictions within one answer. It uses only the answer and the places of the target's vantages, as any reader could, and never
 * asks the judge.
 */
import { fromInstant } from "../../src/domain/instant.ts";
import { type ShownObservation, VERDICTS, type VerdictAnswer } from "../../src/domain/verdict.ts";

/** A vantage that the target is assigned to. */
export interface Stand {
  id: string;
  region: string;
  /** In the target's own site: its observations are shown, but it has no vote. */
  inside: boolean;
}

type Shows = (row: ShownObservation) => boolean;

const isOk: Shows = ({ outcome }) => outcome === "ok";
const isRefused: Shows = ({ outcome }) => outcome === "refused";
const WRONG: ReadonlySet<string> = new Set(["app_error", "reset", "tls_failure", "dns_failure"]);
const isWrong: Shows = ({ outcome, stage }) => WRONG.has(outcome) || stage === "body";
const isUnheard: Shows = (row) => !isOk(row) && !isRefused(row) && !isWrong(row);
const isHung: Shows = (row) => isUnheard(row) && (row.stage === "response" || row.stage === "tls");

/** What a sentence may say of some vantages, and which rows of evidence show that. */
const SHOWS: Record<string, Shows> = {
  "reached it": isOk,
  "got the expected answer": isOk,
  "got an expected answer last": isOk,
  "were refused by the host": isRefused,
  "were refused by something nearer than the host": isRefused,
  "got no answer": (row) => isUnheard(row) && !isHung(row),
  "were accepted and never answered": isHung,
  "got a wrong or broken answer": isWrong,
};
const WHAT = Object.keys(SHOWS).join("|");
const COUNT = new RegExp(`(\\d+)(?: of (\\d+) sound vantages?)? (${WHAT})`, "g");
const NAMED = /(\d+) of (\d+) sound vantages? \(([^)]*)\) gets? no answer, (\d+) others do/;

interface Sight {
  answer: VerdictAnswer;
  stands: readonly Stand[];
  now: number;
  /** Rows of vantages outside. */
  outside: ShownObservation[];
  /** The number of sound vantages outside. */
  sound: number;
}

type Law = (sight: Sight) => string[];

const when = (holds: boolean, text: string): string[] => (holds ? [text] : []);

const believed: Law = ({ answer: { verdict, confirmed, beliefs, waitingFor, override } }) =>
  when(
    verdict === "alive" && confirmed && beliefs.up < 0.5 && waitingFor === null && override === null,
    "alive, hardly believed, and nothing is waited for",
  );

const awaited: Law = ({ answer: { waitingFor, because } }) =>
  when(waitingFor !== null && !because.endsWith(`; waiting: ${waitingFor.what}`), "not said what is awaited");

/** Every number of vantages in the sentence is the number of rows that show it. */
const counted: Law = ({ answer: { because }, outside, sound }) => {
  const said = [...because.matchAll(COUNT)].map(([text, count, of, what = ""]) => ({
    text,
    count: Number(count),
    of: of === undefined ? sound : Number(of),
    rows: outside.filter((row) => SHOWS[what]?.(row)).length,
    what,
  }));
  return said.flatMap(({ text, count, of, rows, what }) => {
    // A row does not show whether the refusal came from something nearer than the host.
    const refusals = said.filter((one) => SHOWS[one.what] === isRefused);
    const all = SHOWS[what] === isRefused ? refusals.reduce((sum, one) => sum + one.count, 0) : count;
    return [
      ...when(all !== rows, `said that ${text}: evidence shows ${rows}`),
      ...when(of !== sound, `said that ${text}: ${sound} are sound`),
    ];
  });
};

const namedCut: Law = ({ answer: { because, unreachableFrom }, outside, sound }) => {
  const said = NAMED.exec(because);
  if (said === null) return [];
  const [, count, of, names = "", others] = said;
  return [
    ...when(
      names !== unreachableFrom.join(", "),
      `said to be cut: ${names}; listed: ${unreachableFrom.join(", ")}`,
    ),
    ...when(
      Number(count) !== unreachableFrom.length,
      `said that ${count} are cut: ${unreachableFrom.length} listed`,
    ),
    ...when(Number(of) !== sound, `said that ${of} are sound: ${sound} are`),
    ...when(
      Number(others) !== outside.filter(isOk).length,
      `said that ${others} get an answer: evidence shows ${outside.filter(isOk).length}`,
    ),
  ];
};

const expired: Law = ({ answer: { because, validUntil }, now, outside }) =>
  when(
    because.startsWith("none of") &&
      outside.length > 0 &&
      validUntil !== null &&
      fromInstant(validUntil) > now,
    "nothing fresh, and evidence that still is",
  );

/** No vantage is in both lists, and the evidence of each vantage in a list shows what the list says. */
const listed: Law = ({ answer: { reachableFrom, unreachableFrom, evidence, notCounted } }) => {
  const rowOf = new Map(evidence.map((row) => [row.vantage, row]));
  const shown = (id: string, holds: Shows): boolean => {
    const row = rowOf.get(id);
    return row !== undefined && holds(row);
  };
  return [
    ...reachableFrom.flatMap((id) => [
      ...when(unreachableFrom.includes(id), `${id} is in both lists`),
      ...when(!shown(id, (row) => isOk(row) || isWrong(row)), `reachable from ${id}, and no answer shown`),
    ]),
    ...unreachableFrom.flatMap((id) =>
      when(!shown(id, (row) => !isOk(row) && !isWrong(row)), `unreachable from ${id}, and no miss shown`),
    ),
    ...notCounted.flatMap(({ vantage }) => when(rowOf.has(vantage), `${vantage} is not counted, and shown`)),
  ];
};

/** A region is avoided where the target is avoided, or where none of its vantages reaches the target. */
const regional: Law = ({ answer, stands }) => {
  const { advice, unreachableFrom, verdict, confirmed, override } = answer;
  if (override !== null) return [];
  return Object.entries(advice.regions).flatMap(([region, routing]) => {
    if (advice.routing === "avoid") return when(routing === "serve", `avoided, and not in ${region}`);
    const all = stands.filter((one) => one.region === region);
    const isCut = all.length > 0 && all.every(({ id }) => unreachableFrom.includes(id));
    const withheld = VERDICTS[verdict].isDown && !confirmed;
    return [
      ...when(routing === "avoid" && !isCut, `${region} is avoided, and not all of it is cut`),
      ...when(routing === "serve" && isCut && !withheld, `all of ${region} is cut, and it is not avoided`),
    ];
  });
};

/** A target that is down serves no vantage outside, and a target that serves serves at least one. */
const served: Law = ({ answer, stands }) => {
  const { verdict, waitingFor, override, advice, confirmed, stale, reachableFrom, unreachableFrom } = answer;
  if (waitingFor !== null || override !== null || stale) return [];
  const outside = reachableFrom.filter((id) => stands.some((one) => one.id === id && !one.inside));
  const ok = outside.filter((id) => answer.evidence.some((row) => row.vantage === id && isOk(row)));
  return [
    ...when(VERDICTS[verdict].isDown && ok.length > 0, `${verdict}, and reached from ${ok.join(", ")}`),
    ...when(
      verdict !== "unknown" && advice.routing === "avoid" && ok.length > 0,
      `avoided, and reached from ${ok.join(", ")}`,
    ),
    ...when(VERDICTS[verdict].isDown && unreachableFrom.length === 0, `${verdict}, and nobody misses it`),
    ...when(verdict === "alive" && ok.length === 0, "alive, and nobody reaches it"),
    ...when(
      verdict === "partitioned" && (ok.length === 0 || unreachableFrom.length === 0),
      "partitioned, and not both some reach it and some do not",
    ),
    ...when(verdict === "unknown" && unreachableFrom.length > 0, "unknown, and unreachable"),
    ...when(advice.failover && !confirmed, "failover, and not confirmed"),
    ...when(advice.failover && advice.routing === "serve", "failover, and not avoided"),
  ];
};

const scoped: Law = ({ answer: { scope, verdict } }) =>
  when(scope === "site" && verdict !== "unreachable", `${verdict} of a whole site`);

const stale: Law = ({ answer: { stale: isStale, reachableFrom, unreachableFrom, verdict, override } }) => [
  ...when(isStale && override === null && verdict !== "unknown", "stale, and not unknown"),
  ...when(
    isStale && reachableFrom.length + unreachableFrom.length > 0,
    "stale, and somebody is said to see it",
  ),
];

const LAWS: Record<string, Law> = {
  believed,
  awaited,
  counted,
  namedCut,
  expired,
  listed,
  regional,
  served,
  scoped,
  stale,
};

/** The contradictions in an answer that is read at `now`, one line each. */
export const contradictionsIn = (answer: VerdictAnswer, stands: readonly Stand[], now: number): string[] => {
  const uncounted = new Set(answer.notCounted.map(({ vantage }) => vantage));
  const outsiders = new Set(stands.filter(({ inside }) => !inside).map(({ id }) => id));
  const sight: Sight = {
    answer,
    stands,
    now,
    outside: answer.evidence.filter(({ vantage }) => outsiders.has(vantage)),
    sound: [...outsiders].filter((id) => !uncounted.has(id)).length,
  };
  return Object.entries(LAWS).flatMap(([name, law]) => law(sight).map((line) => `${name}: ${line}`));
};
