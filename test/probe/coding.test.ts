import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { BodyReader } from "../../src/probe/response-body.ts";
import { codingsOf, decoded, undecodable } from "../../src/probe/coding.ts";

/** A quick setting, since the default is the slowest one. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } };

/** A body in pieces, and the number of pieces that the reader asked for. */
const bodyOf = (...pieces: (Uint8Array | Error)[]): BodyReader & { asked: () => number } => {
  let next = 0;
  return {
    asked: () => next,
    read: async () => {
      const piece = pieces[next++];
      if (piece instanceof Error) throw piece;
      return piece === undefined ? { done: true } : { done: false, value: piece };
    },
    cancel: async () => undefined,
  };
};

const all = async (reader: BodyReader): Promise<string> => {
  let text = "";
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- one piece after the other
    const { done, value } = await reader.read();
    if (done) return text;
    text += Buffer.from(value ?? []).toString("latin1");
  }
};

const text = (bytes: Uint8Array, coding: string | null): Promise<string> =>
  all(decoded(bodyOf(bytes), codingsOf(coding)));

describe("a body that was compressed unasked", () => {
  it.each<[string, Uint8Array, string | null]>([
    ["gzip", gzipSync("all well"), "gzip"],
    ["its old name, however written", gzipSync("all well"), " X-Gzip "],
    ["deflate", deflateSync("all well"), "deflate"],
    ["deflate without its frame", deflateRawSync("all well"), "deflate"],
    ["brotli", brotliCompressSync("all well"), "br"],
    ["two on top of each other", brotliCompressSync(gzipSync("all well")), "gzip, br"],
    ["none", Buffer.from("all well"), null],
    ["none by its name", Buffer.from("all well"), "identity"],
  ])("is read as it was, of %s", async (_name, bytes, coding) => {
    expect(await text(bytes, coding)).toBe("all well");
  });

  it("is read as it was, wherever the network cuts it", async () => {
    const bytes = gzipSync("all is well that ends all well");
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 6 }), async (places) => {
        const edges = [0, ...places.sort((a, b) => a - b), bytes.length];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        expect(await all(decoded(bodyOf(...pieces), ["gzip"]))).toBe("all is well that ends all well");
      }),
      { numRuns: 50 },
    );
  });

  it.each<[string, string, Uint8Array]>([
    ["no such coding", "gzip", Buffer.from("all well")],
    ["nothing", "gzip", Buffer.alloc(0)],
    ["cut short", "gzip", gzipSync("all well").subarray(0, 12)],
  ])("is bad where it is %s", async (_name, coding, bytes) => {
    await expect(text(bytes, coding)).rejects.toThrow(`bad ${coding}`);
  });

  it("lets out what came before it broke off, and then says how", async () => {
    const reader = decoded(bodyOf(gzipSync("all well"), new Error("lost")), ["gzip"]);
    expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe("all well");
    await expect(reader.read()).rejects.toThrow("lost");
  });

  it.each([
    ["gzip", () => gzipSync(Buffer.alloc(200_000_000))],
    ["br", () => brotliCompressSync(Buffer.alloc(200_000_000), QUICK)],
  ])("is unfolded no further than a body is read, of %s", async (coding, bomb) => {
    const bytes = bomb();
    const body = bodyOf(bytes.subarray(0, 2_048), bytes.subarray(2_048));
    const reader = decoded(body, [coding]);
    let unfolded = 0;
    const drain = async (): Promise<void> => {
      for (;;) {
        // oxlint-disable-next-line no-await-in-loop -- one piece after the other
        unfolded += (await reader.read()).value?.length ?? 0;
      }
    };
    await expect(drain()).rejects.toThrow(`bad ${coding}`);
    // More than 1 MiB was decoded, so that a body that ends there can be distinguished. A decoder makes the rest at once.
    expect(unfolded).toBeGreaterThan(1_048_576);
    expect(unfolded).toBeLessThan(2 * 1_048_576);
  });

  it("is unfolded no faster than it is read", async () => {
    const bytes = gzipSync(Buffer.alloc(5_000_000));
    const body = bodyOf(...Array.from(bytes, (byte) => Uint8Array.of(byte)));
    const reader = decoded(body, ["gzip"]);
    await reader.read();
    expect(body.asked()).toBeLessThan(50);
    await reader.cancel();
  });

  it.each<[string[], string | undefined]>([
    [[], undefined],
    [["gzip", "br"], undefined],
    [["zstd"], "zstd"],
    [["gzip", "pigeon"], "pigeon"],
    [["constructor"], "constructor"],
    [["__proto__"], "__proto__"],
    [["gzip", "gzip", "gzip"], "gzip, gzip, gzip"],
  ])("%j: cannot be undone for %s", (codings, which) => {
    expect(undecodable(codings)).toBe(which);
  });
});
