/** Reads and sums up figures that the page and the browser show. */

const UNITS_S: Record<string, number> = { s: 1, min: 60, h: 3_600, d: 86_400 };

/** A duration as the page writes it, `1 min 12 s`, in seconds; NaN for anything else. `under 1 s` is 0. */
export const secondsOf = (text: string): number => {
  if (text === "under 1 s") return 0;
  const parts = [...text.matchAll(/(\d+) (min|s|h|d)(?= |$)/g)];
  if (parts.length === 0 || parts.map(([part]) => part).join(" ") !== text) return Number.NaN;
  return parts.reduce((sum, [, count, unit = ""]) => sum + Number(count) * (UNITS_S[unit] ?? Number.NaN), 0);
};

/** The smallest sample that a share of all samples does not exceed; NaN for none. */
export const quantileOf = (samples: readonly number[], share: number): number =>
  samples.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * samples.length) - 1)] ?? Number.NaN;

/** A figure beside its budget. A machine that does other things may miss the budget: that is shown, and proves nothing. */
export const against = (figure: number, budget: number, unit: string): string =>
  `${figure.toFixed(1)} ${unit}, budget ${budget} ${unit} ${figure <= budget ? "met" : "missed"}`;
