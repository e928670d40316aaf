import {
  brotliCompressSync,
  constants,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { type Answer, answers, chunked, head, joined, ok, type Said, sized } from "./answer.ts";

const of = (status: string, ...lines: string[]): string =>
  [`HTTP/1.1 ${status}`, ...lines, "", ""].join("\r\n");
const edge = (status: string, body: string): string =>
  `${of(status, "Server: cloudflare", "CF-RAY: 8f00-AMS", `Content-Length: ${body.length}`)}${body}`;
const ZERO = "Content-Length: 0";

/** Statuses, including those without a body (RFC 9112, 6.3). */
const STATUSES = answers("status", [
  ...[201, 202, 203, 206, 207, 226, 299, 300, 400, 401, 403, 404, 410, 418, 429, 500, 502, 503, 599].map(
    (status): [string, Said] => [`${status}`, `${of(`${status} Status`, "Content-Length: 2")}ok`],
  ),
  ...[301, 302, 303, 307, 308].map((status): [string, Said] => [
    `${status}`,
    of(`${status} Status`, "Location: https://elsewhere.example/", ZERO),
  ]),
  ["302 to nowhere", of("302 Found", ZERO)],
  ["302 to 3,000 letters", of("302 Found", `Location: /${"a".repeat(3_000)}`, ZERO)],
  ["302 to what is no URL", of("302 Found", "Location: http://[", ZERO)],
  ["302 that is expected", of("302 Found", "Location: /a", ZERO), { expect: { status: [302] } }],
  [
    "500 that is expected",
    `${of("500 Oops", "Content-Length: 2")}ok`,
    { expect: { status: [500], bodyIncludes: "ok" } },
  ],
  ["200 where 204 is expected", ok("Content-Length: 2"), { expect: { status: [204] } }],
  ["204", of("204 No Content")],
  ["204 with a length of zero", of("204 No Content", ZERO)],
  ["204 with a body", `${of("204 No Content", "Content-Length: 2")}ok`],
  ["204 in chunks", `${of("204 No Content", "Transfer-Encoding: chunked")}0\r\n\r\n`],
  ["204 that is kept open", of("204 No Content"), { after: "hold" }],
  ["204 where a word is expected", of("204 No Content"), { expect: { bodyIncludes: "ok" } }],
  ["205", of("205 Reset Content", ZERO)],
  ["205 with a body", `${of("205 Reset Content", "Content-Length: 2")}ok`],
  ["205 until the end", of("205 Reset Content")],
  ["304", of("304 Not Modified"), { expect: { status: [304] } }],
  ["304 with a length", of("304 Not Modified", "Content-Length: 99"), { expect: { status: [304] } }],
  ["304 in chunks", of("304 Not Modified", "Transfer-Encoding: chunked"), { expect: { status: [304] } }],
  ["304 unasked", of("304 Not Modified")],
  ["503 in endless chunks", of("503 Busy", "Transfer-Encoding: chunked"), { after: "hold" }],
  ["a bot challenge with 503", `${of("503 Busy", "CF-Mitigated: Challenge", "Content-Length: 2")}no`],
  ["error code 521 of Cloudflare", edge("521 Down", "error code: 521")],
  ["error code 522 of Cloudflare", edge("522 Late", "error code: 522")],
  ["error code 1016 of Cloudflare", edge("530 Gone", "error code: 1016")],
  ["error code 1033 of Cloudflare", edge("530 Gone", "error code: 1033")],
  ["error code 1020 of Cloudflare", edge("403 Forbidden", "error code: 1020")],
  ["error code 1015 of Cloudflare", edge("429 Slow down", "error code: 1015")],
  ["error code 1020 of nobody", `${of("403 Forbidden", "Content-Length: 16")}error code: 1020`],
  ["500 through Cloudflare", edge("500 Oops", "oops")],
  ["200 of a cache", ok("Content-Length: 2", "CF-Cache-Status: HIT", "Age: 9")],
  ["200 of a cache, which must be fresh", ok("Content-Length: 2", "Age: 9"), { expect: { fresh: true } }],
  [
    "200 past a cache, which must be fresh",
    ok("Content-Length: 2", "CF-Cache-Status: DYNAMIC"),
    { expect: { fresh: true } },
  ],
  ["a bot challenge", `${of("403 Forbidden", "cf-mitigated: challenge", "Content-Length: 2")}no`],
]);

const WORD = { bodyIncludes: "all well" };
/** Long enough that every coding changes the word. */
const PAGE = "all is well that ends all well, well. ".repeat(9);
const LATE = `${"x".repeat(6_000)} all well`;
/** Text that is hard to compress, so that its coded form is longer than what a probe reads. */
const noise = (length: number): string => {
  let seed = 1;
  return Array.from({ length }, () => {
    seed = (seed * 48_271) % 2_147_483_647;
    return String.fromCharCode(33 + (seed % 90));
  }).join("");
};
/** The bytes with zeros in place of the checksum and the length at their end. */
const damaged = (bytes: Uint8Array): Uint8Array => joined(bytes.subarray(0, -8), "\0".repeat(8));
/** A quick setting, since the default is the slowest one. */
const QUICK = { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } };
const encoded = (coding: string, body: Uint8Array): Uint8Array => sized(body, `Content-Encoding: ${coding}`);

/** Content-Encoding (RFC 9110, 8.4), though the request asks for none. */
const CODINGS = answers("content coding", [
  ["gzip", () => encoded("gzip", gzipSync(PAGE)), { expect: WORD }],
  ["x-gzip", () => encoded("x-gzip", gzipSync(PAGE)), { expect: WORD }],
  ["gzip in capitals", () => encoded("GZIP", gzipSync(PAGE)), { expect: WORD }],
  ["gzip twice", () => encoded("gzip, gzip", gzipSync(gzipSync(PAGE))), { expect: WORD }],
  ["identity and gzip", () => encoded("identity, gzip", gzipSync(PAGE)), { expect: WORD }],
  ["deflate", () => encoded("deflate", deflateSync(PAGE)), { expect: WORD }],
  ["deflate without its frame", () => encoded("deflate", deflateRawSync(PAGE)), { expect: WORD }],
  ["br", () => encoded("br", brotliCompressSync(PAGE)), { expect: WORD }],
  ["identity", () => encoded("identity", joined("all well")), { expect: WORD }],
  ["nothing", () => encoded("", joined("all well")), { expect: WORD }],
  ["a word", () => encoded("pigeon", joined("all well")), { expect: WORD }],
  ["none said, of gzip", () => sized(gzipSync(PAGE)), { expect: WORD }],
  ["gzip where there is none", () => encoded("gzip", joined("all well")), { expect: WORD }],
  ["gzip where there is none, and no word", () => encoded("gzip", joined("all well"))],
  ["gzip of nothing", () => encoded("gzip", joined(""))],
  ["gzip of 204", "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"],
  ["gzip of an empty text", () => encoded("gzip", gzipSync(""))],
  [
    "gzip that is cut",
    () => encoded("gzip", gzipSync(PAGE).subarray(0, 20)),
    { expect: { bodyIncludes: "never" } },
  ],
  ["gzip that is cut, and no word", () => encoded("gzip", gzipSync(PAGE).subarray(0, 20))],
  [
    "gzip with a wrong sum",
    () => encoded("gzip", damaged(gzipSync(PAGE))),
    { expect: { bodyIncludes: "never" } },
  ],
  ["gzip with a wrong sum, and no word", () => encoded("gzip", damaged(gzipSync(PAGE)))],
  ["gzip with more behind", () => encoded("gzip", joined(gzipSync(PAGE), "and more")), { expect: WORD }],
  [
    "gzip in two members",
    () => encoded("gzip", joined(gzipSync("all "), gzipSync("well"))),
    { expect: WORD },
  ],
  ["gzip until the end", () => joined(head("Content-Encoding: gzip"), gzipSync(PAGE)), { expect: WORD }],
  [
    "gzip in chunks",
    () => {
      const body = gzipSync(PAGE);
      return joined(
        chunked("").replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n"),
        `${body.length.toString(16)}\r\n`,
        body,
        "\r\n0\r\n\r\n",
      );
    },
    { expect: WORD },
  ],
  [
    "gzip that breaks off behind the word",
    () => joined(head("Content-Encoding: gzip", "Content-Length: 9999"), gzipSync(PAGE)),
    { expect: WORD },
  ],
  [
    "gzip of nothing, in chunks",
    () => `${chunked("").replace("\r\n\r\n", "\r\nContent-Encoding: gzip\r\n\r\n")}0\r\n\r\n`,
  ],
  ["gzip with more behind, and no word", () => encoded("gzip", joined(gzipSync(PAGE), "and more"))],
  [
    "gzip in two members, and the word in the second",
    () => encoded("gzip", joined(gzipSync("all "), gzipSync("is all well"))),
    { expect: WORD },
  ],
  ["br in capitals", () => encoded("BR", brotliCompressSync(PAGE)), { expect: WORD }],
  ["br that is cut", () => encoded("br", brotliCompressSync(PAGE).subarray(0, -9))],
  ["br where there is none", () => encoded("br", joined("all well"))],
  ["deflate where there is none", () => encoded("deflate", joined("all well"))],
  ["gzip in capitals where there is none", () => encoded("GZIP", joined("all well"))],
  ["zstd", () => encoded("zstd", zstdCompressSync(PAGE)), { expect: WORD }],
  ["br of gzip", () => encoded("gzip, br", brotliCompressSync(gzipSync(PAGE))), { expect: WORD }],
  [
    "gzip three times",
    () => encoded("gzip, gzip, gzip", gzipSync(gzipSync(gzipSync(PAGE)))),
    { expect: WORD },
  ],
  [
    "gzip of a stream that goes on behind the word",
    () => joined(head("Content-Encoding: gzip"), gzipSync(PAGE)),
    { expect: WORD, after: "hold" },
  ],
  ["gzip of 6,000 bytes and the word", () => encoded("gzip", gzipSync(LATE)), { expect: WORD }],
  [
    "gzip of the word and noise",
    () => encoded("gzip", gzipSync(`all well ${noise(9_000)}`)),
    { expect: WORD },
  ],
  ["gzip of noise and no word", () => encoded("gzip", gzipSync(noise(9_000))), { expect: WORD }],
  [
    "gzip of noise, which must end",
    () => encoded("gzip", gzipSync(noise(9_000))),
    { expect: { complete: true } },
  ],
  ["a bomb of gzip", () => encoded("gzip", gzipSync(Buffer.alloc(20_000_000)))],
  [
    "a bomb of gzip, which must end",
    () => encoded("gzip", gzipSync(Buffer.alloc(20_000_000))),
    { expect: { complete: true } },
  ],
  ["a bomb of br", () => encoded("br", brotliCompressSync(Buffer.alloc(5_000_000), QUICK))],
]);

const typed = (
  type: string,
  body: string,
  word = "gr\u00fcn",
): [Said, { expect: { bodyIncludes: string } }] => [
  () => sized(joined(body), `Content-Type: ${type}`),
  { expect: { bodyIncludes: word } },
];

/** The character set that Content-Type names. The word is grün, or 健康. */
const CHARSETS = answers("character set", [
  ["none said, of UTF-8", () => sized("gr\xc3\xbcn"), { expect: { bodyIncludes: "gr\u00fcn" } }],
  ["none said, of Latin-1", () => sized("gr\xfcn"), { expect: { bodyIncludes: "gr\u00fcn" } }],
  ["UTF-8", ...typed("text/html; charset=utf-8", "gr\xc3\xbcn")],
  ["UTF-8 in quotes", ...typed('text/html; charset="UTF-8"', "gr\xc3\xbcn")],
  ["UTF-8 behind a mark", ...typed("text/html", "\xef\xbb\xbfgr\xc3\xbcn")],
  ["UTF-8 cut within a letter", ...typed("text/html", "gr\xc3\xbcn\xc3")],
  ["Latin-1", ...typed("text/html; charset=iso-8859-1", "gr\xfcn")],
  ["Latin-1 in capitals", ...typed("text/html; Charset=ISO-8859-1", "gr\xfcn")],
  ["Latin-1 between spaces", ...typed("text/html; charset = iso-8859-1", "gr\xfcn")],
  ["Latin-1 behind another parameter", ...typed("text/html; a=b; charset=latin1; c=d", "gr\xfcn")],
  ["Latin-1 in single quotes", ...typed("text/html; charset='iso-8859-1'", "gr\xfcn")],
  ["windows-1252", ...typed("text/html; charset=windows-1252", "gr\xfcn \x80", "gr\u00fcn \u20ac")],
  ["ISO-8859-15", ...typed("text/html; charset=iso-8859-15", "\xa4", "\u20ac")],
  [
    "KOI8-R",
    ...typed("text/plain; charset=koi8-r", "\xc7\xcf\xd4\xcf\xd7", "\u0433\u043e\u0442\u043e\u0432"),
  ],
  ["UTF-16LE", ...typed("text/plain; charset=utf-16le", "g\0r\0\xfc\0n\0")],
  ["UTF-16BE", ...typed("text/plain; charset=utf-16be", "\0g\0r\0\xfc\0n")],
  ["UTF-16 with a mark, little end first", ...typed("text/plain; charset=utf-16", "\xff\xfeg\0r\0\xfc\0n\0")],
  ["UTF-16 with a mark, big end first", ...typed("text/plain; charset=utf-16", "\xfe\xff\0g\0r\0\xfc\0n")],
  ["none said, of UTF-16 with a mark", ...typed("text/plain", "\xff\xfeg\0r\0\xfc\0n\0")],
  [
    "Latin-1 said, of UTF-8 with a mark",
    ...typed("text/plain; charset=iso-8859-1", "\xef\xbb\xbfgr\xc3\xbcn"),
  ],
  ["GBK", ...typed("text/html; charset=gbk", "\xbd\xa1\xbf\xb5", "\u5065\u5eb7")],
  ["Shift_JIS", ...typed("text/html; charset=Shift_JIS", "\x8c\x92\x8dN", "\u5065\u5eb7")],
  ["Big5", ...typed("text/html; charset=big5", "\xb0\xb7\xb1d", "\u5065\u5eb7")],
  ["one that is unknown", ...typed("text/html; charset=pigeon", "gr\xc3\xbcn")],
  ["one of no name", ...typed("text/html; charset=", "gr\xc3\xbcn")],
  ["one that decodes nothing", ...typed("text/html; charset=x-user-defined", "ok", "ok")],
  ["the replacement", ...typed("text/html; charset=iso-2022-kr", "ok", "ok")],
  ["Latin-1 in the page alone", ...typed("text/html", '<meta charset="iso-8859-1">gr\xfcn')],
  [
    "two lines of a type",
    () => sized("gr\xfcn", "Content-Type: text/html", "Content-Type: text/html; charset=latin1"),
    { expect: { bodyIncludes: "gr\u00fcn" } },
  ],
  [
    "Latin-1 under gzip",
    () =>
      sized(gzipSync(joined("gr\xfcn")), "Content-Type: text/html; charset=latin1", "Content-Encoding: gzip"),
    { expect: { bodyIncludes: "gr\u00fcn" } },
  ],
]);

/** Where in the body the word is. */
const WORDS = answers("word", [
  ["at the beginning", () => sized(`ok${"x".repeat(9_000)}`), { expect: { bodyIncludes: "ok" } }],
  [
    "in the last two bytes that are read",
    () => sized(`${"x".repeat(5_118)}ok${"x".repeat(99)}`),
    { expect: { bodyIncludes: "ok" } },
  ],
  [
    "across the last byte that is read",
    () => sized(`${"x".repeat(5_119)}ok${"x".repeat(99)}`),
    { expect: { bodyIncludes: "ok" } },
  ],
  ["behind what is read", () => sized(`${"x".repeat(5_120)}ok`), { expect: { bodyIncludes: "ok" } }],
  [
    "behind what is read, of what must end",
    () => sized(`${"x".repeat(5_120)}ok`),
    { expect: { bodyIncludes: "ok", complete: true } },
  ],
  ["across two chunks", chunked("1\r\no\r\n1\r\nk\r\n0\r\n\r\n"), { expect: { bodyIncludes: "ok" } }],
  ["in a header alone", ok("X: well", "Content-Length: 2"), { expect: { bodyIncludes: "well" } }],
  [
    "of a body that breaks off behind it",
    `${head("Content-Length: 9")}ok`,
    { expect: { bodyIncludes: "ok" } },
  ],
  [
    "of a body that breaks off before it",
    `${head("Content-Length: 9")}ok`,
    { expect: { bodyIncludes: "well" } },
  ],
  [
    "of what must end and breaks off behind it",
    `${head("Content-Length: 9")}ok`,
    { expect: { bodyIncludes: "ok", complete: true } },
  ],
  [
    "in what is past 1 MiB and must end",
    () => `${head()}ok${"x".repeat(1_100_000)}`,
    { expect: { bodyIncludes: "ok", complete: true } },
  ],
  [
    "in 900 KB that must end",
    () => `${head()}ok${"x".repeat(900_000)}`,
    { expect: { bodyIncludes: "ok", complete: true } },
  ],
]);

export const CONTENTS: Answer[] = [...STATUSES, ...CODINGS, ...CHARSETS, ...WORDS];
