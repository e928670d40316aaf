import type { Webhook } from "../../domain/webhook.ts";
import type { Note } from "./note.ts";
import { cutText } from "./text.ts";

/** As long as PagerDuty takes one. What is made of names has 220 at most. */
const ID_MAX = 255;

/** What of a webhook a format may need. */
export type Hook = Pick<Webhook, "id" | "url" | "page" | "routingKey" | "template" | "createdAt">;

/** One request's place and body. */
export interface Rendered {
  url: string;
  body: string;
}

export interface Format {
  render: (note: Note, hook: Hook) => Rendered;
  /** Whether its receiver verifies signatures. */
  isSigned: boolean;
  /** A client error is the service's last word on a message, and its answer says why. */
  isFinal: boolean;
}

/** The page as it was at that instant, of what the note is about. It is of targets alone: of a group, the page of now. */
export const pageLink = ({ kind, site, target, at }: Note, { page = "" }: Pick<Hook, "page">): string => {
  const query = new URLSearchParams();
  if (site !== null) query.set("site", site);
  if (site !== null && target !== null) query.set("target", target);
  if (kind === "cause") query.set("at", at);
  return query.size === 0 ? `${page}/` : `${page}/?${query.toString()}`;
};

/**
 * The same for each word about one cause, and another for each webhook that was ever made, so that two detectors may write to one
 * service. Nothing of when it began is in it: should the end of one trouble get lost, the end of the next ends both.
 */
export const causeId = ({ kind, about }: Note, { id, createdAt }: Pick<Hook, "id" | "createdAt">): string =>
  cutText(`parallax/${id}/${createdAt.toString(36)}/${kind === "cause" ? "" : `${kind}:`}${about}`, ID_MAX);
