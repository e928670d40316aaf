import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { inflated } from "../../src/probe/inflate.ts";

const text = async (bytes: Uint8Array, coding: string | null): Promise<string> =>
  new TextDecoder().decode(await inflated(bytes, coding));

describe("a body that was compressed unasked", () => {
  it.each<[string, Uint8Array, string | null]>([
    ["gzip", gzipSync("all well"), "gzip"],
    ["its old name, however written", gzipSync("all well"), " X-Gzip "],
    ["deflate", deflateSync("all well"), "deflate"],
    ["none", Buffer.from("all well"), null],
    ["none that is known", Buffer.from("all well"), "compress"],
  ])("is read as it was, of %s", async (_name, bytes, coding) => {
    expect(await text(bytes, coding)).toBe("all well");
  });

  it("is nothing where it is no such coding", async () => {
    expect(await text(Buffer.from("all well"), "gzip")).toBe("");
  });

  it("is kept no further than an answer is, whatever it unfolds to", async () => {
    const bomb = gzipSync(Buffer.alloc(5_000_000, "x")).subarray(0, 5_120);
    expect((await inflated(bomb, "gzip")).length).toBe(5_120);
  });

  it("is as much as can be had where it is cut short", async () => {
    const long = gzipSync(Array.from({ length: 9_999 }, (_, index) => `line ${index} `).join(""));
    expect(await text(long.subarray(0, 5_120), "gzip")).toMatch(/^line 0 line 1 /);
  });
});
