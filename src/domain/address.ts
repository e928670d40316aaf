/**
 * Where a target's URL points, and whether that place is private. A hosted detector that probes any URL it is given is a way into private
 * networks (SSRF), so private places are refused unless the deployment allows them.
 */

import { anyOf, probeKindOf, type Scheme, schemeOf, SCHEMES } from "./kinds.ts";
import { parseQuestion } from "./question.ts";

export interface Endpoint {
  scheme: Scheme;
  /** Lower-case name or literal address; IPv6 without brackets. */
  host: string;
  port: number;
  /** The whole URL in canonical form. */
  href: string;
}

/**
 * Parses the URL of a target, of any known scheme. Returns the endpoint, or one sentence that says what is wrong and what would be right.
 */
export const parseEndpoint = (text: string): Endpoint | string => {
  const scheme = schemeOf(text);
  if (scheme === undefined) return `must begin with ${anyOf(SCHEMES.map((each) => `${each}://`))}`;
  const { form, port: usual = 0 } = probeKindOf(scheme);
  // The URL parser normalises hosts (case, 0x7f.1, punycode) only for schemes it knows.
  const rest = text.slice(scheme.length);
  const url = parseUrl(form === "web" ? text : `http${rest}`);
  if (url === undefined) return `is not a valid URL${whyInvalid(rest)}`;
  const port = portOf(url, rest) ?? usual;
  const flaw = flawOf(url, scheme, port);
  if (flaw !== undefined) return flaw;
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const place = `${scheme}://${url.hostname}:${port}`;
  if (form !== "question") return { scheme, host, port, href: form === "web" ? url.href : place };
  const question = parseQuestion(url, text);
  if (typeof question === "string") return question;
  return { scheme, host, port, href: `${place}/${question.name}?type=${question.type}` };
};

/** What a parser of URLs stumbled over. `rest`: the URL after its scheme. */
const whyInvalid = (rest: string): string => {
  const place = (/^:\/\/([^/?#\\]*)/.exec(rest)?.[1] ?? "").replace(/^.*@/s, "");
  const [, host = "", port = ""] = /^(\[[^\]]*\]?|[^:]*)(?::(.*))?$/s.exec(place) ?? [];
  if (/\s/.test(host)) return ": its host holds a space";
  if (host === "") return ": it names no host";
  if (!/^\d*$/.test(port) || Number(port) > 65_535) return "; the port must be 1 to 65535";
  if (host.startsWith("[")) return ": what is in brackets is no IPv6 address";
  if (/(^|\.)(\d+|0x[\da-f]*)\.?$/i.test(host)) return ": its host looks like an IPv4 address and is none";
  return ": its host is no name that the name system has";
};

const flawOf = (url: URL, scheme: Scheme, port: number): string | undefined => {
  if (url.username !== "" || url.password !== "")
    return `must not carry user information: ${probeKindOf(scheme).hasHeaders ? "use headers for credentials" : "no probe of this kind logs in"}`;
  if (url.hash !== "") return "must not carry a fragment";
  if (port < 1 || port > 65_535) return "needs a port of 1 to 65535";
  if (probeKindOf(scheme).form === "port" && (url.pathname !== "/" || url.search !== ""))
    return `of scheme ${scheme} is ${scheme}://host:port and nothing more`;
  return undefined;
};

/** The port as the parser understood it, which hides `:80` in http; https shows it. Undefined if the URL has none. */
const portOf = (http: URL, rest: string): number | undefined => {
  const written = http.port || parseUrl(`https${rest}`)?.port;
  return written ? Number(written) : undefined;
};

const parseUrl = (text: string): URL | undefined => (URL.canParse(text) ? new URL(text) : undefined);

/** True for a literal IPv4 or IPv6 address (brackets removed). */
export const isLiteralAddress = (host: string): boolean =>
  host.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);

const inV4 = (address: number, base: number, bits: number): boolean =>
  address >>> (32 - bits) === base >>> (32 - bits);

const v4Number = (host: string): number =>
  host.split(".").reduce((sum, part) => ((sum << 8) | Number(part)) >>> 0, 0);

/**
 * IANA special-purpose IPv4 blocks (RFC 6890) that may lead to a host, and one address at which a cloud's own services answer its machines.
 * Blocks for documentation lead nowhere and are left out.
 */
const PRIVATE_V4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32], // Azure's wire server
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.88.99.0", 24], // 6to4 relays, deprecated (RFC 7526)
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3],
];

const isPrivateV4 = (host: string): boolean =>
  PRIVATE_V4.some(([base, bits]) => inV4(v4Number(host), v4Number(base), bits));

/**
 * The eight groups of an IPv6 address; name servers may write the last two of them as an IPv4 address. Undefined if it is not an address.
 */
const v6Groups = (host: string): number[] | undefined => {
  const url = parseUrl(`http://[${host}]`);
  if (url === undefined) return undefined;
  const [left = "", right] = url.hostname.slice(1, -1).split("::");
  const groupsOf = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const [before, after] = [groupsOf(left), groupsOf(right ?? "")];
  return [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
};

const PRIVATE_V6: readonly (readonly [first: number, mask: number])[] = [
  [0xfc00, 0xfe00], // unique local
  [0xfe80, 0xffc0], // link local
  [0xfec0, 0xffc0], // site local, deprecated
  [0xff00, 0xff00], // multicast
];

/** IPv6 prefixes (RFC 6890, 6052, 8215) by their leading groups; `v4At`: where an IPv4 address is embedded. */
const EMBEDDING: readonly { groups: readonly number[]; v4At?: number }[] = [
  { groups: [0, 0, 0, 0, 0, 0xffff], v4At: 6 },
  { groups: [0, 0, 0, 0, 0xffff, 0], v4At: 6 }, // IPv4-translated (RFC 2765)
  { groups: [0, 0, 0, 0, 0, 0], v4At: 6 }, // IPv4-compatible; :: and ::1 as well
  { groups: [0x64, 0xff9b, 0, 0, 0, 0], v4At: 6 }, // NAT64
  { groups: [0x64, 0xff9b, 1] }, // NAT64 inside a network
  { groups: [0x2002], v4At: 1 }, // 6to4
  { groups: [0x2001, 0] }, // Teredo (RFC 4380): the address within is disguised
  { groups: [0x2001, 2, 0] }, // benchmarking
  { groups: [0x100, 0, 0, 0] }, // discard
  { groups: [0x100, 0, 0, 1] }, // dummy prefix (RFC 9780)
  { groups: [0x5f00] }, // segment routing (RFC 9602)
];

const isPrivateV6 = (host: string): boolean => {
  const groups = v6Groups(host);
  // A host that is not an address may lead anywhere.
  if (groups === undefined) return true;
  const first = groups[0] ?? 0;
  if (PRIVATE_V6.some(([base, mask]) => (first & mask) === base)) return true;
  const block = EMBEDDING.find((each) => each.groups.every((group, index) => groups[index] === group));
  if (block?.v4At === undefined) return block !== undefined;
  const [high = 0, low = 0] = groups.slice(block.v4At);
  return isPrivateV4([high >> 8, high & 255, low >> 8, low & 255].join("."));
};

/** True for a URL of a target that points to a private place. */
export const isPrivatePlace = (url: string): boolean => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint !== "string" && isPrivateHost(endpoint.host);
};

/** Names that are not in the public name system and that networks define for themselves: RFC 6761, 6762, 8375, 9476 and custom. */
const PRIVATE_NAME =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|corp|home|lan|svc|consul|alt|onion|home\.arpa)$/;

/** True for loopback, link-local, private and reserved places, and for names that only resolve inside a network. */
export const isPrivateHost = (host: string): boolean => {
  if (isLiteralAddress(host)) return host.includes(":") ? isPrivateV6(host) : isPrivateV4(host);
  const name = host.replace(/\.+$/, "");
  return PRIVATE_NAME.test(name) || !name.includes(".");
};

/** The host and port that probes of a URL load. Undefined for a private address: only its own network can probe it. */
export const publicPlaceOf = (url: string): string | undefined => {
  const endpoint = parseEndpoint(url);
  if (typeof endpoint === "string" || isPrivateHost(endpoint.host)) return undefined;
  return `${endpoint.host.replace(/\.+$/, "")}:${endpoint.port}`;
};

/**
 * Why the detector sends nothing to a host if only public places are allowed; undefined if it may send. `addresses`: those of the host's
 * name. All of them count, as it is not known which one a connection takes; undefined if the lookup gave no answer.
 */
export const barTo = (host: string, addresses: readonly string[] | undefined): string | undefined => {
  if (isPrivateHost(host) || addresses?.some(isPrivateHost) === true)
    return "it leads to a private place, to which this deployment sends nothing (ALLOW_PRIVATE)";
  return addresses === undefined
    ? "its addresses could not be looked up, and nothing is sent to what may be a private place (ALLOW_PRIVATE)"
    : undefined;
};
