import type { ExpectOf } from "../domain/kinds.ts";
import type { Progress } from "./progress.ts";
import type { ProbeSpec, Wire } from "./wire.ts";

/** What may be expected of an HTTP answer; of one without TLS a little less. */
export type HttpExpect = ExpectOf<"https">;

/** What is expected of this HTTP target: the registry has held it against the schema of its scheme. */
export const httpExpect = ({ expect }: ProbeSpec): HttpExpect | undefined => expect as HttpExpect | undefined;

/** A parameter that makes each probe's address its own, since most caches ask their origin for what they have not met. */
const FRESH_PARAMETER = "parallax-fresh";

/** What is asked for: the target's address, and where it is to be fresh, one that no cache has met. */
export const hrefOf = (href: string, spec: ProbeSpec, wire: Wire, progress: Progress): string => {
  if (httpExpect(spec)?.fresh !== true) return href;
  const url = new URL(href);
  // Appended as text: parameters that are there stay as they were written.
  url.search += `${url.search === "" ? "?" : "&"}${FRESH_PARAMETER}=${wire.vantage}-${progress.begin}`;
  return url.href;
};

/** RFC 9111, 5.2.1.4 and 5.4: for caches that heed those who ask. */
const FRESH_HEADERS: readonly [string, string][] = [
  ["cache-control", "no-cache"],
  ["pragma", "no-cache"],
];

/** The headers of an HTTP probe: the target's own, and ours where it set none. */
export const requestHeaders = (spec: ProbeSpec, wire: Wire): Headers => {
  const headers = new Headers(spec.headers);
  const defaults: [string, string][] = [
    ["user-agent", `Parallax/1 (+${wire.vantage})`],
    ["accept", "*/*"],
    // What is compressed cannot be bounded nor matched as it arrives.
    ["accept-encoding", "identity"],
    ...(httpExpect(spec)?.fresh === true ? FRESH_HEADERS : []),
  ];
  for (const [name, value] of defaults) if (!headers.has(name)) headers.set(name, value);
  // A kept-alive connection would prove nothing about new ones. Workers ignores the header.
  if (!wire.relayed) headers.set("connection", "close");
  return headers;
};

/** The same request as bytes for a socket. `href`: an http(s) URL in canonical form. */
export const requestBytes = (href: string, spec: ProbeSpec, wire: Wire): Uint8Array => {
  const url = new URL(href);
  const headers = requestHeaders(spec, wire);
  headers.set("connection", "close");
  const lines = [`GET ${url.pathname}${url.search} HTTP/1.1`, `host: ${url.host}`];
  headers.forEach((value, name) => lines.push(`${name}: ${value}`));
  return new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`);
};
