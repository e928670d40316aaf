/**
 * Codes that a person may have to read out or type: Crockford's base 32 (https://www.crockford.com/base32.html), which takes i and l for 1
 * and o for 0. His check symbols are characters that a shell interprets, so two ordinary characters are used instead: the characters before
 * them, read as one number, modulo a prime below 32². That detects any one wrong character, any two neighbours that changed places, and all
 * but one in a thousand of other mistakes.
 */

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const FOREIGN = new RegExp(`[^${ALPHABET}]`);
const BASE = ALPHABET.length;
/** The greatest prime below 32². The largest step, 31 times 31, as when two neighbours change places, must stay below it. */
const CHECK_MODULUS = 1_021;
const CHECK_CHARACTERS = 2;

/** The length of a code, how many of its first characters name the join, and the size of its groups, for readability. */
export const CODE_CHARACTERS = 28;
export const NAME_CHARACTERS = 7;
const GROUP_CHARACTERS = 7;
/** All characters but the check. */
export const BODY_CHARACTERS = CODE_CHARACTERS - CHECK_CHARACTERS;

const CODE_RULE = `must be a join code: ${CODE_CHARACTERS} letters and digits, as the detector gave it, with or without its dashes`;
const MISTYPED = "was mistyped: its last two characters do not fit the others. Look at it again, or copy it";

/** A character of the alphabet for each number, of which five bits count. */
export const charactersOf = (numbers: Iterable<number>): string =>
  [...numbers].map((number) => ALPHABET[number % BASE]).join("");

/** By Horner's rule. */
const checkOf = (body: string): string => {
  let rest = 0;
  for (const character of body) rest = (rest * BASE + ALPHABET.indexOf(character)) % CHECK_MODULUS;
  return charactersOf([Math.floor(rest / BASE), rest]);
};

/** A body with its check, in groups. */
export const writtenCode = (body: string): string => {
  const whole = body + checkOf(body);
  return (whole.match(new RegExp(`.{${GROUP_CHARACTERS}}`, "g")) ?? []).join("-");
};

/** A code in the form in which its hash is kept, whichever way a person wrote it; or what is wrong with it. */
export const readCode = (text: string): { code: string } | { problem: string } => {
  const code = text
    .trim()
    .toUpperCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  if (code.length !== CODE_CHARACTERS || FOREIGN.test(code)) return { problem: CODE_RULE };
  const body = code.slice(0, BODY_CHARACTERS);
  return checkOf(body) === code.slice(BODY_CHARACTERS) ? { code } : { problem: MISTYPED };
};

/** The id of the join that a code belongs to: the code's beginning, which by itself gives no access. */
export const joinOf = (code: string): string => `j-${code.slice(0, NAME_CHARACTERS).toLowerCase()}`;
