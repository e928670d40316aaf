import type { Config } from "../../config.ts";

/** What the configured tokens open; `admin` includes `read`. */
type Scope = "read" | "admin";

const BUFFER_BYTES = 256;
/** Room for one character more, so that a token cut off by the buffer is longer than allowed. */
const MAX_TOKEN_BYTES = BUFFER_BYTES - 4;
const encoder = new TextEncoder();

/**
 * A token in a buffer of one size, its length at the end, so that comparing two takes the same time
 * for all tokens. False if the token does not fit: no such token is ever the same as another.
 */
const pad = (token: string, into: Uint8Array<ArrayBuffer>): boolean => {
  into.fill(0);
  const { written } = encoder.encodeInto(token, into);
  into[BUFFER_BYTES - 1] = written;
  return written <= MAX_TOKEN_BYTES;
};

const buffer = (): Uint8Array<ArrayBuffer> => new Uint8Array(BUFFER_BYTES);

interface Known {
  scope: Scope;
  padded: Uint8Array<ArrayBuffer>;
}

const knownTokens = new WeakMap<Config, Known[]>();

/** The configured tokens, padded once. One that is too long to be compared opens nothing. */
const knownIn = (config: Config): Known[] => {
  let known = knownTokens.get(config);
  if (known !== undefined) return known;
  const tokens: [Scope, string | undefined][] = [
    ["admin", config.adminToken],
    ["read", config.readToken],
  ];
  known = tokens
    .map(([scope, token]) => ({ scope, token: token ?? "", padded: buffer() }))
    .filter(({ token, padded }) => token !== "" && pad(token, padded));
  knownTokens.set(config, known);
  return known;
};

/** Reused by every request: no request waits between filling and comparing it. */
const presented = buffer();

/** The scope a token opens, or undefined. It is compared with every known token, in constant time. */
export const scopeOf = (token: string, config: Config): Scope | undefined => {
  const fits = pad(token, presented);
  let found: Scope | undefined;
  for (const { scope, padded } of knownIn(config))
    if (crypto.subtle.timingSafeEqual(presented, padded)) found ??= scope;
  return fits ? found : undefined;
};

/** The password of HTTP Basic credentials; the user's name is ignored. */
const passwordIn = (credentials: string): string | undefined => {
  try {
    const bytes = Uint8Array.from(atob(credentials), (character) => character.charCodeAt(0));
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const colon = text.indexOf(":");
    return colon === -1 ? undefined : text.slice(colon + 1);
  } catch {
    return undefined;
  }
};

/** The token in an Authorization header: Bearer, or the password of Basic. */
export const headerToken = (authorization: string | undefined): string | undefined => {
  const [, scheme = "", credentials = ""] = /^(\S+) +(\S+) *$/.exec(authorization ?? "") ?? [];
  if (/^bearer$/i.test(scheme)) return credentials;
  return /^basic$/i.test(scheme) ? passwordIn(credentials) : undefined;
};
