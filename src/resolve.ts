import { resolve4, resolve6 } from "node:dns/promises";
import { isLiteralAddress, isPrivateHost } from "./domain/address.ts";

/** A name server's codes for a name, or a family of addresses, that does not exist. */
const NONE: ReadonlySet<unknown> = new Set(["ENOTFOUND", "ENODATA"]);

const familyOf = async (asked: Promise<string[]>): Promise<string[]> => {
  try {
    // Workers also returns the names on the way to the addresses (CNAME).
    return (await asked).filter(isLiteralAddress);
  } catch (error) {
    if (NONE.has((error as { code?: unknown }).code)) return [];
    throw error;
  }
};

/** All IPv4 and IPv6 addresses of a name, none where it has none. Rejects where a name server did not answer for either family. */
export const resolveAddresses = async (host: string): Promise<string[]> =>
  (await Promise.all([familyOf(resolve4(host)), familyOf(resolve6(host))])).flat();

const ANSWER_MS = 2_000;

/** The addresses that the machine's own resolver gives, asked by way of the server of `npm run dev`. */
const askMachine = async (resolver: string, host: string): Promise<string[]> => {
  const answer = await fetch(`${resolver}?name=${encodeURIComponent(host)}`, {
    signal: AbortSignal.timeout(ANSWER_MS),
  });
  const found: unknown = await answer.json();
  return Array.isArray(found) ? found.filter((one) => typeof one === "string") : [];
};

/** How names are looked up. The public name servers know nothing of private names and are not asked for them. */
export const resolverFor =
  ({ resolver, allowPrivate }: { resolver: string | undefined; allowPrivate: boolean }) =>
  (host: string): Promise<string[]> => {
    if (resolver !== undefined && allowPrivate) return askMachine(resolver, host);
    return isPrivateHost(host) ? Promise.resolve([]) : resolveAddresses(host);
  };
