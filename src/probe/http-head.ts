import { isBodiless } from "../domain/status.ts";

/** The first value of a header, several joined by commas as `Headers` does; null without one. */
export interface Fields {
  get(name: string): string | null;
}

/** How the body of an answer ends (RFC 9112, 6.3). */
export type Ends = { by: "length"; length: number } | { by: "chunks" } | { by: "close" };

export interface ResponseHead {
  status: number;
  fields: Fields;
  ends: Ends;
}

/** Other versions have another syntax. A NUL or a CR within a line is an attempt at something else. */
const STATUS_LINE = /^HTTP\/1\.([01]) (\d{3})(?: [^\0\r]*)?$/;
/** A token, the colon right behind it, and no NUL or CR (RFC 9112, 5; RFC 9110, 5.5). */
const FIELD_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[^\0\r]*$/;
/** Lengths must be below this: 64 bits, without the greatest value, which `fetch` reserves. */
const LENGTH_LIMIT = 2n ** 64n - 1n;

/**
 * Neither `fetch` nor other clients accept a folded line, a space before the colon or a line without a colon. So an answer with such a line
 * is not valid here either.
 */
export const isFieldLine = (line: string): boolean => FIELD_LINE.test(line);

/** Parses a head without the empty line that ends it, one character a byte; where it is not valid, returns a text that says why. */
export const readHead = (text: string): ResponseHead | string => {
  const [first = "", ...lines] = text.split(/\r?\n/);
  const [, minor, digits] = STATUS_LINE.exec(first) ?? [];
  const status = Number(digits);
  if (!(status >= 100)) return "bad status line";
  if (!lines.every(isFieldLine)) return "bad header line";
  const fields = fieldsOf(lines);
  // An HTTP/1.0 answer with a transfer coding cannot be framed (RFC 9112, 6.1).
  if (minor === "0" && fields.get("transfer-encoding") !== null) return "bad transfer-encoding";
  const ends = endsOf(fields);
  if (ends === undefined) return "bad content-length";
  return { status, fields, ends: isBodiless(status) ? { by: "length", length: 0 } : ends };
};

const fieldsOf = (lines: string[]): Fields => {
  const values = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "");
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return { get: (name) => values.get(name) ?? null };
};

/** Undefined where the length is not one number. */
const endsOf = (fields: Fields): Ends | undefined => {
  const codings = fields.get("transfer-encoding");
  if (codings !== null && /(^|[\s,])chunked$/i.test(codings)) return { by: "chunks" };
  const said = fields.get("content-length");
  if (said === null || (codings !== null && codings !== "")) return { by: "close" };
  // The same length repeated, or in a list, counts as one (RFC 9112, 6.3).
  const values = said.split(",").map((value) => value.trim());
  if (!values.every((value) => /^\d{1,40}$/.test(value))) return undefined;
  const [length = 0n, ...others] = new Set(values.map((value) => BigInt(value)));
  return others.length === 0 && length < LENGTH_LIMIT ? { by: "length", length: Number(length) } : undefined;
};
