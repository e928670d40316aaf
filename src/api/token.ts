import type { Config } from "../config.ts";
import type { Scope } from "./context.ts";

const MAX_TOKEN_BYTES = 512;
const encoder = new TextEncoder();

/** A token in a buffer of one size, its length in front: comparing two takes the same time for all tokens. */
const padded = (token: string): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(MAX_TOKEN_BYTES + 4);
  const { read, written } = encoder.encodeInto(token, bytes.subarray(4));
  new DataView(bytes.buffer).setUint32(0, read < token.length ? 0xffff_ffff : written);
  return bytes;
};

/** Whether both tokens are the same, in time that tells nothing of either. */
export const sameToken = (left: string, right: string): boolean =>
  crypto.subtle.timingSafeEqual(padded(left), padded(right)) && left.length <= MAX_TOKEN_BYTES;

/** The scope a token opens, or undefined. Both comparisons are always made. */
export const scopeOf = (token: string, config: Config): Scope | undefined => {
  const admin = config.adminToken !== undefined && sameToken(token, config.adminToken);
  const read = config.readToken !== undefined && sameToken(token, config.readToken);
  if (admin) return "admin";
  return read ? "read" : undefined;
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
