import { getPath } from "hono/utils/url";

/**
 * Capability paths: `/k/{token}/v1/…` for pollers that can send no header. The router sees the path
 * without its first two segments, so every read route exists once.
 */
const CAPABILITY = /^\/k\/[^/]+(\/v1\/.*)$/s;

/** Methods that change nothing: all that a capability path may be used with. */
export const isReading = (method: string): boolean => /^(GET|HEAD|OPTIONS)$/.test(method);

/** The path to route by: a capability path without its token. */
export const routedPath = (request: Request): string => {
  const path = getPath(request);
  return path.startsWith("/k/") ? (CAPABILITY.exec(path)?.[1] ?? path) : path;
};

/** The token in a request's path, or undefined for an ordinary path. */
export const capabilityToken = (url: string): string | undefined => {
  const start = url.indexOf("/", url.indexOf(":") + 3);
  if (!url.startsWith("/k/", start)) return undefined;
  const token = url.slice(start + 3).split("/", 1)[0] ?? "";
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
};
