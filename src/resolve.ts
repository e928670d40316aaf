import { resolve4, resolve6 } from "node:dns/promises";

/** All IPv4 and IPv6 addresses of a name; a family that has none counts as empty. */
export const resolveAddresses = async (host: string): Promise<string[]> => {
  const found = await Promise.allSettled([resolve4(host), resolve6(host)]);
  return found.flatMap((family) => (family.status === "fulfilled" ? family.value : []));
};
