/** Makes texts from elsewhere fit for a message: what a node says must neither break the message nor act in it. */

/** Control characters, and those that turn the direction of a text or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** The visible characters, on one line. Half a surrogate pair is no character and becomes the replacement character. */
export const clean = (text: string): string => text.toWellFormed().replaceAll(UNSEEN, " ").trim();

/** Returns the escaped form of a character; `before`: the character before it, empty at the beginning. */
type Escape = (character: string, before: string) => string;

const ELLIPSIS = "…";

/**
 * A text, cleaned and escaped, of at most `max` UTF-16 units. Every service counts those units or fewer. The text is never cut within a
 * character or an escape.
 */
export const cutText = (text: string, max: number, escape: Escape = (character) => character): string => {
  let [whole, fitting, before] = ["", "", ""];
  for (const character of clean(text)) {
    whole += escape(character, before);
    before = character;
    if (whole.length > max) return `${fitting}${ELLIPSIS}`;
    if (whole.length <= max - ELLIPSIS.length) fitting = whole;
  }
  return whole;
};

/** Put after an `@` (or a `<`), so that no service takes the next word for a mention. */
const BREAK = "\u{200b}";

/**
 * Breaks mentions and Slack's commands (`<!channel>`, `<url|text>`), which Mattermost and Rocket.Chat understand too, where the receiver is
 * not known: an escape would be shown as it is by one that knows none.
 */
export const forAnyone = (character: string): string =>
  character === "@" || character === "<" ? `${character}${BREAK}` : character;

/** Escapes Slack's three special characters (https://docs.slack.dev/messaging/formatting-message-text#escaping) and its mentions. */
export const forSlack = (character: string): string => {
  const escaped: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": `@${BREAK}` };
  return escaped[character] ?? character;
};

/**
 * Escapes Markdown as Discord reads it (https://discord.com/developers/docs/reference#message-formatting). As little as possible is
 * escaped, because notifications show the text as it is. A web address with an escaped slash is not a link any more.
 */
export const forDiscord: Escape = (character, before) => {
  if (character === "@") return `@${BREAK}`;
  const isMark = /[\\`*_~|<[\]]/.test(character) || (before === "" && /[#>-]/.test(character));
  return isMark || (character === "/" && before === ":") ? `\\${character}` : character;
};
