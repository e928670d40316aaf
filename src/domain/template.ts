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
    : `${rule}: it ends too soon`;
};

/** How deep lists and objects are nested, counted no further than allowed. */
const depthOf = (value: Json, above = 0): number => {
  if (typeof value !== "object" || value === null || above > DEPTH_MAX) return above;
  return Math.max(above + 1, ...Object.values(value).map((one) => depthOf(one, above + 1)));
};

const stringsIn = (value: Json): string[] => {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(stringsIn) : [];
};

const fieldsIn = (value: Json): string[] => {
  if (typeof value !== "object" || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(fieldsIn)];
};

/** The first unknown placeholder, and where it is; undefined if all are known. */
const unknownIn = (template: string, parsed: Json): string | undefined => {
  const isKnown = (name = ""): boolean => NAMES.includes(name.trim());
  const found = [...template.matchAll(PLACEHOLDER)].find(([, name]) => !isKnown(name));
  const known = `there are ${NAMES.join(", ")}`;
  if (found !== undefined) return `${found[0]} at ${placeIn(template, found.index)} is not known: ${known}`;
  // A placeholder written with JSON escapes can be seen only in the parsed text.
  const escaped = stringsIn(parsed)
    .flatMap((text) => [...text.matchAll(PLACEHOLDER)])
    .find(([, name]) => !isKnown(name));
  return escaped && `${escaped[0]} is not known: ${known}`;
};

/** One sentence about what is wrong with a template and what would be right; undefined if nothing is wrong. */
export const templateProblem = (template: string): string | undefined => {
  if (errorOf(template) !== undefined) return brokenSentence(template);
  const parsed = JSON.parse(template) as Json;
  if (typeof parsed !== "object" || parsed === null) return "must be a JSON object or list";
  if (depthOf(parsed) > DEPTH_MAX) return `must have at most ${DEPTH_MAX} lists and objects in one another`;
  const field = fieldsIn(parsed).find((name) => name.includes("{{"));
  if (field !== undefined)
    return `must have no placeholder in the name of a field, as in ${JSON.stringify(field)}`;
  const unknown = unknownIn(template, parsed);
  if (unknown !== undefined) return unknown;
  const { length } = new TextEncoder().encode(filledTemplate(template, LONGEST));
  return length <= FILLED_MAX_BYTES
    ? undefined
    : `would make up to ${length} bytes of the longest sentences, and ${FILLED_MAX_BYTES} are allowed: use fewer placeholders`;
};
