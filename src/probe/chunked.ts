/** Takes the chunks of HTTP/1.1's chunked coding apart (RFC 9112, 7.1) as bytes arrive. Trailers are not read. */
export class Chunked {
  private expecting: "size" | "data" | "gap" = "size";
  private line = "";
  private left = 0;

  /** Passes the data on to `sink`. `done`: the last chunk was met. */
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
      const state = this.step(String.fromCharCode(bytes[at] ?? 0));
      if (state !== "more") return state;
      at += 1;
    }
    return "more";
  }

  private step(character: string): "more" | "done" | "garbage" {
    if (character !== "\n") {
      this.line += character;
      return this.line.length > MAX_LINE ? "garbage" : "more";
    }
    const line = this.line.trimEnd();
    this.line = "";
    if (this.expecting === "gap") {
      this.expecting = "size";
      return line === "" ? "more" : "garbage";
    }
    const size = /^([0-9a-f]{1,8})\s*(;|$)/i.exec(line)?.[1];
    if (size === undefined) return "garbage";
    this.left = parseInt(size, 16);
    this.expecting = "data";
    return this.left === 0 ? "done" : "more";
  }
}

const MAX_LINE = 256;
