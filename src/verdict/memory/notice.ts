/**
 * A supervisor's word that its process exited. It is believed nine times in ten (likelihood.ts) and looked
 * into at once; an answer begun after it was heard shows it to be forged or mistaken.
 */
import type { TargetState } from "./state.ts";
import type { View } from "../facts/view.ts";

/** For so long after it was heard a notice is looked into. */
const OPEN_MS = 10_000;
/** For so long the advice says that a notice was contradicted. */
export const CONTRADICTED_MS = 600_000;

/** Whether a word of late is still to be looked into: a start once, an end until it is borne out or contradicted. */
export const isOpenNotice = (state: TargetState, now: number): boolean => {
  const { bursts, notice, standing } = state;
  if (notice === null || now > notice.heardAt + OPEN_MS) return false;
  if (bursts.lastAt < notice.heardAt) return true;
  return isSaidGone(state) && !(standing.verdict === "process_crashed" && standing.confirmed);
};

/** Whether a supervisor's last word is that the process is gone, and nothing has contradicted it. */
export const isSaidGone = ({ notice }: TargetState): boolean =>
  notice !== null && notice.kind !== "start" && notice.contradictedAt === null;

/** A sound vantage outside, or one inside, was served after the process was said to be gone. */
export const withContradiction = (view: View): TargetState => {
  const { state, now } = view;
  const { notice } = state;
  if (notice === null || !isSaidGone(state)) return state;
  const isServed = [...view.counted, ...view.inside].some(
    ({ kind, sighting }) => kind === "ok" && sighting.begin > notice.heardAt,
  );
  return isServed ? { ...state, notice: { ...notice, contradictedAt: now } } : state;
};

/** Whether the last word is that the process was stopped in order: nobody has to take its place. */
export const isStopped = (state: TargetState): boolean => isSaidGone(state) && state.notice?.kind === "stop";

/** Whether the process is said to have crashed, and to be started again by its supervisor. */
export const isRestarting = (state: TargetState): boolean =>
  isSaidGone(state) && state.notice?.kind === "crash" && state.notice.restarting;
