/**
 * The wire format of DNS (RFC 1035, section 4), as far as one question and its answers need it. The parser ignores what a message has
 * behind its answers, so that a broken record there does not spoil them.
 */
import { type Question, RECORD_TYPES } from "../domain/question.ts";

export interface DnsRecord {
  /** The number of its type. */
  type: number;
  /** Seconds. */
  ttl: number;
  /** The data as zone files write it: names in lower case without the dot at their end. */
  text: string;
}

export interface DnsMessage {
  id: number;
  isAnswer: boolean;
  isTruncated: boolean;
  rcode: number;
  /** The one question that the message answers; undefined where it has none, or several. */
  question: { name: string; type: number } | undefined;
  records: DnsRecord[];
}

const HEADER_LENGTH = 12;
const CLASS_IN = 1;
/** Flags of the header: recursion is desired; an answer; truncated. */
const RECURSE = 0x0100;
const ANSWER = 0x8000;
const TRUNCATED = 0x0200;
const RCODE = 0x000f;
/** No answer of the size that is read has more records. */
const RECORDS_MAX = 500;
/** RFC 1035, 2.3.4. */
const NAME_MAX = 255;
/** A name has no more labels than this, and so no use for more pointers. */
const POINTERS_MAX = 127;

/** The question as a message. `id`: 16 bits. */
export const encodeQuestion = (id: number, { name, type }: Question): Uint8Array => {
  const labels = name.split(".").filter((label) => label !== "");
  const bytes = new Uint8Array(HEADER_LENGTH + name.length + 2 + 4);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, id);
  view.setUint16(2, RECURSE);
  view.setUint16(4, 1);
  let at = HEADER_LENGTH;
  for (const label of labels) {
    bytes[at] = label.length;
    bytes.set(new TextEncoder().encode(label), at + 1);
    at += label.length + 1;
  }
  view.setUint16(at + 1, RECORD_TYPES[type]);
  view.setUint16(at + 3, CLASS_IN);
  return bytes.subarray(0, at + 5);
};

/** The bytes are not a valid message. */
class Garbled extends Error {}

/** Reads on from `at`. Past the end of the bytes, `DataView` throws a RangeError. */
class Cursor {
  readonly #view: DataView;
  at: number;

  constructor(view: DataView, at: number) {
    this.#view = view;
    this.at = at;
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4);
  }

  bytes(length: number): Uint8Array {
    if (this.at + length > this.#view.byteLength) throw new Garbled();
    this.at += length;
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.at - length, length);
  }

  /** A name. Its end may be a pointer to an earlier place, as may the end found there. Pointers only go back, so the name has an end. */
  name(): string {
    const labels: string[] = [];
    let length = 0;
    let here = new Cursor(this.#view, this.at);
    let start = this.at;
    let pointers = 0;
    for (;;) {
      const size = here.u8();
      const isPointer = size >= 0xc0;
      const to = isPointer ? ((size & 0x3f) << 8) | here.u8() : 0;
      if (pointers === 0) this.at = here.at;
      if (size === 0) return labels.join(".") || ".";
      if (isPointer) {
        pointers += 1;
        if (to >= start || pointers > POINTERS_MAX) throw new Garbled();
        [here, start] = [new Cursor(this.#view, to), to];
        continue;
      }
      length += size + 1;
      if (size > 63 || length > NAME_MAX) throw new Garbled();
      labels.push(textOf(here.bytes(size)));
    }
  }
}

/** Printable ASCII in lower case. Other bytes, and those that would be taken for a separator, by their number (RFC 1035, 5.1). */
const textOf = (bytes: Uint8Array): string =>
  [...bytes]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      const isPlain = byte > 0x20 && byte < 0x7f && letter !== "." && letter !== "\\";
      return isPlain ? letter.toLowerCase() : `\\${String(byte).padStart(3, "0")}`;
    })
    .join("");

/** An IPv6 address as URLs write it: `2001:db8::1`. */
const v6Of = (bytes: Uint8Array): string => {
  const groups = Array.from({ length: 8 }, (_, index) =>
    (((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0)).toString(16),
  );
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
};

const words = (cursor: Cursor, end: number): string => {
  const parts: string[] = [];
  while (cursor.at < end) parts.push(new TextDecoder().decode(cursor.bytes(cursor.u8())));
  return parts.join("");
};

const sized = (cursor: Cursor, end: number, size: number): Uint8Array => {
  if (end - cursor.at !== size) throw new Garbled();
  return cursor.bytes(size);
};

const CONTENTS: Readonly<Record<number, (cursor: Cursor, end: number) => string>> = {
  [RECORD_TYPES.A]: (cursor, end) => sized(cursor, end, 4).join("."),
  [RECORD_TYPES.AAAA]: (cursor, end) => v6Of(sized(cursor, end, 16)),
  [RECORD_TYPES.NS]: (cursor) => cursor.name(),
  [RECORD_TYPES.CNAME]: (cursor) => cursor.name(),
  [RECORD_TYPES.PTR]: (cursor) => cursor.name(),
  [RECORD_TYPES.MX]: (cursor) => `${cursor.u16()} ${cursor.name()}`,
  [RECORD_TYPES.SRV]: (cursor) => `${cursor.u16()} ${cursor.u16()} ${cursor.u16()} ${cursor.name()}`,
  [RECORD_TYPES.SOA]: (cursor) =>
    [cursor.name(), cursor.name(), ...Array.from({ length: 5 }, () => cursor.u32())].join(" "),
  [RECORD_TYPES.TXT]: words,
};

const recordAt = (cursor: Cursor): DnsRecord => {
  cursor.name();
  const [type, klass, ttl, length] = [cursor.u16(), cursor.u16(), cursor.u32(), cursor.u16()];
  const end = cursor.at + length;
  const contents = klass === CLASS_IN ? CONTENTS[type] : undefined;
  if (contents === undefined) {
    cursor.bytes(length);
    return { type, ttl, text: "" };
  }
  const text = contents(cursor, end);
  if (cursor.at !== end) throw new Garbled();
  return { type, ttl, text };
};

const decoded = (bytes: Uint8Array): DnsMessage => {
  const cursor = new Cursor(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0);
  const [id, flags, questions, answers] = [cursor.u16(), cursor.u16(), cursor.u16(), cursor.u16()];
  cursor.bytes(4);
  if (questions > 1 || answers > RECORDS_MAX) throw new Garbled();
  const isTruncated = (flags & TRUNCATED) !== 0;
  const name = questions === 1 ? cursor.name() : "";
  const [type, klass] = questions === 1 ? [cursor.u16(), cursor.u16()] : [0, 0];
  return {
    id,
    isAnswer: (flags & ANSWER) !== 0,
    isTruncated,
    rcode: flags & RCODE,
    question: klass === CLASS_IN ? { name, type } : undefined,
    // A truncated message may be cut anywhere.
    records: isTruncated ? [] : Array.from({ length: answers }, () => recordAt(cursor)),
  };
};

/** A message; undefined where the bytes are not a message, or not a whole one. Reads each byte a few times at most. */
export const decodeMessage = (bytes: Uint8Array): DnsMessage | undefined => {
  try {
    return decoded(bytes);
  } catch (error) {
    if (error instanceof Garbled || error instanceof RangeError) return undefined;
    throw error;
  }
};
