import { z } from "zod";
import { InstantSchema } from "./instant.ts";

/** What may be told to go ahead: a successor to take the place, or traffic to go elsewhere. */
export const GO_AHEAD_CHECKS = ["failover", "avoid"] as const;
export type GoAheadCheck = (typeof GO_AHEAD_CHECKS)[number];

/** Tokens that are told apart for one sequence of a target; what further ones were told is counted together as OTHERS. */
export const MAX_ASKERS = 16;
export const OTHERS = "others";

/** That automation was told to go ahead, for one sequence of a target. */
export const ToldSchema = z.strictObject({
  check: z.enum(GO_AHEAD_CHECKS),
  /** Id of the token that asked; `others` for all beyond the first few. */
  by: z.string(),
  /** When it was told first. */
  first: InstantSchema,
  /** How often it was told; additions of the last minutes may be lost. */
  count: z.int().min(1),
});
export type ToldCheck = z.infer<typeof ToldSchema>;

/** What one isolate has answered since it last said so. */
export interface GoAhead {
  site: string;
  target: string;
  sequence: number;
  check: GoAheadCheck;
  by: string;
  /** Epoch milliseconds, of all it has answered to this token for this sequence. */
  first: number;
  /** Answers not yet told of; 0 where only `first` is said once more. */
  more: number;
}

/** As it is kept: `first` in epoch milliseconds. */
export type KeptGoAhead = Omit<ToldCheck, "first"> & { first: number };

/** Whose row it is counted in. */
const nameFor = (known: readonly KeptGoAhead[], by: string): string => {
  const named = new Set(known.filter((one) => one.by !== OTHERS).map((one) => one.by));
  return named.has(by) || named.size < MAX_ASKERS ? by : OTHERS;
};

/**
 * With what an isolate says now. To say the same `first` again changes nothing, so it may be said until it is acknowledged;
 * `more` is said once, for nobody knows whether a call without an answer was heard: a count is never too high.
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
