/**
 * The template of a webhook: a JSON text in whose strings `{{name}}` stands for what is told. It is read as JSON first and filled
 * afterwards, so that no value, whatever is in it, can end a string or begin a field.
 */

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

/** What is told, by the name it has in a template. Where a string is one placeholder and nothing else, its value keeps its type. */
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

/** Characters of a template: some ten times of what a chat's body needs. */
export const TEMPLATE_MAX = 8_192;
/** Lists and objects in one another. */
const DEPTH_MAX = 32;
/** Of what it is filled to, at most, in bytes: what most receivers take. */
export const FILLED_MAX_BYTES = 262_144;
/** Characters of a text, and targets, that are put into a template. */
export const TEXT_MAX = 2_000;
export const TARGETS_MAX = 50;

const NAME_MAX = 63;
const LONG = "\u{ffff}";

/** Values as long as they can be: each character takes three bytes, as many as one can. */
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

/** The value with this name; a word that is no name stands for nothing. */
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

/** The body that a template makes of values. The template has been checked by `templateProblem`. */
export const filledTemplate = (template: string, values: TemplateValues): string =>
  JSON.stringify(filledValue(JSON.parse(template) as Json, values));

/** Where a character of a text stands, as an editor shows it. */
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

/** Whether so much of a text can be the beginning of no JSON, whatever follows: it is wrong before its end. */
const isWrong = (text: string): boolean => {
  const error = errorOf(text);
  if (error === undefined || error.includes("end of JSON input")) return false;
  return Number(/at position (\d+)/.exec(error)?.[1] ?? -1) !== text.length;
};

/** The length of the shortest beginning that is wrong: the engine's own sentence mostly tells no place. */
const wrongFrom = (text: string): number => {
  let [right, wrong] = [0, text.length];
  while (wrong - right > 1) {
    const middle = Math.floor((right + wrong) / 2);
    if (isWrong(text.slice(0, middle))) wrong = middle;
    else right = middle;
  }
  return wrong;
};

/** The sentence about a text that is no JSON. */
const brokenSentence = (template: string): string => {
  const rule = 'must be JSON, with placeholders inside its strings alone, as {"text": "{{title}}"}';
  return isWrong(template)
    ? `${rule}: it is not at ${placeIn(template, wrongFrom(template) - 1)}`
    : `${rule}: it ends too soon`;
};

/** Lists and objects in one another, counted no further than is allowed. */
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

/** Which placeholder means nothing, and where it stands; undefined where each has a meaning. */
const unknownIn = (template: string, parsed: Json): string | undefined => {
  const isKnown = (name = ""): boolean => NAMES.includes(name.trim());
  const found = [...template.matchAll(PLACEHOLDER)].find(([, name]) => !isKnown(name));
  const known = `there are ${NAMES.join(", ")}`;
  if (found !== undefined) return `${found[0]} at ${placeIn(template, found.index)} is not known: ${known}`;
  // Written with escapes of JSON it is to be seen only once it is read.
  const escaped = stringsIn(parsed)
    .flatMap((text) => [...text.matchAll(PLACEHOLDER)])
    .find(([, name]) => !isKnown(name));
  return escaped && `${escaped[0]} is not known: ${known}`;
};

/** One sentence about what is wrong with a template and what would be right; undefined where nothing is. */
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
