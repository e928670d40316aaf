import type { Reading } from "./reading.ts";
import type { VerdictAnswer } from "./verdict.ts";

/** Whether `/avoid` may say so: the verdict is fresh and not a rehearsal, or an operator's override says so, which needs neither. */
export const mayAvoid = (answer: VerdictAnswer, reading: Pick<Reading, "rehearsal">): boolean =>
  answer.override?.advice?.routing === "avoid" || (!answer.stale && !reading.rehearsal);

/** Whether a successor may take the target's place. */
export const mayFailOver = (answer: VerdictAnswer, reading: Pick<Reading, "rehearsal">): boolean =>
  answer.advice.failover &&
  (answer.override?.advice?.failover === true || (answer.confirmed && !answer.stale && !reading.rehearsal));
