/**
 * Which run of its process a node's own words speak of. A notice may arrive late, when the process has
 * long been started again: what a boot says that another has followed counts no more.
 */
import type { TargetState } from "./state.ts";

/** Boots remembered as over; a word of an older one is taken for a new one's. */
const REMEMBERED = 16;

/** Whether another boot has followed this one. */
export const isOver = ({ pastBoots }: TargetState, bootId: string): boolean => pastBoots.includes(bootId);

/** Whether its end has been told: a start that arrives after it was overtaken on the way. */
export const hasEnded = ({ notice }: TargetState, bootId: string): boolean =>
  notice !== null && notice.kind !== "start" && notice.bootId === bootId;

/** The state with this boot as the one that runs, and whoever ran before over. */
export const booted = (state: TargetState, bootId: string): TargetState =>
  state.bootId === bootId
    ? state
    : {
        ...state,
        bootId,
        pastBoots:
          state.bootId === null ? state.pastBoots : [...state.pastBoots, state.bootId].slice(-REMEMBERED),
      };
