/** Turns the status codes that other tools accept into the list for Parallax. */
import type { Draft } from "./draft.ts";

export type Range = readonly [from: number, to: number];

/** The IANA registry of HTTP status codes from 200 on. Of a range, only these occur in practice. */
const REGISTERED: readonly Range[] = [
  [200, 208],
  [226, 226],
  [300, 305],
  [307, 308],
  [400, 417],
  [421, 426],
  [428, 429],
  [431, 431],
  [451, 451],
  [500, 508],
  [510, 511],
];
/** The most that `expect.status` accepts. */
const MAX_STATUSES = 20;
const FIRST = 200;
const LAST = 599;

const isIn = (code: number, ranges: readonly Range[]): boolean =>
  ranges.some(([from, to]) => code >= from && code <= to);

/** The ranges of statuses that a rule accepts. */
export const rangesWhere = (isTaken: (code: number) => boolean): Range[] => {
  const ranges: Range[] = [];
  for (let from = FIRST; from <= LAST; from++) {
    if (!isTaken(from)) continue;
    let to = from;
    while (to < LAST && isTaken(to + 1)) to++;
    ranges.push([from, to]);
    from = to;
  }
  return ranges;
};

/** `200`, `200-299`; undefined where it is neither. */
export const rangeOf = (text: string): Range | undefined => {
  const [, from, to = from] = /^\s*(\d{3})\s*(?:-\s*(\d{3}))?\s*$/.exec(text) ?? [];
  return from === undefined ? undefined : [Number(from), Number(to)];
};

/** Sets `expect.status`, unless the ranges are any 2xx, the default of Parallax. */
export const takeStatuses = (draft: Draft, ranges: readonly Range[]): void => {
  const codes = Array.from({ length: LAST - FIRST + 1 }, (_, index) => FIRST + index);
  const taken = codes.filter((code) => isIn(code, ranges));
  if (taken.length === 100 && taken[0] === FIRST && taken.at(-1) === 299) return;
  const isSingle = (code: number): boolean => ranges.some(([from, to]) => from === to && from === code);
  const listed = taken.filter((code) => isSingle(code) || isIn(code, REGISTERED));
  if (listed.length === 0) {
    draft.doubts.push("statuses: none of those accepted is one that Parallax can await; set expect.status");
    return;
  }
  draft.expect["status"] = listed.slice(0, MAX_STATUSES);
  if (listed.length > MAX_STATUSES)
    draft.lost.push(
      `statuses: ${listed.length} are accepted, of which expect.status took the first ${MAX_STATUSES}`,
    );
};
