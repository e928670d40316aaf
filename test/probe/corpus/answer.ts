import type { Expect } from "../../../src/domain/kinds.ts";
import { foundOf } from "./found.ts";

/** One answer of a server as it crosses the wire. */
export interface Answer {
  name: string;
  /** Only the server calls this: some answers are long, or compressed. */
  bytes: () => Uint8Array;
  /** What the server does once it has sent everything. */
  after: "end" | "hold" | "reset";
  expect: Expect | undefined;
  /** The finding that a probe must come to, as `outcome/stage`. Where readers differ, docs/answers.md shows how. */
  found: string;
}

export type Extra = Partial<Pick<Answer, "expect" | "after" | "found">>;
/** What a server sends. Text is one byte a character. */
export type Said = string | Uint8Array | (() => string | Uint8Array);

const bytesOf = (said: string | Uint8Array): Uint8Array =>
  typeof said === "string" ? Uint8Array.from(said, (character) => character.charCodeAt(0)) : said;

/** Answers of one kind, from their names and what the server sends. */
export const answers = (kind: string, rows: [name: string, said: Said, extra?: Extra][]): Answer[] =>
  rows.map(([name, said, extra]): Answer => ({
    name: `${kind}: ${name}`,
    bytes: () => bytesOf(typeof said === "function" ? said() : said),
    after: extra?.after ?? "end",
    expect: extra?.expect,
    found: extra?.found ?? foundOf(`${kind}: ${name}`),
  }));

export const joined = (...parts: (string | Uint8Array)[]): Uint8Array => {
  const all = parts.map(bytesOf);
  const whole = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** A head of status 200 with these header lines. */
export const head = (...lines: string[]): string => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");

/** An answer of status 200 with the body `ok`. These header lines must give its length. */
export const ok = (...lines: string[]): string => `${head(...lines)}ok`;

export const chunked = (body: string): string => `${head("Transfer-Encoding: chunked")}${body}`;

/** A body with its length in the head, after these header lines. */
export const sized = (body: string | Uint8Array, ...lines: string[]): Uint8Array =>
  joined(head(...lines, `Content-Length: ${body.length}`), body);
