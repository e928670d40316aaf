import type { AnswerHeaders } from "../../../client/called.ts";

/** Whether an answer marks its end. One that ends with its connection may be cut off. */
export const tellsItsEnd = (headers: AnswerHeaders | undefined): boolean =>
  headers?.has("Content-Length") === true || headers?.has("Transfer-Encoding") === true;

/** Why an answer without a mark of its end does not count. */
export const CUT_OFF = "the answer does not say where it ends: it may be cut off";
