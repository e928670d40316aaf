import type { Outcome } from "../domain/outcome.ts";

/**
 * Error codes of Node (libuv, OpenSSL, undici) and the outcome each stands for. Workers has none: there the caller goes by time. An
 * unreachable message proves nothing about the process, so it is silence and not a refusal. What our own machine lacks (descriptors,
 * ports, a local firewall) is `blocked`, since our own trouble is never the target's.
 */
const OUTCOME_OF: Readonly<Record<string, Outcome>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  ECONNABORTED: "reset",
  EPIPE: "reset",
  UND_ERR_SOCKET: "reset",
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: "reset",
  ETIMEDOUT: "connect_timeout",
  EHOSTUNREACH: "connect_timeout",
  ENETUNREACH: "connect_timeout",
  EHOSTDOWN: "connect_timeout",
  UND_ERR_CONNECT_TIMEOUT: "connect_timeout",
  UND_ERR_HEADERS_TIMEOUT: "response_timeout",
  UND_ERR_BODY_TIMEOUT: "response_timeout",
  UND_ERR_HEADERS_OVERFLOW: "app_error",
  HTTPParserError: "app_error",
  ENOTFOUND: "dns_failure",
  EAI_AGAIN: "dns_failure",
  EAI_FAIL: "dns_failure",
  EAI_NODATA: "dns_failure",
  EAI_NONAME: "dns_failure",
  EPROTO: "tls_failure",
  EMFILE: "blocked",
  ENFILE: "blocked",
  ENOBUFS: "blocked",
  ENOMEM: "blocked",
  EADDRNOTAVAIL: "blocked",
  ENETDOWN: "blocked",
  EACCES: "blocked",
  EPERM: "blocked",
  ERR_SOCKET_BAD_PORT: "blocked",
};

/** Node's TLS errors and OpenSSL's names for flaws of a certificate. */
const TLS_CODE =
  /^(ERR_SSL|ERR_TLS|CERT|CRL|UNABLE_TO)_|_CERT(_|$)|^(INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH)$/;

const CODE = /^[A-Z][A-Za-z0-9_]{2,60}$/;
const MAX_DEPTH = 5;

/** The code of a thrown value or of what caused it; undefined where the platform gives none. */
export const codeOf = (error: unknown, depth = 0): string | undefined => {
  if (typeof error !== "object" || error === null || depth > MAX_DEPTH) return undefined;
  const { code, name, cause, errors } = error as Record<"code" | "name" | "cause" | "errors", unknown>;
  if (typeof code === "string" && CODE.test(code)) return code;
  if (name === "HTTPParserError") return name;
  return codeOf(cause, depth + 1) ?? (Array.isArray(errors) ? codeOf(errors[0], depth + 1) : undefined);
};

/** The outcome for a code, or undefined for an unknown code. */
export const outcomeOf = (code: string): Outcome | undefined =>
  OUTCOME_OF[code] ?? (TLS_CODE.test(code) ? "tls_failure" : undefined);
