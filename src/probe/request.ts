import type { ProbeSpec, Wire } from "./wire.ts";

/** The headers of an HTTP probe: the target's own, and ours where it set none. */
export const requestHeaders = (spec: ProbeSpec, wire: Wire): Headers => {
  const headers = new Headers(spec.headers);
  const defaults: [string, string][] = [
    ["user-agent", `Parallax/1 (+${wire.vantage})`],
    ["accept", "*/*"],
    // What is compressed cannot be bounded nor matched as it arrives.
    ["accept-encoding", "identity"],
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
