import { chunksOf, textOf } from "./bounded-body.ts";
import type { AnswerHeaders } from "./called.ts";

/** A request as it is sent. */
export interface Outgoing {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends it, whether or not the answer has begun. */
  signal: AbortSignal;
}

/** An answer whose body is still to be read. */
export interface IncomingAnswer {
  status: number;
  statusText: string;
  headers: AnswerHeaders;
  /** The body up to about `maxBytes`, the rest of which is not waited for. Rejects where it breaks off. */
  read: (maxBytes: number) => Promise<{ text: string; isWhole: boolean }>;
}

/** How a request gets there and its answer back. No redirect is followed: one rejects. So does what never comes, with why in `cause`. */
export type Transport = (url: string, request: Outgoing) => Promise<IncomingAnswer>;

export const byFetch: Transport = async (url, request) =>
  incomingOf(await fetch(url, { ...request, redirect: "error" }));

export const incomingOf = (response: Response): IncomingAnswer => {
  const { status, statusText, headers } = response;
  return { status, statusText, headers, read: (maxBytes) => textOf(chunksOf(response), maxBytes) };
};
