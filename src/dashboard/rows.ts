import type { MatrixTarget } from "../domain/matrix.ts";
import type { PageState } from "./shown-state.ts";
import { MARK_WORDS, shownName } from "./plain-words.ts";

/** The most rows of a page made on the server: people do not read more in one table. */
const ROWS_MAX = 1_000;

/** Above this number only the visible rows are drawn. */
export const WHOLE_MAX = 60;

/** The rows that contain a text: in their names, their verdict, or their marks. */
export const fitting = (targets: readonly MatrixTarget[], filter: string): readonly MatrixTarget[] => {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return targets;
  return targets.filter(({ site, target, verdict, marks }) => {
    const text = [`${site}/${target}`, shownName(verdict), ...marks.map((mark) => MARK_WORDS[mark])].join(
      " ",
    );
    return words.every((word) => text.includes(word));
  });
};

export interface Drawn {
  rows: readonly MatrixTarget[];
  /** Matching rows that are not drawn, and the space they take. Without a script they take none. */
  above: number;
  below: number;
  abovePx: number;
  belowPx: number;
  /** How many rows match. */
  count: number;
}

/** The rows of the table that are drawn. */
export const drawnOf = ({ matrix, view, live }: PageState): Drawn => {
  const rows = fitting(matrix.targets, view.filter);
  const isWhole = live !== null && rows.length <= WHOLE_MAX;
  const { first, count, heightPx } =
    live === null || isWhole ? { first: 0, count: isWhole ? rows.length : ROWS_MAX, heightPx: 0 } : live.rows;
  const start = Math.max(0, Math.min(first, rows.length - count));
  const drawn = rows.slice(start, start + count);
  const below = rows.length - start - drawn.length;
  return {
    rows: drawn,
    above: start,
    below,
    abovePx: start * heightPx,
    belowPx: below * heightPx,
    count: rows.length,
  };
};
