import { isFieldLine } from "./http-head.ts";

/** The longest line between chunks that `fetch` on Workers accepts. */
const LINE_LIMIT = 16_384;
/** A size and what may stand behind it (RFC 9112, 7.1). A size that needs more than 64 bits is not valid. */
const SIZE_LINE = /^0*([0-9a-f]{1,16})[ \t]*(?:;[^\0\r]*)?\r$/i;
const LF = 10;

/**
 * Takes the chunks of HTTP/1.1's chunked coding apart (RFC 9112, 7.1) as bytes arrive. Lines end in CR LF alone, as in `fetch`: a reader
 * that guesses here reads another answer than the one that was sent.
 */
export class Chunked {
  private expecting: "size" | "data" | "gap" | "trailer" = "size";
  private line = "";
  private left = 0;

  /** Passes the data on to `sink`. `done`: the last chunk has been read, and the line that ends its trailers. */
  push(bytes: Uint8Array, sink: (data: Uint8Array) => void): "more" | "done" | "garbage" {
    let at = 0;
    while (at < bytes.length) {
      if (this.expecting === "data") {
        const data = bytes.subarray(at, at + this.left);
        sink(data);
        at += data.length;
        this.left -= data.length;
        if (this.left === 0) this.expecting = "gap";
        continue;
      }
      const state = this.step(bytes[at] ?? 0);
      if (state !== "more") return state;
      at += 1;
    }
    return "more";
  }

  private step(byte: number): "more" | "done" | "garbage" {
    if (byte !== LF) {
      this.line += String.fromCharCode(byte);
      return this.line.length > LINE_LIMIT ? "garbage" : "more";
    }
    const { line } = this;
    this.line = "";
    if (this.expecting === "gap") return line === "\r" ? this.go("size") : "garbage";
    if (this.expecting === "trailer") {
      if (line === "\r") return "done";
      return line.endsWith("\r") && isFieldLine(line.slice(0, -1)) ? "more" : "garbage";
    }
    const size = SIZE_LINE.exec(line)?.[1];
    if (size === undefined) return "garbage";
    this.left = parseInt(size, 16);
    return this.go(this.left === 0 ? "trailer" : "data");
  }

  private go(next: Chunked["expecting"]): "more" {
    this.expecting = next;
    return "more";
  }
}
