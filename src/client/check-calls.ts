import { isVerdict, type Verdict } from "../domain/plain/verdict-table.ts";
import type { Called } from "./called.ts";
import type { Answer, Connection, Stop } from "./connection.ts";
import { pathOf, type Place, queryOf } from "./paths.ts";

/** `up`: send traffic there? `avoid`: switch away from it? `failover`: may a successor take its place? */
export type CheckKind = "up" | "avoid" | "failover";

/** The answer of a check path. */
export interface Check {
  /** Yes to the question. */
  bit: boolean;
  verdict: Verdict;
  /** Null when the detector knows nothing, because of trouble of its own. */
  sequence: number | null;
  /** `stale`, `paused`, `override`, `drill=ID`, `cached`, `unavailable`. */
  remarks: string[];
  /** The whole line. */
  line: string;
}

/** Options of `up` and `avoid`. */
export interface CheckView {
  /** A vantage or region. */
  from?: string | undefined;
  gray?: "down" | undefined;
  partition?: "down" | undefined;
}

const WORDS: Record<CheckKind, { yes: [string, number]; no: [string, number] }> = {
  up: { yes: ["up", 200], no: ["down", 503] },
  avoid: { yes: ["avoid", 200], no: ["keep", 409] },
  failover: { yes: ["failover", 200], no: ["hold", 409] },
};

/** Remarks by which the detector says that it does not know. It never adds them to a yes for `avoid` or `failover`. */
const UNSURE: ReadonlySet<string> = new Set(["stale", "unavailable", "cached"]);

const isUnsureYes = (kind: CheckKind, isYes: boolean, remarks: readonly string[]): boolean =>
  kind !== "up" && isYes && remarks.some((remark) => UNSURE.has(remark));

/**
 * Reads a check's answer. Status, first word and target must all match: a page that some proxy or portal shows with a 200 is not a yes.
 * Null for anything else.
 */
export const checkIn = (kind: CheckKind, { site, target }: Place, { status, text }: Answer): Check | null => {
  const line = text.replace(/\r?\n$/, "");
  if (!/^[\x20-\x7e]{1,512}$/.test(line)) return null;
  const [word, verdict, name, ...remarks] = line.split(" ");
  const { yes, no } = WORDS[kind];
  const said = [yes, no].find(([known, code]) => known === word && code === status);
  if (said === undefined || !isVerdict(verdict) || name !== `${site}/${target}`) return null;
  if (isUnsureYes(kind, said === yes, remarks)) return null;
  const sequence = /^seq=(\d{1,15})$/.exec(remarks[0] ?? "")?.[1];
  return {
    bit: said === yes,
    verdict,
    sequence: sequence === undefined ? null : Number(sequence),
    remarks: sequence === undefined ? remarks : remarks.slice(1),
    line,
  };
};

/** Asks one of the check paths. A no is a value too; `refused` and `failed` are for all other answers. */
export const check = (
  connection: Connection,
  kind: CheckKind,
  place: Place,
  slant: CheckView & { nonce?: string | undefined },
  ask: Stop = {},
): Promise<Called<Check>> =>
  connection.checked(
    `${pathOf(place)}/${kind}${queryOf({ ...slant })}`,
    (answer) => checkIn(kind, place, answer),
    ask,
  );
