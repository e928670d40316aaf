/**
 * Where a target's configuration may hold a secret, and the mask that every answer shows instead: values of headers, the texts that are
 * sent and looked for, values in the query of a URL. One walk over these places masks secrets, puts back what a mask stands for, and lists
 * them.
 */
import { parseEndpoint } from "./address.ts";
import { probeKindOf, schemeOf } from "./kinds.ts";

/** How a secret appears in every answer; sent back in a PUT it keeps the stored value. */
export const MASKED = "***";

/** The mask in the audit for a secret that was replaced by another. */
const CHANGED = `${MASKED} (changed)`;

interface Holder {
  url: string;
  witness?: string | undefined;
  headers?: Record<string, string> | undefined;
  expect?: object | undefined;
}

/** The text to put in a place. `place`: the field's name; in a query also which parameter it is. */
type Replace = (value: string, place: string) => string;

const WORDS = ["sends", "bodyIncludes"];
/** The name of a parameter that has a value. A part that ends in `=` has none: it may be a secret in base64. */
const NAMED = /^[^=]*=(?==*[^=])/;

/**
 * A URL with the values of its query replaced. The rest of the text stays as written, so that a URL with its secrets put back is identical.
 * A value shorter than the mask is left: it could be guessed anyway, and masks must not make a URL longer than its limit.
 */
const queryReplaced = (field: string, url: string, replace: Replace): string => {
  const start = url.indexOf("?") + 1;
  // The question to a name server is shown everywhere, so it is not a secret.
  if (start === 0 || probeKindOf(schemeOf(url) ?? "tcp").form === "question") return url;
  const counts = new Map<string, number>();
  const parts = url
    .slice(start)
    .split("&")
    .map((part) => {
      const [name = ""] = NAMED.exec(part) ?? [];
      const value = part.slice(name.length);
      const count = (counts.get(name) ?? 0) + 1;
      counts.set(name, count);
      return value.length < MASKED.length ? part : name + replace(value, `${field}?${count} ${name}`);
    });
  return url.slice(0, start) + parts.join("&");
};

const textsReplaced = (field: string, texts: object, replace: Replace, names: readonly string[]): object =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]: [string, unknown]) => [
      name,
      typeof text === "string" && names.includes(name) ? replace(text, `${field}.${name}`) : text,
    ]),
  );

/** The configuration with each of its secrets replaced. */
const replaced = <T extends Holder>(config: T, replace: Replace): T => {
  const { url, witness, headers, expect } = config;
  return {
    ...config,
    url: queryReplaced("url", url, replace),
    ...(witness === undefined ? {} : { witness: queryReplaced("witness", witness, replace) }),
    ...(headers === undefined
      ? {}
      : { headers: textsReplaced("headers", headers, replace, Object.keys(headers)) }),
    ...(expect === undefined ? {} : { expect: textsReplaced("expect", expect, replace, WORDS) }),
  };
};

/** As shown to administrators: only the values of headers are masked, since no reader needs them. */
export const maskedHeaders = <T extends Holder>(config: T): T =>
  replaced(config, (value, place) => (place.startsWith("headers.") ? MASKED : value));

/** As shown to everyone else. */
export const masked = <T extends Holder>(config: T): T => replaced(config, () => MASKED);

/** As written to the audit: a mask shows if the secret differs from the one in the same place of `before`. */
export const maskedSince = <T extends Holder>(config: T, before: Holder): T => {
  const known = secretsOf(before);
  return replaced(config, (value, place) => ((known.get(place) ?? value) === value ? MASKED : CHANGED));
};

/** A URL as shown on its own. */
export const maskedUrl = (url: string): string => queryReplaced("url", url, () => MASKED);

/** The secrets, by place. */
export const secretsOf = (config: Holder): Map<string, string> => {
  const secrets = new Map<string, string>();
  replaced(config, (value, place) => {
    secrets.set(place, value);
    return value;
  });
  return secrets;
};

/** The place that a probe of this URL sends to; another host, port or scheme is another place. An unreadable URL is a place of its own. */
const placeOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? url : `${endpoint.scheme}://${endpoint.host}:${endpoint.port}`;
};

/**
 * The configuration with the values from `stored` put back for its masks. Or the fields whose masks have no stored value, or those whose
 * secrets would be sent to another place than the one they were given for: the right to change a target must not give access to its
 * secrets.
 */
export const unmasked = <T extends Holder>(
  config: T,
  stored: Holder | undefined,
): { config: T } | { lost: string[] } | { moved: string[] } => {
  const secrets = stored === undefined ? new Map<string, string>() : secretsOf(stored);
  const lost: string[] = [];
  const moved: string[] = [];
  const whole = replaced(config, (value, place) => {
    if (value !== MASKED) return value;
    const kept = secrets.get(place);
    const field = place.split("?", 1)[0] ?? place;
    if (kept === undefined) lost.push(field);
    else if (stored !== undefined && isMoved(config, stored, field)) moved.push(field);
    return kept ?? value;
  });
  if (lost.length > 0) return { lost };
  return moved.length > 0 ? { moved } : { config: whole };
};

/** Whether the secret in a field would go to another place than before: to another witness, or another target. */
const isMoved = (config: Holder, stored: Holder, field: string): boolean => {
  const [now, before] = field === "witness" ? [config.witness, stored.witness] : [config.url, stored.url];
  return placeOf(now ?? "") !== placeOf(before ?? "");
};
