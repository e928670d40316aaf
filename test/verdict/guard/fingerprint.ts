import { hash } from "../../../src/domain/hash.ts";

/** Digits that no other order of the same sums can change. */
const DIGITS = 9;

/** 32 bits of a plain value, whatever the order of its fields. */
export const fingerprint = (value: unknown): number => hash(JSON.stringify(value, inOrder));

const inOrder = (_key: string, value: unknown): unknown => {
  if (typeof value === "number" && !Number.isInteger(value)) return value.toPrecision(DIGITS);
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
};
