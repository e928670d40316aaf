import type { PathFault } from "../fault.ts";
import type { Place } from "../reality.ts";

/** Steps by which a link gets worse, and how long all of them take. */
const STEPS = 6;
export const WORSENING_MS = 30_000;
/** Share of packets lost in the last step. */
const LOSS_AT_LAST = 0.9;

/** The link of a site, or of one of its hosts, loses more and more of what is sent to it. */
export const worsening = (
  places: readonly Place[],
  whom: { site: string; key?: string },
  from: number,
): PathFault[] =>
  places.flatMap(({ id }) =>
    Array.from({ length: STEPS }, (_, step): PathFault => {
      const begin = from + (step * WORSENING_MS) / STEPS;
      const loss = (LOSS_AT_LAST * (step + 1)) / STEPS;
      return {
        on: "path",
        place: id,
        ...whom,
        loss,
        way: "there",
        from: begin,
        to: begin + WORSENING_MS / STEPS,
      };
    }),
  );
