/** The format that gdnsd's plugin extfile reads: a line for each host. */
import { isLiteralAddress } from "./address.ts";

/** An address as it is; a name with a dot at its end, as in gdnsd's CNAME values. */
export const gdnsdKey = (host: string): string =>
  isLiteralAddress(host) || host.endsWith(".") ? host : `${host}.`;

/** `192.0.2.1 => DOWN/30`. vscf wants a key of unusual characters in quotes. `ttl` in seconds; without it the zone's own applies. */
export const gdnsdLine = (key: string, isDown: boolean, ttl: number | undefined): string => {
  const shown = /^[\w.:-]+$/.test(key) ? key : JSON.stringify(key);
  return `${shown} => ${isDown ? "DOWN" : "UP"}${ttl === undefined ? "" : `/${ttl}`}`;
};
