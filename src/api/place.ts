import { isLiteralAddress, isPrivatePlace, parseEndpoint } from "../domain/address.ts";
import type { TargetConfig } from "../domain/target.ts";
import type { Edge } from "./context.ts";
import { within } from "./deadline.ts";
import type { FieldError } from "./problem.ts";

const RESOLVE_LIMIT_MS = 1_000;

const hostOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? "" : endpoint.host;
};

/** The fields of a target that point to a private place. */
export const privatePlaces = ({ url, witness }: TargetConfig): FieldError[] =>
  Object.entries({ url, witness })
    .filter(([, place]) => place !== undefined && isPrivatePlace(place))
    .map(([path]) => ({
      path,
      message:
        "must be a public address, unless remote vantages alone are named in vantages: this deployment does not probe private places (ALLOW_PRIVATE)",
    }));

/**
 * Warns of a name with several addresses: a target is one node, and probes of such a name may each
 * reach another one. A resolver that fails or takes over a second warns of nothing.
 */
export const addressWarnings = async (edge: Edge, url: string): Promise<string[]> => {
  const host = hostOf(url);
  if (isLiteralAddress(host)) return [];
  try {
    const addresses = await within(RESOLVE_LIMIT_MS, edge.resolveAddresses(host));
    const distinct = new Set(addresses).size;
    return distinct > 1
      ? [`${host} is a name with several addresses (${distinct}): a target is one node`]
      : [];
  } catch {
    return [];
  }
};
