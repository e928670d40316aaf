import { resolve4, resolve6 } from "node:dns/promises";
import { isPrivateHost } from "./domain/address.ts";

/** All IPv4 and IPv6 addresses of a name; a family that has none counts as empty. */
export const resolveAddresses = async (host: string): Promise<string[]> => {
  const found = await Promise.allSettled([resolve4(host), resolve6(host)]);
  return found.flatMap((family) => (family.status === "fulfilled" ? family.value : []));
};

const ANSWER_MS = 2_000;

/** The addresses that the machine's own resolver gives, by way of the server of `npm run dev`. */
const askMachine = async (resolver: string, host: string): Promise<string[]> => {
  const answer = await fetch(`${resolver}?name=${encodeURIComponent(host)}`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const found: unknown = await answer.json();
  return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
};

/**
 * How a vantage looks names up. The public name servers know nothing of private names and are not asked for them. A private
 * address of a public name is left out, unless the deployment allows such places: else a name would be a way in.
 */
export const resolverFor =
  ({ resolver, allowPrivate }: { resolver: string | undefined; allowPrivate: boolean }) =>
  async (host: string): Promise<string[]> => {
    if (resolver !== undefined && allowPrivate) return askMachine(resolver, host);
    if (isPrivateHost(host)) return [];
    const found = await resolveAddresses(host);
    return allowPrivate ? found : found.filter((address) => !isPrivateHost(address));
  };
