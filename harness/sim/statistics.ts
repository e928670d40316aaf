/** What a sample says and how sure that is. */

/** The p-quantile as the smallest value with at least that share at or below it; NaN of nothing. */
export const quantile = (samples: readonly number[], p: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)] ?? Number.NaN;
};

const Z = 1.96;

/**
 * 95 % bounds of a quantile by order statistics (normal approximation to the binomial; Conover, Practical
 * Nonparametric Statistics, 3.2). The upper one is Infinity where the sample is too small to give one.
 */
export const quantileBounds = (samples: readonly number[], p: number): [number, number] => {
  const sorted = samples.toSorted((a, b) => a - b);
  const n = sorted.length;
  const spread = Z * Math.sqrt(n * p * (1 - p));
  const low = Math.floor(n * p - spread) - 1;
  const high = Math.ceil(n * p + spread);
  return [sorted[Math.max(0, low)] ?? Number.NaN, high < n ? (sorted[high] as number) : Infinity];
};

/**
 * 95 % bounds of a share by Wilson (1927); of none in n, the rule of three: at most 3/n
 * (Hanley and Lippman-Hand, 1983).
 */
export const shareBounds = (hits: number, n: number): [number, number] => {
  if (n === 0) return [0, 1];
  if (hits === 0) return [0, Math.min(1, 3 / n)];
  if (hits === n) return [Math.max(0, 1 - 3 / n), 1];
  const share = hits / n;
  const centre = share + (Z * Z) / (2 * n);
  const spread = Z * Math.sqrt((share * (1 - share)) / n + (Z * Z) / (4 * n * n));
  const scale = 1 + (Z * Z) / n;
  return [(centre - spread) / scale, (centre + spread) / scale];
};
