/** The sentences about values that a schema rejects, in place of the library's own: each says what would be right. */
import { z } from "zod";

type Issue = z.core.$ZodRawIssue;
type Of<Code extends Issue["code"]> = Extract<Issue, { code: Code }>;

const KINDS: Readonly<Record<string, string>> = {
  string: "a text",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
  record: "an object",
  null: "null",
};

const kindOf = (expected: string): string => KINDS[expected] ?? `of type ${expected}`;

const listed = (values: readonly unknown[]): string =>
  values.map((value) => JSON.stringify(value)).join(", ");

const ofType = ({ expected, input }: Of<"invalid_type">): string => {
  if (expected === "never") return "is not taken here: leave it out";
  return `${input === undefined ? "is required:" : "must be"} ${kindOf(expected)}`;
};

const ofValue = ({ values, input }: Of<"invalid_value">): string => {
  const right = values.length === 1 ? listed(values) : `one of ${listed(values)}`;
  return `${input === undefined ? "is required:" : "must be"} ${right}`;
};

/** The unit in which values of this type are counted; undefined if a value is its own size. */
const UNITS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  string: ["character", "characters"],
  array: ["item", "items"],
};

const bounded = (origin: string, bound: string, limit: number | bigint): string => {
  const units = UNITS[origin];
  if (units === undefined) return `must be ${bound} ${limit}`;
  return `must have ${bound} ${limit} ${units[Number(limit) === 1 ? 0 : 1]}`;
};

const ofSmall = ({ origin, minimum, inclusive, exact }: Of<"too_small">): string => {
  if (exact === true) return bounded(origin, "exactly", minimum);
  return bounded(origin, inclusive === false ? "more than" : "at least", minimum);
};

const ofBig = ({ origin, maximum, inclusive, exact }: Of<"too_big">): string => {
  if (exact === true) return bounded(origin, "exactly", maximum);
  return bounded(origin, inclusive === false ? "less than" : "at most", maximum);
};

const ofFormat = ({ format, pattern }: Of<"invalid_format">): string => {
  if (format === "datetime")
    return "must be an instant in UTC with milliseconds, as 2026-11-28T06:00:00.000Z";
  return format === "regex" && pattern !== undefined
    ? `must match ${pattern}`
    : `must be a text of form ${format}`;
};

const BEGINNINGS = ["must be ", "is required: "];

/** What each of the branches would accept, as one sentence. */
const alternatives = (sentences: readonly string[]): string => {
  const distinct = [...new Set(sentences)];
  const shared = BEGINNINGS.find((begin) => distinct.every((sentence) => sentence.startsWith(begin)));
  if (shared === undefined) return distinct.join("; or: ");
  return shared + distinct.map((sentence) => sentence.slice(shared.length)).join(", or ");
};

const ofUnion = ({ errors, ...issue }: Of<"invalid_union">): string => {
  const options: unknown = "options" in issue ? issue.options : undefined;
  if (Array.isArray(options)) return `must be one of ${listed(options)}`;
  return alternatives(errors.flatMap((branch) => branch.map(({ message }) => message)));
};

const UNKNOWN = "is not as it must be: /openapi.json and /docs have what is taken";

const sentenceFor = (issue: Issue): string => {
  switch (issue.code) {
    case "invalid_type":
      return ofType(issue);
    case "invalid_value":
      return ofValue(issue);
    case "too_small":
      return ofSmall(issue);
    case "too_big":
      return ofBig(issue);
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return ofFormat(issue);
    case "unrecognized_keys":
      return `must not have ${listed(issue.keys)}`;
    case "invalid_key":
      return alternatives(issue.issues.map(({ message }) => message));
    case "invalid_union":
      return ofUnion(issue);
    default:
      return UNKNOWN;
  }
};

/** From now on every schema without a sentence of its own uses one of ours. */
export const speakPlainly = (): void => {
  z.config({ localeError: sentenceFor });
};
