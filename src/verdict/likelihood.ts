/**
 * How likely each kind of vote is under each hidden cause, and how rare the causes are.
 * Columns `up` to `gray` for answers and silences are the design's table; a cut path shows what a
 * dead node shows. Rows it leaves open are completed here with the reason beside them.
 */
import type { Kind } from "./votes.ts";

export type Cause = "up" | "crashed" | "dead" | "hung" | "gray";

export const LIKELIHOOD: Record<Kind, Record<Cause, number>> = {
  ok: { up: 0.983, crashed: 1e-6, dead: 1e-9, hung: 1e-4, gray: 0.5 },
  refused: { up: 1e-6, crashed: 0.98, dead: 1e-4, hung: 1e-5, gray: 0.01 },
  silent: { up: 0.016, crashed: 0.02, dead: 0.9998, hung: 0.02, gray: 0.14 },
  hung: { up: 6e-4, crashed: 1e-5, dead: 1e-5, hung: 0.98, gray: 0.2 },
  // Wrong answers, resets, TLS and name failures: a node that is up has them at a deploy now and then;
  // a crash mid-answer shows as a reset once, hence not nil for crashed and hung.
  wrong: { up: 4e-4, crashed: 1e-4, dead: 1e-6, hung: 1e-4, gray: 0.3 },
  // A refusal by something nearer than the node speaks of the path, and of every state alike.
  rejected: { up: 1e-4, crashed: 1e-2, dead: 1e-2, hung: 1e-3, gray: 1e-3 },
};

/** Priors of a target's causes: all rare, so that evidence and not suspicion decides. */
export const PRIOR: Record<Cause, number> = {
  up: 0.996,
  crashed: 1e-3,
  dead: 1e-3,
  hung: 1e-3,
  gray: 1e-3,
};

/** A whole site cut off is rarer than one node's death: links are doubled. */
export const PRIOR_CUT = 2e-4;
/** One path open at one moment and cut at the next. */
export const PRIOR_PATH_CUT = 1e-3;
/** What a second silence on the same path adds, in nats: loss comes in bursts. */
export const REPEATED_SILENCE_NATS = 0.7;
/** How likely one cause is to give way to another between two sightings: a crash may become a death. */
export const HAZARD = 1e-3;
/** What should not happen at all, but for clocks, caches and liars. */
export const RARE = 1e-6;
