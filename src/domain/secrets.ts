/**
 * Where a target's configuration may hold a secret, and the mask that stands there in every answer: values of headers, the texts that
 * are sent and looked for, values in the query of a URL. One walk over these places masks, puts back what a mask stands for, and lists.
 */
import { parseEndpoint } from "./address.ts";
import { probeKindOf, schemeOf } from "./kinds.ts";

/** What a secret looks like in every answer; sent back in a PUT it keeps the stored value. */
export const MASKED = "***";

/** The same in the audit, of a secret that was replaced by another. */
const CHANGED = `${MASKED} (changed)`;

interface Holder {
  url: string;
  witness?: string | undefined;
  headers?: Record<string, string> | undefined;
  expect?: object | undefined;
}

/** What is to stand in a place. `place`: the field's name; in a query also which parameter it is of. */
type Replace = (value: string, place: string) => string;

const WORDS = ["sends", "bodyIncludes"];
/** The name of a parameter that has a value. What ends in `=` has none: it may be a secret in base64. */
const NAMED = /^[^=]*=(?==*[^=])/;

/**
 * A URL with the values of its query replaced. The text is left as it is written otherwise, so that what is put back is the same to the
 * letter. What is shorter than the mask hides nothing that could not be guessed, and a URL must not grow past its limit by its masks.
 */
const queryReplaced = (field: string, url: string, replace: Replace): string => {
  const start = url.indexOf("?") + 1;
  // What a name server is asked for is told everywhere.
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

/** The same with each of its secrets replaced. */
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

/** As it is shown to administrators: nobody needs to see what a header is worth. */
export const maskedHeaders = <T extends Holder>(config: T): T =>
  replaced(config, (value, place) => (place.startsWith("headers.") ? MASKED : value));

/** As it is shown to everybody else. */
export const masked = <T extends Holder>(config: T): T => replaced(config, () => MASKED);

/** As it is written down beside what there was before: a mask says where the secret is another than in the same place of `before`. */
export const maskedSince = <T extends Holder>(config: T, before: Holder): T => {
  const known = secretsOf(before);
  return replaced(config, (value, place) => ((known.get(place) ?? value) === value ? MASKED : CHANGED));
};

/** A URL as it is shown where it stands alone. */
export const maskedUrl = (url: string): string => queryReplaced("url", url, () => MASKED);

/** By place. */
export const secretsOf = (config: Holder): Map<string, string> => {
  const secrets = new Map<string, string>();
  replaced(config, (value, place) => {
    secrets.set(place, value);
    return value;
  });
  return secrets;
};

/** Where what is sent goes; another host, port or scheme is another place. A URL that cannot be read is a place of its own. */
const placeOf = (url: string): string => {
  const endpoint = parseEndpoint(url);
  return typeof endpoint === "string" ? url : `${endpoint.scheme}://${endpoint.host}:${endpoint.port}`;
};

/**
 * What its masks stand for put back from `stored`; or the fields whose masks stand for nothing there, and those whose secrets would be
 * sent to another place than that which was given them: whoever may change a target may not thereby read them.
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

/** Whether what stands in a field would go to another place than before: to another witness, or another target. */
const isMoved = (config: Holder, stored: Holder, field: string): boolean => {
  const [now, before] = field === "witness" ? [config.witness, stored.witness] : [config.url, stored.url];
  return placeOf(now ?? "") !== placeOf(before ?? "");
};
