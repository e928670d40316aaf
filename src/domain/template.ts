/**
 * The template of a webhook: a JSON text whose strings contain `{{name}}` for values of the message. It is read as JSON first and filled
 * afterwards, so that no value, whatever it contains, can end a string or begin a field.
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** The values of a message, by their names in a template. If a string is a single placeholder, its value keeps its type. */
export interface TemplateValues {
  /** `begins`, `continues`, `over` or `told`. */
  state: string;
  /** `cause`, `group` or `test`. */
  kind: string;
  /** The same in each message about one cause. */
  id: string;
  about: string;
  title: string;
  sentence: string;
  severity: string;
  site: string;
  target: string;
  verdict: string;
  at: string;
  since: string;
  automation: string;
  drill: string;
  link: string;
  failover: boolean;
  count: number;
  targets: string[];
}

/** Characters of a template: some ten times what a chat's body needs. */
export const TEMPLATE_MAX = 8_192;
/** How deep lists and objects may be nested. */
const DEPTH_MAX = 32;
/** The largest filled template, in bytes: what most receivers take. */
export const FILLED_MAX_BYTES = 262_144;
/** The most characters of a text, and the most targets, that are put into a template. */
export const TEXT_MAX = 2_000;
export const TARGETS_MAX = 50;

const NAME_MAX = 63;
const LONG = "\u{ffff}";

/** Values of the greatest length: each character takes three bytes, the most that one can. */
const LONGEST: TemplateValues = {
  state: "continues",
  kind: "cause",
  id: LONG.repeat(255),
  about: LONG.repeat(2 * NAME_MAX + 8),
  title: LONG.repeat(TEXT_MAX),
  sentence: LONG.repeat(TEXT_MAX),
  severity: "critical",
  site: LONG.repeat(NAME_MAX),
  target: LONG.repeat(NAME_MAX),
  verdict: "process_crashed",
  at: LONG.repeat(24),
  since: LONG.repeat(24),
  automation: LONG.repeat(TEXT_MAX),
  drill: LONG.repeat(NAME_MAX),
  link: LONG.repeat(TEXT_MAX),
  failover: false,
  count: Number.MIN_SAFE_INTEGER,
  targets: Array.from({ length: TARGETS_MAX }, () => LONG.repeat(NAME_MAX)),
};

const NAMES: readonly string[] = Object.keys(LONGEST);
const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;

type Value = TemplateValues[keyof TemplateValues];

/** The value with this name; an unknown name gives undefined. */
const valueOf = (values: TemplateValues, name: string): Value | undefined => {
  const key = name.trim();
  return Object.hasOwn(values, key) ? values[key as keyof TemplateValues] : undefined;
};

const asText = (value: Value | undefined): string =>
  Array.isArray(value) ? value.join(", ") : String(value ?? "");

const filledText = (text: string, values: TemplateValues): Json => {
  const [whole] = text.matchAll(PLACEHOLDER);
  const alone = whole?.[0] === text ? valueOf(values, whole[1] ?? "") : undefined;
  return alone ?? text.replaceAll(PLACEHOLDER, (_, name: string) => asText(valueOf(values, name)));
};

const filledValue = (value: Json, values: TemplateValues): Json => {
  if (typeof value === "string") return filledText(value, values);
  if (Array.isArray(value)) return value.map((one) => filledValue(one, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, filledValue(one, values)]));
};

/** The template filled with values. The template has been checked by `templateProblem`. */
export const filledTemplate = (template: string, values: TemplateValues): string =>
  JSON.stringify(filledValue(JSON.parse(template) as Json, values));

/** The position of a character in a text, as an editor shows it. */
const placeIn = (text: string, index: number): string => {
  const lines = text.slice(0, index).split("\n");
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
};

const errorOf = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return String(error);
  }
};

/** Whether this part of a text cannot begin any JSON, whatever follows: the mistake is before its end. */
const isWrong = (text: string): boolean => {
  const error = errorOf(text);
  if (error === undefined || error.includes("end of JSON input")) return false;
  return Number(/at position (\d+)/.exec(error)?.[1] ?? -1) !== text.length;
};

/** The length of the shortest wrong beginning: the engine's own message mostly names no place. */
const wrongFrom = (text: string): number => {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (isWrong(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return wrong;
};

/** The sentence about a text that is not JSON. */
const brokenSentence = (template: string): string => {
  const rule = 'must be JSON, with placeholders inside its strings alone, as {"text": "{{title}}"}';
  return isWrong(template)
    ? `${rule}: it is not at ${placeIn(template, wrongFrom(template) - 1)}`
    : `${rule}: it ends too soon, at ${placeIn(template, template.length)}`;
};

/** How deep lists and objects are nested, counted no further than allowed. */
const depthOf = (value: Json, above = 0): number => {
  if (typeof value !== "object" || value === null || above > DEPTH_MAX) return above;
  return Math.max(above + 1, ...Object.values(value).map((one) => depthOf(one, above + 1)));
};

/** A string of a template, where it begins, and whether it is the name of a field. */
interface Piece {
  text: string;
  raw: string;
  index: number;
  isName: boolean;
}

const piecesIn = (template: string): Piece[] =>
  [...template.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/g)].map(([, raw = "", colon], at, all) => ({
    text: JSON.parse(raw) as string,
    raw,
    index: all[at]?.index ?? 0,
    isName: colon !== undefined,
  }));

const isKnown = (name: string): boolean => NAMES.includes(name.trim());

/** A placeholder, or one that lacks a brace. Other braces are text. */
const MEANT = new RegExp(
  `${PLACEHOLDER.source}|\\{\\{(?!\\{)[^{}]*\\}?|\\{\\s*(?:${NAMES.join("|")})\\s*\\}\\}`,
  "g",
);

/** What is wrong with a placeholder as it was written; undefined if nothing is. */
const flawOf = (written: string, isName: boolean): string | undefined => {
  if (isName) return "must not stand in the name of a field: put it into a value";
  if (!written.startsWith("{{") || !written.endsWith("}}"))
    return "lacks a brace: a placeholder begins with {{ and ends with }}, as {{title}}";
  return isKnown(written.slice(2, -2)) ? undefined : `is not known: there are ${NAMES.join(", ")}`;
};

/** The first placeholder that means nothing, and where it is; undefined if each means something. */
const meaninglessIn = (template: string): string | undefined => {
  for (const { text, raw, index, isName } of piecesIn(template))
    for (const { 0: written, index: offset } of text.matchAll(MEANT)) {
      const flaw = flawOf(written, isName);
      if (flaw === undefined) continue;
      // In a string with escapes the characters stand elsewhere, and the string's own place is named.
      const at = raw === `"${text}"` ? index + 1 + offset : index;
      return `${written.slice(0, NAME_MAX)} at ${placeIn(template, at)} ${flaw}`;
    }
  return undefined;
};

/** One sentence about what is wrong with a template and what would be right; undefined if nothing is wrong. */
export const templateProblem = (template: string): string | undefined => {
  if (errorOf(template) !== undefined) return brokenSentence(template);
  const parsed = JSON.parse(template) as Json;
  if (typeof parsed !== "object" || parsed === null) return "must be a JSON object or list";
  if (depthOf(parsed) > DEPTH_MAX) return `must have at most ${DEPTH_MAX} lists and objects in one another`;
  const meaningless = meaninglessIn(template);
  if (meaningless !== undefined) return meaningless;
  const { length } = new TextEncoder().encode(filledTemplate(template, LONGEST));
  return length <= FILLED_MAX_BYTES
    ? undefined
    : `would make up to ${length} bytes of the longest sentences, and ${FILLED_MAX_BYTES} are allowed: use fewer placeholders`;
};
