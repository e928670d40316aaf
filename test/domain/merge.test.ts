import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isDeeperThan, isRecord, patched } from "../../src/domain/merge.ts";

const read = (text: string): unknown => JSON.parse(text) as unknown;

describe("a merge patch", () => {
  // RFC 7396, appendix A.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', "{}"],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', "null", "null"],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ["[1,2]", '{"a":"b","c":null}', '{"a":"b"}'],
    ["{}", '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])("of %s with %s is %s", (original, patch, result) => {
    expect(patched(read(original), read(patch))).toEqual(read(result));
  });

  it.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "takes %s for a field like any other",
    (name) => {
      const result = patched({ a: 1 }, read(`{"${name}":{"b":2}}`));
      expect(JSON.stringify(result)).toBe(`{"a":1,"${name}":{"b":2}}`);
      expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
      expect(({} as Record<string, unknown>)["b"]).toBeUndefined();
      expect(JSON.stringify(patched(result, read(`{"${name}":null}`)))).toBe('{"a":1}');
    },
  );

  it("changes neither of the two, says twice what it says once, and leaves no null of its own", () => {
    const hasNull = (value: unknown): boolean =>
      value === null || (isRecord(value) && Object.values(value).some(hasNull));
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, patch) => {
        const before = JSON.stringify([value, patch]);
        const once = patched(value, patch);
        expect(JSON.stringify([value, patch])).toBe(before);
        expect(JSON.stringify(patched(once, patch))).toBe(JSON.stringify(once));
        if (isRecord(patch)) expect(hasNull(patched({}, patch))).toBe(false);
      }),
    );
  });
});

it("a value is told that is deeper than so many levels, however deep it is", () => {
  const nested = (levels: number): unknown => read(`${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`);
  expect(isDeeperThan(8, nested(8))).toBe(false);
  expect(isDeeperThan(8, nested(9))).toBe(true);
  expect(isDeeperThan(8, nested(5_000))).toBe(true);
});
