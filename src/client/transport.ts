import { chunksOf, textOf } from "./bounded-body.ts";
import type { AnswerHeaders } from "./called.ts";

/** A request as it is sent. */
export interface Outgoing {
  method: string;
  headers: Record<string, string>;
  body?: string;
  /** Ends the request, whether or not the answer has begun. */
  signal: AbortSignal;
}

/** An answer whose body is still to be read. */
export interface IncomingAnswer {
  status: number;
  statusText: string;
  headers: AnswerHeaders;
  /** The body up to about `maxBytes`; the rest is not waited for. Rejects where the body breaks off. */
  read: (maxBytes: number) => Promise<{ text: string; isWhole: boolean }>;
}

/** Carries a request there and its answer back. Rejects for a redirect, and where no answer comes, with the reason in `cause`. */
export type Transport = (url: string, request: Outgoing) => Promise<IncomingAnswer>;

export const byFetch: Transport = async (url, request) =>
  incomingOf(await fetch(url, { ...request, redirect: "error" }));

export const incomingOf = (response: Response): IncomingAnswer => {
  const { status, statusText, headers } = response;
  return { status, statusText, headers, read: (maxBytes) => textOf(chunksOf(response), maxBytes) };
};
