import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** What automation may get a go-ahead for: to let a successor take the place, or to send traffic elsewhere. */
export const GO_AHEAD_CHECKS = ["failover", "avoid"] as const;
export type GoAheadCheck = (typeof GO_AHEAD_CHECKS)[number];

/** Tokens that are counted separately for one sequence of a target; further tokens are counted together as OTHERS. */
export const MAX_ASKERS = 16;
export const OTHERS = "others";

/** A record that automation got a go-ahead, for one sequence of a target. */
export const ToldSchema = z.strictObject({
  check: z.enum(GO_AHEAD_CHECKS),
  /** Id of the token that asked; `others` for all beyond the first few. */
  by: z.string(),
  /** When the token first got it. */
  first: InstantSchema,
  /** How often the token got it; additions of the last minutes may be lost. */
  count: z.int().min(1),
});
export type ToldCheck = z.infer<typeof ToldSchema>;

/** The go-aheads that one isolate has given since it last reported them. */
export interface GoAhead {
  site: string;
  target: string;
  sequence: number;
  check: GoAheadCheck;
  by: string;
  /** Epoch milliseconds, over all that the isolate has answered to this token for this sequence. */
  first: number;
  /** Answers not yet reported; 0 if only `first` is reported again. */
  more: number;
}

/** As it is kept: `first` in epoch milliseconds. */
export type KeptGoAhead = Omit<ToldCheck, "first"> & { first: number };

/** The row in which a token is counted. */
const nameFor = (known: readonly KeptGoAhead[], by: string): string => {
  const named = new Set(known.filter((one) => one.by !== OTHERS).map((one) => one.by));
  return named.has(by) || named.size < MAX_ASKERS ? by : OTHERS;
};

/**
 * The known rows with an isolate's new report. Reporting the same `first` again changes nothing, so the isolate may repeat it until it is
 * acknowledged. The isolate reports `more` once, as a call without an answer may have arrived: so a count is never too high.
 */
export const withGoAhead = (
  known: readonly KeptGoAhead[],
  { check, by: asker, first, more }: Pick<GoAhead, "check" | "by" | "first" | "more">,
): KeptGoAhead[] => {
  const by = nameFor(known, asker);
  const isIt = (one: KeptGoAhead): boolean => one.check === check && one.by === by;
  if (!known.some(isIt)) return [...known, { check, by, first, count: Math.max(1, more) }];
  return known.map((one) =>
    isIt(one) ? { ...one, first: Math.min(one.first, first), count: one.count + more } : one,
  );
};
