import { isLiteralAddress, isPrivateHost, isPrivatePlace, parseEndpoint } from "../../domain/address.ts";
import { waitingAt } from "../../domain/sending.ts";
import type { TargetConfig } from "../../domain/target.ts";
import type { NameLookup } from "../context.ts";
import { within } from "../aggregators/within.ts";
import type { FieldError } from "../errors/api-error.ts";

const RESOLVE_LIMIT_MS = 1_000;

const hostOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? "" : endpoint.host;
};

/** Looks each name up once, so that the refusals and the warnings of one request rest on the same addresses. */
export const lookingUpOnce = (edge: NameLookup): NameLookup => {
  const known = new Map<string, Promise<string[]>>();
  return {
    resolveAddresses: (host) => {
      const asked = known.get(host) ?? edge.resolveAddresses(host);
      known.set(host, asked);
      return asked;
    },
  };
};

/** The addresses of a host: the host itself where it is an address. None where the resolver has none, or does not answer in time. */
const addressesOf = async (edge: NameLookup, host: string): Promise<string[]> => {
  if (isLiteralAddress(host)) return [host];
  try {
    return await within(RESOLVE_LIMIT_MS, edge.resolveAddresses(host));
  } catch {
    return [];
  }
};

/**
 * Whether a URL, or any address of its name, points to a private place. The owner of a name can point it anywhere later, so whatever
 * connects there checks again.
 */
export const leadsToPrivate = async (edge: NameLookup, url: string): Promise<boolean> =>
  isPrivatePlace(url) || (await addressesOf(edge, hostOf(url))).some(isPrivateHost);

/** The fields of a target that point to a private place. */
export const privatePlaces = async (
  edge: NameLookup,
  { url, witness }: TargetConfig,
): Promise<FieldError[]> => {
  const places = Object.entries({ url, witness }).flatMap(([path, place]) =>
    place === undefined ? [] : [{ path, place }],
  );
  const found = await Promise.all(
    places.map(async ({ path, place }) => ((await leadsToPrivate(edge, place)) ? [path] : [])),
  );
  return found.flat().map((path) => ({
    path,
    message:
      "must be a public address, or a name with public addresses alone, unless remote vantages alone are named in vantages: this deployment does not probe private places (ALLOW_PRIVATE)",
  }));
};

/** The error where the target's text would go to a server that takes it for commands. A hosted detector does not send such text. */
export const harmfulSends = ({ url, expect = {} }: TargetConfig): FieldError[] => {
  const endpoint = parseEndpoint(url);
  if (typeof endpoint === "string" || !("sends" in expect) || expect.sends === undefined) return [];
  const what = waitingAt(endpoint.port);
  if (what === undefined) return [];
  const message =
    `is not sent to port ${endpoint.port}, where ${what}, unless remote vantages alone are named in vantages (ALLOW_PRIVATE): ` +
    "leave it out, and wait for what the server says first (expect.bodyIncludes), or use redis:// or postgres://";
  return [{ path: "expect.sends", message }];
};

/**
 * Warns of a name with several addresses: a target is one node, and each probe of such a name may reach another node. Gives no warning
 * where the resolver fails or takes over a second.
 */
export const addressWarnings = async (edge: NameLookup, url: string): Promise<string[]> => {
  const host = hostOf(url);
  const distinct = new Set(await addressesOf(edge, host)).size;
  return distinct > 1 ? [`${host} is a name with several addresses (${distinct}): a target is one node`] : [];
};
