import { Basin } from "./body.ts";
import { Chunked } from "./chunked.ts";

/** Status line and headers, interim answers included. */
const HEAD_LIMIT = 16_384;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |\r?$)/;
const BODILESS: readonly number[] = [101, 204, 304];
const PREFIX = "HTTP/1.";

type Framing = { kind: "length"; left: number } | { kind: "chunked"; decoder: Chunked } | { kind: "close" };

/** One HTTP/1.1 answer (RFC 9112), read as its bytes arrive. No I/O; memory bounded. */
export class HttpAnswer {
  /** Known once the head is complete. */
  status: number | undefined;
  /** `full`: more came than is read. `garbage`: not HTTP, said in `flaw`. */
  state: "head" | "body" | "complete" | "full" | "garbage" = "head";
  flaw = "";
  private head = "";
  private framing: Framing = { kind: "close" };
  private readonly basin = new Basin();

  get bytes(): Uint8Array {
    return this.basin.bytes;
  }

  /** Whether it said how long its body is. */
  get declared(): boolean {
    return this.framing.kind === "length";
  }

  /** Whether anything came at all. */
  get begun(): boolean {
    return this.status !== undefined || this.head !== "";
  }

  push(bytes: Uint8Array): void {
    if (this.state === "head") this.pushHead(bytes);
    else if (this.state === "body") this.pushBody(bytes);
  }

  /** The connection was closed properly: only a body without a length ends so. */
  end(): void {
    if (this.state === "body" && this.framing.kind === "close") this.state = "complete";
  }

  private pushHead(bytes: Uint8Array): void {
    const taken = bytes.subarray(0, HEAD_LIMIT + 1 - this.head.length);
    // One character a byte, so that places in the text are places among the bytes.
    const before = this.head.length;
    this.head += Array.from(taken, (byte) => String.fromCharCode(byte)).join("");
    const start = this.head.slice(0, PREFIX.length);
    if (!PREFIX.startsWith(start)) return this.spoil("not an HTTP answer");
    const end = /\r?\n\r?\n/.exec(this.head);
    if (end === null) {
      if (this.head.length > HEAD_LIMIT) this.spoil(`headers longer than ${HEAD_LIMIT} bytes`);
      return undefined;
    }
    const text = this.head.slice(0, end.index);
    const rest = bytes.subarray(end.index + end[0].length - before);
    this.head = "";
    this.readHead(text);
    if (rest.length > 0) this.push(rest);
    return undefined;
  }

  private readHead(text: string): void {
    const [first = "", ...lines] = text.split(/\r?\n/);
    const status = Number(STATUS_LINE.exec(first)?.[1] ?? NaN);
    if (!(status >= 100)) return this.spoil("bad status line");
    // Interim answers (100, 103) precede the one that counts.
    if (status < 200 && status !== 101) return undefined;
    this.status = status;
    this.state = "body";
    const framing = framingOf(lines);
    if (framing === undefined) return this.spoil("bad content-length");
    this.framing = framing;
    const empty = framing.kind === "length" && framing.left === 0;
    if (empty || BODILESS.includes(status)) this.state = "complete";
    return undefined;
  }

  private pushBody(bytes: Uint8Array): void {
    const { framing } = this;
    if (framing.kind === "close") this.basin.add(bytes);
    if (framing.kind === "length") {
      this.basin.add(bytes.subarray(0, framing.left));
      framing.left -= Math.min(framing.left, bytes.length);
      if (framing.left === 0) this.state = "complete";
    }
    if (framing.kind === "chunked") {
      const state = framing.decoder.push(bytes, (data) => this.basin.add(data));
      if (state === "garbage") return this.spoil("bad chunk");
      if (state === "done") this.state = "complete";
    }
    if (this.basin.overflowed) this.state = "full";
    return undefined;
  }

  private spoil(flaw: string): void {
    this.state = "garbage";
    this.flaw = flaw;
  }
}

/** How the body ends (RFC 9112, 6.3); undefined where its length is not a number. */
const framingOf = (lines: string[]): Framing | undefined => {
  const codings = valuesOf(lines, "transfer-encoding").join(",");
  if (/(^|[\s,])chunked$/i.test(codings)) return { kind: "chunked", decoder: new Chunked() };
  const [length, ...others] = new Set(valuesOf(lines, "content-length"));
  if (length === undefined || codings !== "") return { kind: "close" };
  return others.length === 0 && /^\d{1,15}$/.test(length)
    ? { kind: "length", left: Number(length) }
    : undefined;
};

const valuesOf = (lines: string[], name: string): string[] =>
  lines
    .map((line) => line.split(/:(.*)/s))
    .filter(([field = ""]) => field.trim().toLowerCase() === name)
    .map(([, value = ""]) => value.trim());
