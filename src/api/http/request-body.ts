import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "../context.ts";
import { ApiError, mediaTypeError } from "../errors/api-error.ts";

export const MAX_BODY_BYTES = 65_536;
const MAX_REPORT_BYTES = 1_048_576;

/** The media types of a JSON Merge Patch (RFC 7396); its own type first. */
export const PATCH_TYPES = ["application/merge-patch+json", "application/json"] as const;

/** Refuses a body that is declared as none of these types, before a byte of it is read. */
const requireType =
  (types: readonly string[], headers: Record<string, string> = {}): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const type = c.req.header("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
    if (type === undefined || !types.includes(type)) throw mediaTypeError(types, headers);
    await next();
  };

const requireJson = requireType(["application/json"]);

const tooLarge = (maxBytes: number): ApiError =>
  new ApiError("too-large", `the body must be at most ${maxBytes} bytes`);

/** A chunk without a length, or a connection that ended too soon: the rest of the body is unknown. */
const brokenOff = (): never => {
  throw new ApiError(
    "malformed",
    "the body broke off: send it to its end, with its length or in whole chunks",
  );
};

/** The bytes of a body. Throws ApiError 413 where they exceed `maxBytes`, and leaves the rest unread, or 400 where the body breaks off. */
const readSmall = async (body: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> => {
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(brokenOff);
      if (done) break;
      size += value.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      parts.push(value);
    }
  } finally {
    // Hono's own body-limit keeps the lock, so that the rest could not be read (see unread.ts).
    reader.releaseLock();
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
};

/** Refuses a body by its declared length, or, without one, as soon as it has grown past the limit. */
const requireSmall =
  (maxBytes: number): MiddlewareHandler<ApiEnv> =>
  async (c, next) => {
    const { raw } = c.req;
    const declared = raw.headers.has("Transfer-Encoding") ? null : raw.headers.get("Content-Length");
    if (Number(declared) > maxBytes) throw tooLarge(maxBytes);
    if (raw.body !== null && declared === null) {
      const bytes = await readSmall(raw.body, maxBytes);
      c.req.raw = new Request(raw, { method: raw.method, body: bytes.length === 0 ? null : bytes });
    }
    await next();
  };

/** The same where there is a body at all. A body that is declared but empty counts as none. */
const requireJsonIfAny: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const { raw } = c.req;
  if (raw.body !== null && c.req.header("Content-Length") !== "0") return requireJson(c, next);
  const headers = new Headers(raw.headers);
  headers.delete("Content-Type");
  c.req.raw = new Request(raw.url, { method: raw.method, headers });
  return next();
};

/** The middleware of every route with a body, in front of its schema. */
export const jsonBody = [requireJson, requireSmall(MAX_BODY_BYTES)];
/** The same where the body is a patch: the refusal of another type names the accepted ones (RFC 5789, 2.2). */
export const patchBody = [
  requireType(PATCH_TYPES, { "Accept-Patch": PATCH_TYPES.join(", ") }),
  requireSmall(MAX_BODY_BYTES),
];
/** The same where the body may be left out. */
export const optionalJsonBody = [requireSmall(MAX_BODY_BYTES), requireJsonIfAny];
/** The same for the reports that a vantage has kept while it could not send them. */
export const reportBody = [requireJson, requireSmall(MAX_REPORT_BYTES)];
