/**
 * The body of a Slack incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. Limits of blocks:
 * https://docs.slack.dev/reference/block-kit/blocks.
 */
import type { Note } from "./note.ts";
import { pageLink, type Format, type Hook } from "./hook.ts";
import { cutText, forSlack } from "./text.ts";

const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const FIELD_MAX = 2_000;
/** Room for the name of a field: no name is longer. */
const FIELD_NAME_MAX = 40;

/** Verbatim: Slack makes no link and no mention of anything in the text. */
const mrkdwn = (text: string) => ({ type: "mrkdwn", text, verbatim: true });

const section = (text: string) => ({ type: "section", text: mrkdwn(text) });

const field = (name: string, text: string) =>
  mrkdwn(`*${name}*\n${cutText(text, FIELD_MAX - FIELD_NAME_MAX, forSlack)}`);

const fieldsOf = ({ since, automation, verdict, at, state }: Note) => [
  ...(since === null ? [] : [field("Since", since)]),
  ...(state === "over" ? [field("Until", at)] : []),
  ...(verdict === null ? [] : [field("Verdict", verdict)]),
  ...(automation === "" ? [] : [field("Automation was told", automation)]),
];

const bodyOf = (note: Note, hook: Hook): object => {
  const { title, sentence, targets, count } = note;
  const fields = fieldsOf(note);
  const names = targets.length < count ? [...targets, `and ${count - targets.length} more`] : targets;
  const link = pageLink(note, hook).replaceAll("&", "&amp;");
  return {
    text: cutText(title, SECTION_MAX, forSlack),
    blocks: [
      {
        type: "header",
        text: { type: "plain_text", text: cutText(title, HEADER_MAX, forSlack), emoji: false },
      },
      ...(sentence === "" ? [] : [section(cutText(sentence, SECTION_MAX, forSlack))]),
      ...(fields.length === 0 ? [] : [{ type: "section", fields }]),
      ...(names.length === 0 ? [] : [section(cutText(names.join(", "), SECTION_MAX, forSlack))]),
      { type: "context", elements: [mrkdwn(`<${link}|The page at that instant>`)] },
    ],
  };
};

export const slack: Format = {
  render: (note, hook) => ({ url: hook.url, body: JSON.stringify(bodyOf(note, hook)) }),
  isSigned: false,
  isFinal: true,
};
