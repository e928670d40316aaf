import type { WebhookFormat } from "../../domain/webhook.ts";
import { discord } from "./discord.ts";
import { genericTemplate } from "./generic-template.ts";
import type { Format, Hook, Rendered } from "./hook.ts";
import { cleaned, type Note } from "./note.ts";
import { pagerduty } from "./pagerduty.ts";
import { slack } from "./slack.ts";

export type NoteFormat = Exclude<WebhookFormat, "standard">;

/** How the body of each format is made, except `standard`, whose body is the message itself. */
export const FORMATS: Readonly<Record<NoteFormat, Format>> = {
  slack,
  pagerduty,
  discord,
  "generic-template": genericTemplate,
};

/** A note in the form that this webhook's receiver takes. */
export const rendered = (format: NoteFormat, note: Note, hook: Hook): Rendered =>
  FORMATS[format].render(cleaned(note), hook);
