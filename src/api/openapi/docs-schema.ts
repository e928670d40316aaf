/** Schemas as text and lists, for `/docs`. */
import { html } from "hono/html";
import { componentOf, type JsonSchema } from "./specification.ts";

export type Html = ReturnType<typeof html>;

/** Text with `code` in backticks, all of it escaped. */
export const prose = (text: string): Html[] =>
  text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));

const link = (name: string): Html => html`<a href="#schema-${name}">${name}</a>`;

const joined = (parts: Html[], by: string): Html =>
  html`${parts.map((part, index) => (index === 0 ? part : html`${by}${part}`))}`;

const literal = (value: unknown): Html => html`<code>${JSON.stringify(value)}</code>`;

const typesOf = ({ type }: JsonSchema): string[] => (type === undefined ? [] : [type].flat());

/** The type of a value in a few words. `propertiesOf` shows objects with properties. */
export const typeOf = (schema: JsonSchema): Html => {
  const name = componentOf(schema);
  if (name !== undefined) return link(name);
  if (schema.const !== undefined) return literal(schema.const);
  if (schema.enum !== undefined) return joined(schema.enum.map(literal), " | ");
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return joined(branches.map(typeOf), " or ");
  if (schema.allOf !== undefined) return joined(schema.allOf.map(typeOf), " and ");
  if (schema.items !== undefined) return html`list of ${typeOf(schema.items)}`;
  if (typeof schema.additionalProperties === "object")
    return html`map of ${typeOf(schema.additionalProperties)}`;
  return html`${typesOf(schema).join(" or ") || "anything"}`;
};

const between = (least: number | undefined, most: number | undefined, what: string): string => {
  if (least === undefined && most === undefined) return "";
  if (least === undefined) return `at most ${most}${what}`;
  return most === undefined ? `at least ${least}${what}` : `${least} to ${most}${what}`;
};

/** Bounds, form and default, as they are validated. */
export const boundsOf = (schema: JsonSchema): string =>
  [
    between(schema.minimum, schema.maximum, ""),
    between(schema.minLength, schema.maxLength, " characters"),
    between(schema.minItems, schema.maxItems, " items"),
    schema.format ?? "",
    schema.pattern === undefined ? "" : `matches ${schema.pattern}`,
    schema.default === undefined ? "" : `default ${JSON.stringify(schema.default)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");

/** One name with its type, bounds and description. */
export const entry = (name: string, isRequired: boolean, schema: JsonSchema, description = ""): Html => html`
  <dt><code>${name}</code> ${typeOf(schema)}${isRequired ? html` <strong>required</strong>` : ""}</dt>
  <dd>${prose(description || (schema.description ?? ""))} <span class="soft">${boundsOf(schema)}</span></dd>
  ${within(schema)}
`;

/** The properties of the objects in a value: in itself, its items, its branches. */
const within = (schema: JsonSchema): Html | "" => {
  const parts = [schema, schema.items, ...(schema.anyOf ?? []), ...(schema.items?.anyOf ?? [])];
  const additional = schema.additionalProperties;
  if (typeof additional === "object") parts.push(additional, additional.items);
  const shown = parts.filter((part) => part?.properties !== undefined) as JsonSchema[];
  return shown.length === 0 ? "" : html`<dd>${shown.map(propertiesOf)}</dd>`;
};

/** All properties of an object, including those of objects in it. */
export const propertiesOf = (schema: JsonSchema): Html => html`
  <dl>
    ${Object.entries(schema.properties ?? {}).map(([name, property]) =>
      entry(name, schema.required?.includes(name) ?? false, property),
    )}
  </dl>
`;
