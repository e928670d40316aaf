import { Chunked } from "./chunked.ts";
import { isInterim } from "../domain/status.ts";
import { type ResponseHead, readHead } from "./http-head.ts";

/** The longest status line and headers of one answer, an interim one included. `fetch` on Workers allows more, Node's parser an eighth. */
const HEAD_LIMIT = 131_072;
const PREFIX = "HTTP/1.";
/** Empty lines before a status line, from servers that end the last body with one line end too many. */
const EMPTY_LINES = /^(?:\r?\n)*/;
const HEAD_END = /\r?\n\r?\n/g;
/** The length of a head's end less one: the end may have begun in earlier bytes. */
const HEAD_END_LESS_ONE = 3;

/** How many bytes are searched for the end of a head at once: a search of the bytes behind the head would be in vain. */
const STEP_BYTES = 4_096;

/** One HTTP/1.1 answer (RFC 9112), taken apart as its bytes arrive. No I/O; memory bounded. */
export class HttpAnswer {
  /** The head of the answer that counts, once it is complete. */
  head: ResponseHead | undefined;
  /** `garbage`: not HTTP; `flaw` names the reason. */
  state: "head" | "body" | "complete" | "garbage" = "head";
  flaw = "";
  private text = "";
  private left = 0;
  private readonly chunks = new Chunked();
  private readonly sink: (data: Uint8Array) => void;

  /** `sink` receives the body, without its framing. */
  constructor(sink: (data: Uint8Array) => void) {
    this.sink = sink;
  }

  /** Whether any bytes of an answer came. */
  get begun(): boolean {
    return this.head !== undefined || this.text !== "";
  }

  push(bytes: Uint8Array): void {
    let rest = bytes;
    while (this.state === "head" && rest.length > 0) rest = this.pushHead(rest);
    if (this.state === "body" && rest.length > 0) this.pushBody(rest);
  }

  /** The connection was closed properly: only a body without a length ends so. */
  end(): void {
    if (this.state === "body" && this.head?.ends.by === "close") this.state = "complete";
  }

  /** Returns the bytes that are still to be parsed. */
  private pushHead(bytes: Uint8Array): Uint8Array {
    const before = this.text.length;
    const step = bytes.subarray(0, Math.min(STEP_BYTES, HEAD_LIMIT + 1 - before));
    // One character a byte, so that places in the text are places among the bytes.
    this.text += String.fromCharCode(...step);
    const empty = EMPTY_LINES.exec(this.text)?.[0].length ?? 0;
    const start = this.text.slice(empty, empty + PREFIX.length);
    if (!PREFIX.startsWith(start) && start !== "\r") return this.spoil("not an HTTP answer");
    HEAD_END.lastIndex = Math.max(empty, before - HEAD_END_LESS_ONE);
    const end = HEAD_END.exec(this.text);
    if (end === null)
      return this.text.length > HEAD_LIMIT
        ? this.spoil(`headers longer than ${HEAD_LIMIT} bytes`)
        : bytes.subarray(step.length);
    const head = readHead(this.text.slice(empty, end.index));
    this.text = "";
    if (typeof head === "string") return this.spoil(head);
    if (!isInterim(head.status)) this.begin(head);
    return bytes.subarray(end.index + end[0].length - before);
  }

  private begin(head: ResponseHead): void {
    this.head = head;
    this.left = head.ends.by === "length" ? head.ends.length : 0;
    this.state = head.ends.by === "length" && this.left === 0 ? "complete" : "body";
  }

  private pushBody(bytes: Uint8Array): void {
    const by = this.head?.ends.by;
    if (by === "close") this.sink(bytes);
    if (by === "length") {
      this.sink(bytes.subarray(0, this.left));
      this.left -= Math.min(this.left, bytes.length);
      if (this.left === 0) this.state = "complete";
    }
    if (by === "chunks") {
      const state = this.chunks.push(bytes, this.sink);
      if (state === "garbage") this.spoil("bad chunk");
      if (state === "done") this.state = "complete";
    }
  }

  private spoil(flaw: string): Uint8Array {
    this.state = "garbage";
    this.flaw = flaw;
    this.text = "";
    return NOTHING;
  }
}

const NOTHING = new Uint8Array();
