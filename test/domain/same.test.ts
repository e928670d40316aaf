import fc from "fast-check";
import { expect, it } from "vitest";
import { isRecord } from "../../src/domain/merge.ts";
import { isSame } from "../../src/domain/same.ts";

const turned = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(turned);
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, inner]) => [name, turned(inner)]),
  );
};

it("two values are the same whatever the order of their fields, and whether one is left out or undefined", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
      expect(isSame(value, turned(value))).toBe(true);
      expect(isSame(value, [value])).toBe(false);
      expect(isSame({ value }, { value, more: undefined })).toBe(true);
      if (JSON.stringify(turned(value)).length !== JSON.stringify(other).length)
        expect(isSame(value, other)).toBe(false);
    }),
  );
  expect(isSame([1, 2], [2, 1])).toBe(false);
});
