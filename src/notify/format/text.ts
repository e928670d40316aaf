/** Texts that come from elsewhere, made fit for a message: what a node says must neither break it nor act in it. */

/** Control characters, and those that turn the direction of a text or cannot be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\s]+/gu;

/** One line of what can be seen. A half of a surrogate pair, which is no character, becomes the sign for that. */
export const clean = (text: string): string => text.toWellFormed().replaceAll(UNSEEN, " ").trim();

const ELLIPSIS = "…";

/**
 * A text, cleaned and escaped, of at most `max` UTF-16 units: what every service counts, or more than it does. Never cut within a
 * character or an escape.
 */
export const cut = (text: string, max: number, escape = (character: string): string => character): string => {
  let whole = "";
  let fitting = "";
  for (const character of clean(text)) {
    whole += escape(character);
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

/** Markdown as Discord reads it (https://discord.com/developers/docs/reference#message-formatting). */
export const forDiscord = (character: string): string => {
  if (character === "@") return `@${BREAK}`;
  return /[\\`*_~|<>[\]()#:-]/.test(character) ? `\\${character}` : character;
};
