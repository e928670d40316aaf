/** The lines of a group's history. */
import type { GroupChange } from "../domain/group.ts";
import { toInstant } from "../domain/plain/rfc3339.ts";
import { type Brake, shownBrake } from "./brakes.ts";
import type { GroupState } from "./group-state.ts";

/** The author of decisions that no request asked for. */
export const OURSELVES = "parallax";

/** A state and the lines that led to it. */
export interface GroupWithLines {
  state: GroupState;
  lines: GroupChange[];
}

export const untold = (state: GroupState): GroupWithLines => ({ state, lines: [] });

/** One step after another. */
export const andThen = (
  { state, lines }: GroupWithLines,
  step: (state: GroupState) => GroupWithLines,
): GroupWithLines => {
  const next = step(state);
  return { state: next.state, lines: [...lines, ...next.lines] };
};

interface Line {
  kind: GroupChange["kind"];
  because: string;
  from?: readonly string[];
  to?: readonly string[];
  heldBy?: Brake[];
  /** The members that the line is about. */
  about?: readonly (string | null)[];
  by?: string;
}

const verdictsOf = (state: GroupState, about: readonly (string | null)[]): GroupChange["verdicts"] =>
  [...new Set(about)].flatMap((member) => {
    const view = member === null ? null : (state.members[member]?.view ?? null);
    if (member === null || view === null) return [];
    const { verdict, sequence, confirmed } = view;
    return [{ member, verdict, sequence, confirmed }];
  });

/** The state with one more line of its history; the line takes its instant and epoch from the state. */
export const withLines = (
  state: GroupState,
  { kind, because, from = [], to = [], heldBy = [], about = [...from, ...to], by = OURSELVES }: Line,
): GroupWithLines => {
  const number = state.lines + 1;
  const line: GroupChange = {
    number,
    at: toInstant(state.at),
    kind,
    epoch: state.epoch,
    from: [...from],
    to: [...to],
    because,
    heldBy: heldBy.map(shownBrake),
    verdicts: verdictsOf(state, about),
    by,
  };
  return { state: { ...state, lines: number }, lines: [line] };
};

/** A change that was held back, noted once while the same brakes hold the same change. */
export const withheld = (
  state: GroupState,
  because: string,
  heldBy: Brake[],
  about: readonly (string | null)[],
): GroupWithLines => {
  const signature = JSON.stringify([about, heldBy.map(({ what, member }) => [what, member])]);
  if (signature === state.withheld) return untold(state);
  return withLines({ ...state, withheld: signature }, { kind: "withheld", because, heldBy, about });
};
