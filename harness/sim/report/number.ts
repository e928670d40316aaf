/** Numbers as the page shows them; what there is none of is a dash. */
export const NONE = "–";

export const fixed = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined || !Number.isFinite(value) ? NONE : value.toFixed(digits);

/** A whole number with its thousands apart. */
export const whole = (value: number): string =>
  Math.round(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ",");
