import { type Answer, answers, chunked, head, ok } from "./answer.ts";

const CHUNKS = "2\r\nok\r\n0\r\n\r\n";
const coded = (...values: string[]): string =>
  `${head(...values.map((value) => `Transfer-Encoding: ${value}`))}${CHUNKS}`;

/** Transfer-Encoding (RFC 9112, 6.1). The body of each is one chunk. */
const CODINGS = answers("transfer coding", [
  ["chunked", coded("chunked")],
  ["chunked in capitals", coded("Chunked")],
  ["chunked in spaces", coded("  chunked  ")],
  ["chunked twice in a list", coded("chunked, chunked")],
  ["chunked twice in lines", coded("chunked", "chunked")],
  ["chunked in quotes", coded('"chunked"')],
  ["chunked with a parameter", coded("chunked;foo=bar")],
  ["chunked and a comma", coded("chunked,")],
  ["a comma and chunked", coded(",chunked")],
  ["something like chunked", coded("xchunked")],
  ["identity and chunked", coded("identity, chunked")],
  ["identity and chunked in lines", coded("identity", "chunked")],
  ["chunked and identity", coded("chunked, identity")],
  ["chunked and gzip", coded("chunked, gzip")],
  ["identity", coded("identity")],
  ["gzip", coded("gzip")],
  ["nothing", coded("")],
  ["a word", coded("pigeon")],
  ["chunked in HTTP/1.0", coded("chunked").replace("HTTP/1.1", "HTTP/1.0")],
  ["chunked with a length", `${head("Content-Length: 12", "Transfer-Encoding: chunked")}${CHUNKS}`],
  ["chunked with a length behind", `${head("Transfer-Encoding: chunked", "Content-Length: 12")}${CHUNKS}`],
  ["chunked with a wrong length", `${head("Content-Length: 1", "Transfer-Encoding: chunked")}${CHUNKS}`],
  ["identity with a length", `${head("Transfer-Encoding: identity", "Content-Length: 2")}ok`],
  ["folded", `${head("Transfer-Encoding:", " chunked")}${CHUNKS}`],
]);

/** The chunked coding (RFC 9112, 7.1). */
const BODIES = answers("chunks", [
  ["none", chunked("0\r\n\r\n")],
  ["two", chunked("1\r\no\r\n1\r\nk\r\n0\r\n\r\n")],
  ["of ten bytes, in capitals", chunked("A\r\n0123456789\r\n0\r\n\r\n")],
  ["of ten bytes, in small letters", chunked("a\r\n0123456789\r\n0\r\n\r\n")],
  ["with zeros before the size", chunked("0002\r\nok\r\n0\r\n\r\n")],
  ["with sixteen zeros before the size", chunked(`${"0".repeat(16)}2\r\nok\r\n0\r\n\r\n`)],
  ["with many zeros at the end", chunked("2\r\nok\r\n0000\r\n\r\n")],
  ["with an extension", chunked("2;a\r\nok\r\n0\r\n\r\n")],
  ["with an extension of a value", chunked("2;a=b\r\nok\r\n0;c=d\r\n\r\n")],
  ["with an extension in quotes", chunked('2;a="b;c"\r\nok\r\n0\r\n\r\n')],
  ["with an extension in spaces", chunked("2 ; a = b\r\nok\r\n0\r\n\r\n")],
  ["with an extension of nothing", chunked("2;\r\nok\r\n0\r\n\r\n")],
  ["with an extension of 200 letters", chunked(`2;a=${"b".repeat(200)}\r\nok\r\n0\r\n\r\n`)],
  ["with an extension of 2,000 letters", chunked(`2;a=${"b".repeat(2_000)}\r\nok\r\n0\r\n\r\n`)],
  ["with an extension of 20,000 letters", () => chunked(`2;a=${"b".repeat(20_000)}\r\nok\r\n0\r\n\r\n`)],

  ["with an extension of 16,000 letters", () => chunked(`2;a=${"b".repeat(16_000)}\r\nok\r\n0\r\n\r\n`)],
  ["with a CR in an extension", chunked("2;a\rb\r\nok\r\n0\r\n\r\n")],
  ["with an LF behind an extension", chunked("2;a\nok\r\n0\r\n\r\n")],
  ["with a space behind the size", chunked("2 \r\nok\r\n0\r\n\r\n")],
  ["with a tab behind the size", chunked("2\t\r\nok\r\n0\r\n\r\n")],
  ["with a space before the size", chunked(" 2\r\nok\r\n0\r\n\r\n")],
  ["with a size of 0x2", chunked("0x2\r\nok\r\n0\r\n\r\n")],
  ["with a size below zero", chunked("-2\r\nok\r\n0\r\n\r\n")],
  ["with a size of a word", chunked("two\r\nok\r\n0\r\n\r\n")],
  ["with a size and a word", chunked("2 bytes\r\nok\r\n0\r\n\r\n")],
  ["with no size", chunked("\r\nok\r\n0\r\n\r\n")],
  ["with an empty line before the size", chunked("\r\n2\r\nok\r\n0\r\n\r\n")],
  ["with a size past 32 bits", () => chunked(`fffffffff\r\n${"x".repeat(6_000)}`)],
  ["with a size of 2 GB", () => chunked(`7fffffff\r\n${"x".repeat(6_000)}`)],
  ["with a size of 64 bits", () => chunked(`ffffffffffffffff\r\n${"x".repeat(6_000)}`)],
  ["with a size past 64 bits", () => chunked(`fffffffffffffffff\r\n${"x".repeat(6_000)}`)],
  ["with a size past what a double holds", () => chunked(`ffffffffffffff\r\n${"x".repeat(6_000)}`)],
  ["with LF behind the size", chunked("2\nok\r\n0\r\n\r\n")],
  ["with LF behind the data", chunked("2\r\nok\n0\r\n\r\n")],
  ["with LF everywhere", chunked("2\nok\n0\n\n")],
  ["with CR alone behind the size", chunked("2\rok\r\n0\r\n\r\n")],
  ["with nothing behind the data", chunked("2\r\nok0\r\n\r\n")],
  ["with more data than the size", chunked("2\r\nokay\r\n0\r\n\r\n")],
  ["with less data than the size", chunked("4\r\nok\r\n0\r\n\r\n")],
  ["without the last", chunked("2\r\nok\r\n")],
  ["without the line behind the last", chunked("2\r\nok\r\n0\r\n")],
  ["without the line behind the last, and no end", chunked("2\r\nok\r\n0\r\n"), { after: "hold" }],
  ["with a trailer", chunked("2\r\nok\r\n0\r\nX-Sum: 1\r\n\r\n")],
  ["with three trailers", chunked("2\r\nok\r\n0\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n")],
  ["with a trailer of no colon", chunked("2\r\nok\r\n0\r\nnothing\r\n\r\n")],
  ["with a trailer of 2,000 letters", chunked(`2\r\nok\r\n0\r\nX: ${"a".repeat(2_000)}\r\n\r\n`)],
  ["with a trailer of 5,000 letters", () => chunked(`2\r\nok\r\n0\r\nX: ${"a".repeat(5_000)}\r\n\r\n`)],
  ["with a trailer of 20,000 letters", () => chunked(`2\r\nok\r\n0\r\nX: ${"a".repeat(20_000)}\r\n\r\n`)],
  ["with a folded trailer", chunked("2\r\nok\r\n0\r\nX: 1\r\n 2\r\n\r\n")],
  ["with a trailer that ends in LF", chunked("2\r\nok\r\n0\r\nX: 1\n\r\n")],
  ["with an LF for the line behind the last", chunked("2\r\nok\r\n0\r\n\n")],
  ["with an LF behind the last", chunked("2\r\nok\r\n0\n\r\n")],
  ["with a trailer that breaks off", chunked("2\r\nok\r\n0\r\nX-Su")],
  ["with more behind", chunked("2\r\nok\r\n0\r\n\r\nand more")],
  [
    "with no end, and the word in the first",
    chunked("2\r\nok\r\n"),
    { after: "hold", expect: { bodyIncludes: "ok" } },
  ],
  [
    "with no end, and the word in none",
    chunked("2\r\nok\r\n"),
    { after: "hold", expect: { bodyIncludes: "no" } },
  ],
  [
    "with no end, which must end",
    chunked("2\r\nok\r\n"),
    { after: "hold", expect: { bodyIncludes: "ok", complete: true } },
  ],
  ["8 KB in one", () => chunked(`2000\r\n${"x".repeat(8_192)}\r\n0\r\n\r\n`)],
  [
    "8 KB in one, which must end",
    () => chunked(`2000\r\n${"x".repeat(8_192)}\r\n0\r\n\r\n`),
    { expect: { complete: true } },
  ],
  [
    "8 KB in one, which breaks off and must end",
    () => chunked(`2000\r\n${"x".repeat(8_100)}`),
    { expect: { complete: true } },
  ],
  ["6,000 of one byte", () => chunked(`${"1\r\nx\r\n".repeat(6_000)}0\r\n\r\n`)],
]);

const INTERIM = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
const FINAL = ok("Content-Length: 2");

/** What comes before the answer (RFC 9110, 15.2). */
const INTERIMS = answers("interim", [
  ["100", `HTTP/1.1 100 Continue\r\n\r\n${FINAL}`],
  ["102", `HTTP/1.1 102 Processing\r\n\r\n${FINAL}`],
  ["103 with headers", `${INTERIM}${FINAL}`],
  ["100 and three of 103", `HTTP/1.1 100 Continue\r\n\r\n${INTERIM.repeat(3)}${FINAL}`],
  ["fifty of 103", `${INTERIM.repeat(50)}${FINAL}`],
  ["3,000 of 103", () => `${INTERIM.repeat(3_000)}${FINAL}`],
  ["100 with a length", `HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n${FINAL}`],
  ["103 with a bad header line", `HTTP/1.1 103 Early Hints\r\nnothing\r\n\r\n${FINAL}`],
  ["199", `HTTP/1.1 199 Odd\r\n\r\n${FINAL}`],
  ["101 unasked", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\nok"],
  ["100 and nothing", "HTTP/1.1 100 Continue\r\n\r\n"],
  ["100 and garbage", "HTTP/1.1 100 Continue\r\n\r\ngarbage\r\n\r\n"],
  ["100 and silence", "HTTP/1.1 100 Continue\r\n\r\n", { after: "hold" }],
]);

export const FRAMINGS: Answer[] = [...CODINGS, ...BODIES, ...INTERIMS];
