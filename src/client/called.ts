/** The result of a call. `refused`: the detector answered, with this status; `failed`: there was no answer that could be read. */
export type Called<T> = Ok<T> | Refused | Failed;

/** The part of `Headers` that is used of an answer. */
export type AnswerHeaders = Pick<Headers, "get" | "has">;

interface Ok<T> {
  kind: "ok";
  value: T;
  /** As sent: `ETag`, `Date`, `Age`. Absent where a fake of a test answered. */
  headers?: AnswerHeaders;
}
export interface Refused {
  kind: "refused";
  status: number;
  detail: string;
  /** Of the detector's own problem document; absent where anything else answered in its place, such as a proxy. */
  problem?: AnsweredProblem;
}
export interface AnsweredProblem {
  /** The last part of its type: `not-found`. */
  kind: string;
  /** The fields of the request that it is about. */
  fields: string[];
}
export interface Failed {
  kind: "failed";
  detail: string;
}

export const failed = (detail: string): Failed => ({ kind: "failed", detail });

/** The call with its value changed, or the failure as it is. */
export const mapped = <T, U>(called: Called<T>, change: (value: T) => U): Called<U> =>
  called.kind === "ok" ? { ...called, value: change(called.value) } : called;
