/** Texts that come from elsewhere, made fit for a message: what a node says must neither break it nor act in it. */

/** Control characters, and those that turn the direction of a text or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** One line of what can be seen. A half of a surrogate pair, which is no character, becomes the sign for that. */
export const clean = (text: string): string => text.toWellFormed().replaceAll(UNSEEN, " ").trim();

/** What stands for a character; `before`: the one before it, empty at the beginning. */
type Escape = (character: string, before: string) => string;

const ELLIPSIS = "…";

/**
 * A text, cleaned and escaped, of at most `max` UTF-16 units: what every service counts, or more than it does. Never cut within a
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

/** After an `@`, so that no service takes what follows for somebody to be called. */
const BREAK = "\u{200b}";

/** Slack's three characters (https://docs.slack.dev/messaging/formatting-message-text#escaping), and its calls. */
export const forSlack = (character: string): string => {
  const escaped: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "@": `@${BREAK}` };
  return escaped[character] ?? character;
};

/**
 * Markdown as Discord reads it (https://discord.com/developers/docs/reference#message-formatting): as little as must be is escaped, since
 * notifications show the text as it is. An address of the web is one no more without its slashes.
 */
export const forDiscord: Escape = (character, before) => {
  if (character === "@") return `@${BREAK}`;
  const isMark = /[\\`*_~|<[\]]/.test(character) || (before === "" && /[#>-]/.test(character));
  return isMark || (character === "/" && before === ":") ? `\\${character}` : character;
};
