import { HTTPException } from "hono/http-exception";
import type { LeaderAnswer } from "../../domain/group.ts";
import type { Problem, Refusal, Result } from "../../domain/problem.ts";
import { ended } from "../ending.ts";
import { reasonOf, warn } from "./log-line.ts";

export type FieldError = Problem["errors"][number];

/** Our own trouble: asking again later may help, and the answer says how much later. */
interface Ours {
  status: 503;
  title: string;
  retryAfterMs: number;
}
interface Theirs {
  status: 400 | 401 | 403 | 404 | 405 | 409 | 410 | 412 | 413 | 415 | 500;
  title: string;
}

/** Every kind of error answer, by the last part of its `type` URI. */
export const PROBLEM_KINDS = {
  validation: { status: 400, title: "The request is not valid" },
  malformed: { status: 400, title: "The body is not JSON" },
  unauthorized: { status: 401, title: "A token is needed" },
  forbidden: { status: 403, title: "The token's scope does not allow this" },
  "not-found": { status: 404, title: "There is no such thing" },
  "method-not-allowed": { status: 405, title: "The method is not allowed here" },
  conflict: { status: 409, title: "This conflicts with what is there" },
  capacity: { status: 409, title: "The capacity is used up" },
  expired: { status: 410, title: "It has expired" },
  precondition: { status: 412, title: "The precondition does not hold" },
  "too-large": { status: 413, title: "The body is too large" },
  "media-type": { status: 415, title: "The content type is not supported" },
  internal: { status: 500, title: "A defect in Parallax" },
  // A client that finds no slot free waits for a lease to run out.
  busy: { status: 503, title: "Too much is asked for at once", retryAfterMs: 5_000 },
  // An object that has ended is there again at the next call.
  unavailable: { status: 503, title: "The aggregator did not answer", retryAfterMs: 1_000 },
  // This takes a new deployment.
  misconfigured: { status: 503, title: "The deployment is misconfigured", retryAfterMs: 60_000 },
} as const satisfies Record<string, Ours | Theirs>;
type Kind = keyof typeof PROBLEM_KINDS;

const MAX_ERRORS = 20;
const MAX_TEXT = 300;

const cut = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text);

/** Whole seconds, and one at least (RFC 9110, 10.2.3). */
const retryAfter = (ms: number): Record<string, string> => ({
  "Retry-After": String(Math.max(1, Math.ceil(ms / 1_000))),
});

/** What handlers throw and `app.onError` turns into one problem answer. */
export class ApiError extends Error {
  readonly kind: Kind;
  readonly errors: FieldError[];
  readonly headers: Record<string, string>;

  constructor(kind: Kind, detail: string, errors: FieldError[] = [], headers: Record<string, string> = {}) {
    super(detail);
    this.name = "ApiError";
    this.kind = kind;
    this.errors = errors;
    this.headers = headers;
  }

  /** True where the trouble is ours and not the caller's. */
  get ours(): boolean {
    return PROBLEM_KINDS[this.kind].status >= 500;
  }

  toProblem(): Problem {
    const { status, title } = PROBLEM_KINDS[this.kind];
    return {
      type: `urn:parallax:problem:${this.kind}`,
      title,
      status,
      detail: cut(this.message),
      errors: this.errors
        .slice(0, MAX_ERRORS)
        .map(({ path, message }) => ({ path: cut(path), message: cut(message) })),
    };
  }

  toResponse(): Response {
    const problem = this.toProblem();
    const kind: Ours | Theirs = PROBLEM_KINDS[this.kind];
    return new Response(ended(JSON.stringify(problem)), {
      status: problem.status,
      headers: {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        ...("retryAfterMs" in kind ? retryAfter(kind.retryAfterMs) : {}),
        ...this.headers,
      },
    });
  }
}

/** 409 to a request for the leader, or to lead, with the current leader or null. */
export class NotLeading extends ApiError {
  readonly leader: LeaderAnswer | null;

  constructor(detail: string, leader: LeaderAnswer | null) {
    super("conflict", detail);
    this.leader = leader;
  }

  override toProblem(): Problem {
    return { ...super.toProblem(), leader: this.leader };
  }
}

/** 400 with the fields at fault. The detail repeats the first, for clients that read only the detail. */
export const invalid = (errors: FieldError[]): ApiError => {
  const [first] = errors;
  const detail = first === undefined ? "" : `${first.path === "" ? "the body" : first.path} ${first.message}`;
  return new ApiError("validation", detail, errors);
};

/** An object's refusal as an error answer. */
const refusalError = ({ reason, detail, path, retryAfterMs }: Refusal): ApiError =>
  reason === "invalid"
    ? new ApiError("validation", detail, [{ path, message: detail }])
    : new ApiError(
        reason,
        detail,
        path === "" ? [] : [{ path, message: detail }],
        retryAfterMs === undefined ? {} : retryAfter(retryAfterMs),
      );

/** The value of a result; a refusal is thrown as its problem. */
export const valueOf = <T>(result: Result<T>): T => {
  if (result.ok) return result.value;
  throw refusalError(result.refusal);
};

/** Anything thrown, as an error answer. The caller sees only what the framework or we foresaw. */
export const toApiError = (error: unknown): ApiError => {
  if (error instanceof ApiError) return error;
  if (error instanceof HTTPException) {
    if (error.status === 400) return new ApiError("malformed", "the body must be JSON text in UTF-8");
    if (error.status === 415) return mediaTypeError(["application/json"]);
  }
  warn("api.defect", { reason: reasonOf(error) });
  return new ApiError("internal", "this is not the caller's fault; the log has the reason");
};

export const mediaTypeError = (types: readonly string[], headers: Record<string, string> = {}): ApiError =>
  new ApiError("media-type", `send the body with Content-Type: ${types.join(" or ")}`, [], headers);
