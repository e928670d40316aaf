import { type Clock, settledWithin } from "./clock.ts";
import type { Slots } from "./slots.ts";

/**
 * The report leaves so long after the last probe began: one second, by when silence is news, and a
 * breath, so that a probe with the least timeout of one second comes in finished.
 */
export const REPORT_AFTER_MS = 1_050;

export interface Turn {
  /** Rank in the line for a slot: lower goes first. */
  order: number;
  /** Begins the probe, its slot held; settles when the probe has ended. Never rejects. */
  begin: () => Promise<void>;
}

/**
 * Lets each turn begin as soon as there is a slot for it, and settles when the report should leave.
 * What gets no slot within `budgetMs` never begins: it is not observed, which is not a failure.
 * Probes still silent go on, each in its slot.
 */
export const runRound = async (
  turns: Turn[],
  slots: Slots,
  clock: Clock,
  budgetMs: number,
): Promise<void> => {
  let lastBegin = clock.now();
  const ended: Promise<void>[] = [];
  const tickets = turns.map((turn) => slots.request(turn.order));
  const cancel = clock.after(budgetMs, () => {
    for (const ticket of tickets) ticket.withdraw();
  });
  const waits = turns.map(async (turn, index) => {
    if (!(await tickets[index]?.granted)) return;
    lastBegin = clock.now();
    ended.push(turn.begin().finally(() => slots.release()));
  });
  await Promise.all(waits);
  cancel();
  await settledWithin(clock, Promise.all(ended), lastBegin + REPORT_AFTER_MS - clock.now());
};
