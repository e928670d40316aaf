import { describe, expect, test } from "vitest";
import { startProgress } from "../../src/probe/progress.ts";
import { hrefOf, requestBytes, requestHeaders } from "../../src/probe/request.ts";
import { nodeWire } from "./wire.ts";

const progress = startProgress(() => 1_700_000_000_000, 1_000);
const wire = nodeWire();
const spec = (fresh: boolean, headers?: Record<string, string>) => ({
  url: "http://db.example/",
  timeoutMs: 1_000,
  expect: { fresh },
  headers,
});

describe("a probe that must be fresh", () => {
  test.each([
    ["http://db.example/", "http://db.example/?parallax-fresh=weur-1700000000000"],
    ["http://db.example/up?a=b", "http://db.example/up?a=b&parallax-fresh=weur-1700000000000"],
    ["http://db.example/up?q=%20+%2B", "http://db.example/up?q=%20+%2B&parallax-fresh=weur-1700000000000"],
  ])("asks for %s by an address that no cache has met", (href, expected) => {
    expect(hrefOf(href, spec(true), wire, progress)).toBe(expected);
    expect(hrefOf(href, spec(false), wire, progress)).toBe(href);
  });

  test("tells caches that heed it, unless the target has a word of its own", () => {
    expect(requestHeaders(spec(true), wire).get("cache-control")).toBe("no-cache");
    expect(requestHeaders(spec(true), wire).get("pragma")).toBe("no-cache");
    expect(requestHeaders(spec(true, { "cache-control": "max-age=0" }), wire).get("cache-control")).toBe(
      "max-age=0",
    );
    expect(requestHeaders(spec(false), wire).get("cache-control")).toBeNull();
  });

  test("asks by a socket for the same", () => {
    const text = new TextDecoder().decode(
      requestBytes(hrefOf("http://db.example/", spec(true), wire, progress), spec(true), wire),
    );
    expect(text).toContain("GET /?parallax-fresh=weur-1700000000000 HTTP/1.1\r\nhost: db.example\r\n");
    expect(text).toContain("cache-control: no-cache\r\n");
  });
});
