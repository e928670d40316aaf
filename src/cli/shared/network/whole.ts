import type { AnswerHeaders } from "../../../client/called.ts";

/** An answer that ends with its connection cannot be known to be whole. */
export const tellsItsEnd = (headers: AnswerHeaders | undefined): boolean =>
  headers?.has("Content-Length") === true || headers?.has("Transfer-Encoding") === true;

/** Why an answer without a mark of its end counts for nothing. */
export const CUT_OFF = "the answer does not tell where it ends: it may be cut off";
