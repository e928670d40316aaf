/** How names of other tools become names here: `import` writes them so, and `shadow` finds them again. */

/** The site of a target to which the source gives none. */
export const NO_SITE = "imported";

/** See `NAME` in domain/plain/name.ts. */
export const MAX_LENGTH = 63;

/** Removes accents, and turns whatever else is neither letter nor digit into a dash. */
export const fitted = (text: string, otherwise: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, MAX_LENGTH)
    .replace(/-$/, "") || otherwise;

/** A URL for use in a name: without the parts that may hold a secret. */
export const bareUrl = (url: string): string =>
  url.replace(/[?#].*$/s, "").replace(/^([a-z]+:\/\/)?[^/]*@/i, "$1");

/** The part of an address from which a target's name is made. */
export const shortOf = (address: string): string =>
  bareUrl(address)
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/+$/, "");
