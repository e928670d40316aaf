import { describe, expect, test } from "vitest";
import { includes } from "../../src/probe/charset.ts";

describe("a word in the character set of its answer", () => {
  test.each<[string, number[], string | null, string]>([
    ["UTF-8 where nothing is said", [0x67, 0xc3, 0xbc], null, "gü"],
    ["Latin-1", [0x67, 0xfc], "text/html; charset=ISO-8859-1", "gü"],
    ["UTF-16, the little end first", [0x67, 0, 0xfc, 0], "text/html; charset=utf-16", "gü"],
    ["UTF-8 where the name is of none", [0x67, 0xc3, 0xbc], "text/html; charset=pigeon", "gü"],
    ["a mark, whatever is said", [0xef, 0xbb, 0xbf, 0xc3, 0xbc], "text/html; charset=latin1", "ü"],
    ["a mark of UTF-16, whatever is said", [0xfe, 0xff, 0, 0xfc], "text/html; charset=utf-8", "ü"],
  ])("is found in %s", (_name, bytes, contentType, word) => {
    expect(includes(Uint8Array.from(bytes), word, contentType)).toBe(true);
  });

  test("is not found in another", () => {
    expect(includes(Uint8Array.from([0xfc]), "ü", "text/html")).toBe(false);
  });
});
