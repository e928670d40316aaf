/** A body in the words of the webhook's own template. */
import { filledTemplate, TARGETS_MAX, TEXT_MAX, type TemplateValues } from "../../domain/template.ts";
import type { Note } from "./note.ts";
import { causeId, pageLink, type Format, type Hook } from "./hook.ts";
import { cutText, forAnyone } from "./text.ts";

const valuesOf = (note: Note, hook: Hook): TemplateValues => ({
  state: note.state,
  kind: note.kind,
  id: causeId(note, hook),
  about: note.about,
  title: cutText(note.title, TEXT_MAX, forAnyone),
  sentence: cutText(note.sentence, TEXT_MAX, forAnyone),
  severity: note.severity,
  site: note.site ?? "",
  target: note.target ?? "",
  verdict: note.verdict ?? "",
  at: note.at,
  since: note.since ?? "",
  automation: cutText(note.automation, TEXT_MAX, forAnyone),
  drill: note.drill ?? "",
  link: pageLink(note, hook),
  failover: note.failover,
  count: note.count,
  targets: note.targets.slice(0, TARGETS_MAX),
});

export const genericTemplate: Format = {
  render: (note, hook) => ({
    url: hook.url,
    body: filledTemplate(hook.template ?? "{}", valuesOf(note, hook)),
  }),
  isSigned: true,
  isFinal: false,
};
