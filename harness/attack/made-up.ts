/** Requests that are wrong somewhere. */
import fc from "fast-check";
import { type Credential, SPOKEN_FOR } from "./credentials.ts";

export interface Call {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | null;
}

export const filled = (template: string): string =>
  template
    .replace("{site}", SPOKEN_FOR.site)
    .replace("{target}", SPOKEN_FOR.target)
    .replaceAll(/\{\w+\}/g, "there-is-none");

/** A call of the document, and the scope that it needs. */
export interface Known {
  method: string;
  template: string;
  scope: string;
}

const word = fc.oneof(
  fc.constantFrom(
    "calm",
    "node-0",
    "other",
    "..",
    ".",
    "%00",
    "%2e%2e",
    "%ff",
    "%",
    "a%2fb",
    "x".repeat(5_000),
    "",
    "-",
    "Ä",
  ),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: "binary", maxLength: 40 }),
);
/** Characters that our HTTP client allows in a path: the client refuses other characters before it sends them. */
const inPath = (text: string): string =>
  text.replaceAll(/[^\x21-\x7e]/gu, (one) => encodeURI(one.toWellFormed()));
const query = fc
  .array(
    fc.tuple(fc.constantFrom("site", "seq", "waitMs", "limit", "cursor", "after", "from", "at", "x"), word),
    { maxLength: 4 },
  )
  .map((pairs) =>
    pairs.length === 0 ? "" : `?${pairs.map(([name, value]) => `${name}=${inPath(value)}`).join("&")}`,
  );

/** Bodies that are nearly right, and bodies that never were. */
const field = fc.oneof(
  fc.constantFrom(
    "url",
    "scope",
    "site",
    "sites",
    "target",
    "fault",
    "durationMs",
    "intervalMs",
    "timeoutMs",
    "headers",
    "expect",
    "policy",
    "reason",
    "ttlMs",
    "verdict",
    "advice",
    "bootId",
    "kind",
    "at",
    "version",
    "reports",
    "id",
    "region",
    "provider",
    "__proto__",
    "constructor",
  ),
  fc.string({ maxLength: 12 }),
);
const leaf = fc.oneof(
  fc.constantFrom<fc.JsonValue>(
    "http://127.0.0.1:1/",
    "read",
    "calm",
    "node-0",
    "crash",
    "error",
    "alive",
    5_000,
    -1,
    1e308,
    2 ** 53,
    0.5,
    [],
    {},
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const body = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(field, leaf, { maxKeys: 8 }).map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      "",
      "{",
      "null",
      `${"[".repeat(10_000)}`,
      `"${"x".repeat(70_000)}"`,
      '{"a":1,"a":2}',
      "\u{feff}{}",
      "NaN",
    ),
  },
);
const header = fc.dictionary(
  fc.constantFrom(
    "if-match",
    "if-none-match",
    "accept",
    "accept-encoding",
    "content-encoding",
    "origin",
    "sec-fetch-site",
    "last-event-id",
    "range",
    "x-forwarded-for",
    "cf-ray",
  ),
  fc.oneof(
    fc.constantFrom("*", '""', 'W/"1"', "gzip", "null", "cross-site", "bytes=0-", "a".repeat(4_000)),
    fc.string({ maxLength: 60 }).map((text) => text.replaceAll(/[^\x20-\x7e]/g, "?")),
  ),
  { maxKeys: 3 },
);
const type = fc.constantFrom(
  "application/json",
  "application/json; charset=utf-16",
  "text/plain",
  "multipart/form-data; boundary=x",
  "",
  "application/JSON;",
);

const seldom = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

/** Calls that are wrong somewhere, mostly in one place: a call with more faults would be refused at the first. */
export const madeUp = (calls: Known[], credentials: Credential[]): fc.Arbitrary<Call> =>
  fc
    .record({
      call: fc.constantFrom(...calls),
      method: seldom(fc.constantFrom("GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "PURGE")),
      words: fc.array(seldom(word), { minLength: 3, maxLength: 3 }),
      query,
      credential: fc.oneof(
        { weight: 3, arbitrary: fc.constant(credentials.at(-1)) },
        { weight: 1, arbitrary: fc.constantFrom(...credentials) },
      ),
      type,
      header,
      body,
    })
    .map(({ call, method, words, query: asked, credential, type: sent, header: more, body: text }) => {
      let at = 0;
      const path = call.template.replaceAll(/\{(\w+)\}/g, (whole) => inPath(words[at++] ?? filled(whole)));
      const verb = method ?? call.method;
      const hasBody = verb !== "GET" && verb !== "HEAD";
      return {
        method: verb,
        path: (credential?.prefix ?? "") + path + asked,
        headers: { ...more, ...credential?.headers, ...(hasBody ? { "content-type": sent } : {}) },
        body: hasBody ? text : null,
      };
    });
