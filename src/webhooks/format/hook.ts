import type { Webhook } from "../../domain/webhook.ts";
import type { Note } from "./note.ts";
import { cutText } from "./text.ts";

/** The longest id that PagerDuty takes. An id made of names has 220 characters at most. */
const ID_MAX = 255;

/** The fields of a webhook that a format may need. */
export type Hook = Pick<Webhook, "id" | "url" | "page" | "routingKey" | "template" | "createdAt">;

/** The URL and body of one request. */
export interface Rendered {
  url: string;
  body: string;
}

export interface Format {
  render: (note: Note, hook: Hook) => Rendered;
  /** Whether its receiver verifies signatures. */
  isSigned: boolean;
  /** Whether a client error means that the service will never take the message, and its answer says why. */
  isFinal: boolean;
}

/**
 * The link to the page about the note's subject, as the page was at that instant. The past is kept of targets alone, so a note about a
 * group links to the page of now.
 */
export const pageLink = ({ kind, site, target, at }: Note, { page = "" }: Pick<Hook, "page">): string => {
  const query = new URLSearchParams();
  if (site !== null) query.set("site", site);
  if (site !== null && target !== null) query.set("target", target);
  if (kind === "cause") query.set("at", at);
  return query.size === 0 ? `${page}/` : `${page}/?${query.toString()}`;
};

/**
 * The same id for each message about one cause, and another for each webhook that was ever made, so that two detectors may write to one
 * service. The id does not contain when the cause began: if the message that one trouble is over gets lost, the end of the next trouble
 * ends both.
 */
export const causeId = ({ kind, about }: Note, { id, createdAt }: Pick<Hook, "id" | "createdAt">): string =>
  cutText(`parallax/${id}/${createdAt.toString(36)}/${kind === "cause" ? "" : `${kind}:`}${about}`, ID_MAX);
