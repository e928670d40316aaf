/**
 * Where a target's URL points, and whether that place is private.
 * A hosted detector that probes whatever it is told is a way into private networks (SSRF), so
 * private places are refused unless the deployment allows them.
 */

export type Scheme = "http" | "https" | "tcp";

export interface Endpoint {
  scheme: Scheme;
  /** Lower-case name or literal address; IPv6 without brackets. */
  host: string;
  port: number;
  /** The whole URL in canonical form. */
  href: string;
}

const DEFAULT_PORT: Record<Scheme, number> = { http: 80, https: 443, tcp: 0 };

/**
 * Parses `http(s)://…` or `tcp://host:port`.
 * Returns the endpoint, or one sentence that says what is wrong and what would be right.
 */
export const parseEndpoint = (text: string): Endpoint | string => {
  const scheme = /^(https?|tcp):\/\//.exec(text)?.[1] as Scheme | undefined;
  if (scheme === undefined) return "must begin with http://, https:// or tcp://";
  // The URL parser normalises hosts (case, 0x7f.1, punycode) only for schemes it knows.
  const url = parseUrl(scheme === "tcp" ? `http://${text.slice("tcp://".length)}` : text);
  if (url === undefined) return "is not a valid URL; the port must be 1 to 65535";
  const port = portIn(text) ?? DEFAULT_PORT[scheme];
  const flaw = flawOf(url, scheme, port);
  if (flaw !== undefined) return flaw;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { scheme, host, port, href: scheme === "tcp" ? `tcp://${url.hostname}:${port}` : url.href };
};

const flawOf = (url: URL, scheme: Scheme, port: number): string | undefined => {
  if (url.username !== "" || url.password !== "")
    return "must not carry user information; use headers for credentials";
  if (url.hash !== "") return "must not carry a fragment";
  if (port < 1 || port > 65_535) return "needs a port of 1 to 65535";
  if (scheme === "tcp" && (url.pathname !== "/" || url.search !== ""))
    return "of scheme tcp is tcp://host:port and nothing more";
  return undefined;
};

/** The port as written: a URL object hides `:80`, which for tcp is meant. */
const portIn = (text: string): number | undefined => {
  const authority = /^[a-z]+:\/\/([^/?#]*)/.exec(text)?.[1] ?? "";
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? undefined : Number(port);
};

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** True for a literal IPv4 or IPv6 address (brackets removed). */
export const isLiteralAddress = (host: string): boolean =>
  host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

const inV4 = (address: number, base: number, bits: number): boolean =>
  address >>> (32 - bits) === base >>> (32 - bits);

const v4Number = (host: string): number =>
  host.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);

/** IANA special-purpose IPv4 blocks that are not globally reachable (RFC 6890). */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];

const isPrivateV4 = (host: string): boolean =>
  PRIVATE_V4.some(([base, bits]) => inV4(v4Number(host), v4Number(base), bits));

/** The last two groups of an IPv4-mapped or NAT64 address, as the URL parser writes them, in dotted form. */
const embeddedV4 = (host: string): string | undefined => {
  const groups = /^(?:::ffff:|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (groups === null) return undefined;
  const [high, low] = [parseInt(groups[1] ?? "", 16), parseInt(groups[2] ?? "", 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
};

const isPrivateV6 = (host: string): boolean => {
  const mapped = embeddedV4(host);
  if (mapped !== undefined) return isPrivateV4(mapped);
  return host === "::" || host === "::1" || /^f[cd]|^fe[89ab]|^ff/.test(host);
};

const PRIVATE_NAME = /(^|\.)(localhost|local|internal|lan|home\.arpa)\.?$/;

/** True for loopback, link-local, private and reserved places, and for names that only resolve inside a network. */
export const isPrivateHost = (host: string): boolean => {
  if (!isLiteralAddress(host)) return PRIVATE_NAME.test(host) || !host.includes(".");
  return host.includes(":") ? isPrivateV6(host) : isPrivateV4(host);
};
