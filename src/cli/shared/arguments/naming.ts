/** What names of other tools come to here: `import` writes them so, and `shadow` finds them again. */

/** The site of what no source gives one. */
export const NO_SITE = "imported";

/** See `NAME` in domain/plain/name.ts. */
export const MAX_LENGTH = 63;

/** Accents are left off, whatever else is no letter or digit becomes a dash. */
export const fitted = (text: string, otherwise: string): string =>
  text
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^-/, "")
    .slice(0, MAX_LENGTH)
    .replace(/-$/, "") || otherwise;

/** A URL as a name: without what may be a secret in it. */
export const bareUrl = (url: string): string =>
  url.replace(/[?#].*$/s, "").replace(/^([a-z]+:\/\/)?[^/]*@/i, "$1");

/** An address as a target's name is made of it. */
export const shortOf = (address: string): string =>
  bareUrl(address)
    .replace(/^[a-z]+:\/\//, "")
    .replace(/\/+$/, "");
