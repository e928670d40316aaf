/**
 * The body with which a Discord webhook is executed: https://discord.com/developers/docs/resources/webhook#execute-webhook; limits of
 * embeds: https://discord.com/developers/docs/resources/message#embed-object-embed-limits. The limits below add up to less than 6,000.
 */
import type { Note, Severity } from "./note.ts";
import { pageLink, type Format, type Hook } from "./hook.ts";
import { cutText, forDiscord } from "./text.ts";

const CONTENT_MAX = 500;
const TITLE_MAX = 256;
const DESCRIPTION_MAX = 2_500;
const FIELD_MAX = 500;
const TARGETS_MAX = 1_024;

const COLOURS: Readonly<Record<Severity, number>> = {
  critical: 0xb3_26_1e,
  error: 0xd9_5b_00,
  warning: 0xc0_92_00,
  info: 0x3d_6e_a8,
};
const WELL = 0x2e_7d_32;

const field = (name: string, text: string, max = FIELD_MAX) => ({
  name,
  value: cutText(text, max, forDiscord),
  inline: max === FIELD_MAX,
});

const fieldsOf = ({ since, automation, verdict, state, at, targets, count }: Note) => [
  ...(since === null ? [] : [field("Since", since)]),
  ...(state === "over" ? [field("Until", at)] : []),
  ...(verdict === null ? [] : [field("Verdict", verdict)]),
  ...(automation === "" ? [] : [field("Automation was told", automation)]),
  ...(targets.length === 0
    ? []
    : [
        field(
          "Targets",
          [...targets, ...(count > targets.length ? [`and ${count - targets.length} more`] : [])].join(", "),
          TARGETS_MAX,
        ),
      ]),
];

const bodyOf = (note: Note, hook: Hook): object => ({
  content: cutText(note.title, CONTENT_MAX, forDiscord),
  embeds: [
    {
      title: cutText(note.title, TITLE_MAX, forDiscord),
      url: pageLink(note, hook),
      ...(note.sentence === "" ? {} : { description: cutText(note.sentence, DESCRIPTION_MAX, forDiscord) }),
      color: note.state === "over" ? WELL : COLOURS[note.severity],
      timestamp: note.at,
      fields: fieldsOf(note),
    },
  ],
  allowed_mentions: { parse: [] },
});

export const discord: Format = {
  render: (note, hook) => ({ url: hook.url, body: JSON.stringify(bodyOf(note, hook)) }),
  isSigned: false,
  isFinal: true,
};
