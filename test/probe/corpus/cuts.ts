import { type Answer, answers, chunked, head, ok, type Extra } from "./answer.ts";

interface Whole {
  name: string;
  text: string;
  /** The length of its body with all framing. */
  body: number;
  /** How many bytes may be missing at its end without harm. */
  spare: number;
  extra?: Extra;
}

const CHUNKS = "2\r\nok\r\n0\r\n\r\n";
const MUST_END = { expect: { bodyIncludes: "well", complete: true } };

/** Ten whole answers. Each beginning of one is an answer of its own. They are short, since each byte is a probe. */
const WHOLE: Whole[] = [
  { name: "a length", text: ok("Content-Length: 2"), body: 2, spare: 0 },
  { name: "no length", text: ok("A: b"), body: 2, spare: 2 },
  { name: "HTTP/1.0", text: "HTTP/1.0 200 OK\r\n\r\nok", body: 2, spare: 2 },
  { name: "chunks", text: chunked(CHUNKS), body: CHUNKS.length, spare: 0 },
  { name: "a trailer", text: chunked("1;a\r\no\r\n0\r\nX: 1\r\n\r\n"), body: 19, spare: 0 },
  { name: "bare LF", text: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok", body: 2, spare: 0 },
  {
    name: "an interim answer",
    text: `HTTP/1.1 103 Hints\r\n\r\n${ok("Content-Length: 2")}`,
    body: 2,
    spare: 0,
  },
  { name: "204", text: "HTTP/1.1 204 No Content\r\n\r\n", body: 0, spare: 0 },
  {
    name: "a word that is found",
    text: `${head("Content-Length: 9")}well done`,
    body: 9,
    spare: 5,
    extra: { expect: { bodyIncludes: "well" } },
  },
  { name: "what must end", text: chunked("4\r\nwell\r\n0\r\n\r\n"), body: 14, spare: 0, extra: MUST_END },
];

/** The beginnings of each length, from nothing to the whole answer: cut in the head, cut in the body, or good. */
export const CUTS: Answer[] = WHOLE.flatMap(({ name, text, body, spare, extra = {} }) => {
  const found = (length: number): string => {
    if (length < text.length - body) return "reset/response";
    return length < text.length - spare ? "reset/body" : "ok/done";
  };
  const beginnings = Array.from({ length: text.length + 1 }, (_, length) => length);
  return answers(
    `cut of ${name}`,
    beginnings.map((length) => [`${length}`, text.slice(0, length), { ...extra, found: found(length) }]),
  );
});
