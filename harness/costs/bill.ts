import { METERS, type Meter, PLAN_DOLLARS, type Price, PRICES } from "./prices.ts";

/** How much is used of each meter. */
export type Usage = Record<Meter, number>;

export const NO_USAGE = Object.fromEntries(METERS.map((meter) => [meter, 0])) as Usage;

export const added = (...usages: Usage[]): Usage =>
  Object.fromEntries(
    METERS.map((meter) => [meter, usages.reduce((sum, usage) => sum + usage[meter], 0)]),
  ) as Usage;

export const times = (usage: Usage, factor: number): Usage =>
  Object.fromEntries(METERS.map((meter) => [meter, usage[meter] * factor])) as Usage;

/** The price of `used` if no part of it is included: if the rest of the account uses up what the plan gives. */
export const priceOf = ({ dollars, per }: Price, used: number): number => (used / per) * dollars;

/** What is to be paid a month for this usage alone, beside the plan. */
const owedOf = (price: Price, used: number): number => priceOf(price, Math.max(0, used - price.included));

export interface Bill {
  /** In dollars, nothing included; by meter. */
  lines: Usage;
  /** Their sum. */
  dollars: number;
  /** The plan, and what is beyond what it includes, in an account that does nothing else. */
  monthly: number;
}

/** `usage`: of one month. */
export const billOf = (usage: Usage): Bill => {
  const lines = Object.fromEntries(
    METERS.map((meter) => [meter, priceOf(PRICES[meter], usage[meter])]),
  ) as Usage;
  const owed = METERS.map((meter) => owedOf(PRICES[meter], usage[meter]));
  return {
    lines,
    dollars: METERS.reduce((sum, meter) => sum + lines[meter], 0),
    monthly: owed.reduce((sum, one) => sum + one, PLAN_DOLLARS),
  };
};
