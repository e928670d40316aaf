/** Median and spread: on a shared machine a mean mostly shows how busy other programs were. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** Requires at least one value. */
export const spreadOf = (values: readonly number[]): Spread => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
  return { median, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
};

/** The usual and the worst of many durations. */
export interface Tail {
  count: number;
  p50: number;
  p99: number;
  max: number;
}

/** Nearest rank: the smallest value that at least this share of all do not exceed. */
const rank = (sorted: readonly number[], share: number): number =>
  sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;

export const tailOf = (values: readonly number[]): Tail => {
  const sorted = values.toSorted((a, b) => a - b);
  return { count: sorted.length, p50: rank(sorted, 0.5), p99: rank(sorted, 0.99), max: rank(sorted, 1) };
};
