/** Numbers as the page shows them. */

export const fixed = (value: number, digits: number): string => value.toFixed(digits);

/** Whole numbers with a comma between thousands. */
export const grouped = (value: number): string => Math.round(value).toLocaleString("en-US");

const MILLS = 3;
const TENTH_MILLS = 4;
const DIME = 0.1;

/** A price for one of something: to a tenth of a cent, or a hundredth where it is less than ten cents. */
export const cents = (value: number): string => `$${fixed(value, value < DIME ? TENTH_MILLS : MILLS)}`;

/** A sum of dollars and cents. */
export const dollars = (value: number): string =>
  `$${value.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
