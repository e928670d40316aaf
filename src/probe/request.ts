import type { ExpectOf } from "../domain/kinds.ts";
import type { Progress } from "./progress.ts";
import type { ProbeSpec, Wire } from "./wire.ts";

/** The expectations of an HTTP answer. Without TLS there are fewer. */
export type HttpExpect = ExpectOf<"https">;

/** The expectations of this HTTP target. The registry has checked them against the schema of its scheme. */
export const httpExpect = ({ expect }: ProbeSpec): HttpExpect | undefined => expect as HttpExpect | undefined;

/** A parameter that makes the address of each probe unique, since most caches ask their origin for an address they do not know. */
const FRESH_PARAMETER = "parallax-fresh";

/** The address to request: the target's own or, with `expect.fresh`, one that no cache knows. */
export const hrefOf = (href: string, spec: ProbeSpec, wire: Wire, progress: Progress): string => {
  if (httpExpect(spec)?.fresh !== true) return href;
  const url = new URL(href);
  // Appended as text: parameters that are there stay as they were written.
  url.search += `${url.search === "" ? "?" : "&"}${FRESH_PARAMETER}=${wire.vantage}-${progress.begin}`;
  return url.href;
};

/** RFC 9111, 5.2.1.4 and 5.4: for caches that follow directives of clients. */
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
    // A compressed body can be neither bounded nor matched as it arrives.
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
