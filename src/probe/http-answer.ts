import { Basin } from "./body.ts";
import { Chunked } from "./chunked.ts";

/** Status line and headers of one answer; each interim one may have as many. */
const HEAD_LIMIT = 65_536;
const STATUS_LINE = /^HTTP\/1\.[01] (\d{3})(?: |\r?$)/;
const BODILESS: readonly number[] = [101, 204, 304];
const PREFIX = "HTTP/1.";
/** What precedes a status line and is no part of it: servers that end the last body with one line end too many. */
const EMPTY_LINES = /^[\r\n]+/;
/**
 * A header line (RFC 9112, 5): a token, and the colon right behind it. Neither `fetch` nor others that a new client may be take a
 * folded line, a space before the colon or a line without one, so that here it is no answer either.
 */
const HEADER_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:/;
/** Of the end of a head, which may have begun in what came before. */
const HEAD_END_LESS_ONE = 3;

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
  private readonly basin: Basin;
  private lines: string[] = [];

  /** `limit`: how many bytes of its body are read. */
  constructor(limit?: number) {
    this.basin = new Basin(limit);
  }

  get bytes(): Uint8Array {
    return this.basin.bytes;
  }

  /** The first value of this header, in lower case; null without one, or before the head is complete. */
  header(name: string): string | null {
    return valuesOf(this.lines, name)[0] ?? null;
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
    const empty = EMPTY_LINES.exec(this.head)?.[0].length ?? 0;
    const start = this.head.slice(empty, empty + PREFIX.length);
    if (!PREFIX.startsWith(start)) return this.spoil("not an HTTP answer");
    const ending = /\r?\n\r?\n/g;
    ending.lastIndex = Math.max(empty, before - HEAD_END_LESS_ONE);
    const end = ending.exec(this.head);
    if (end === null) {
      if (this.head.length > HEAD_LIMIT) this.spoil(`headers longer than ${HEAD_LIMIT} bytes`);
      return undefined;
    }
    const text = this.head.slice(empty, end.index);
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
    if (!lines.every((line) => HEADER_LINE.test(line))) return this.spoil("bad header line");
    this.status = status;
    this.lines = lines;
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
  // Said twice, or as a list, the same length is one (RFC 9112, 6.3).
  const said = valuesOf(lines, "content-length").flatMap((value) => value.split(","));
  const [length, ...others] = new Set(said.map((value) => value.trim()));
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
