/** The parts of an OpenAPI 3.1 document that we make and read ourselves. */
export interface JsonSchema {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  additionalProperties?: boolean | JsonSchema;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  allOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  example?: unknown;
  examples?: unknown[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Media {
  schema?: JsonSchema;
  example?: unknown;
}

export interface Parameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema?: JsonSchema;
}

export interface CallAnswer {
  description: string;
  headers?: Record<string, { required?: boolean; schema?: JsonSchema; description?: string }>;
  content?: Record<string, Media>;
}

export interface Operation {
  tags?: string[];
  summary?: string;
  description?: string;
  /** Each way to send a token, with the one scope it needs. */
  security?: Record<string, string[]>[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, CallAnswer>;
}

export interface Specification {
  openapi: string;
  info: { title: string; version: string; description: string };
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema>; securitySchemes: Record<string, unknown> };
}

/** The name of the component that a reference names, or undefined where the schema is not a reference. */
export const componentOf = (schema: JsonSchema): string | undefined => schema.$ref?.split("/").at(-1);

/** The schema itself, a reference followed. */
export const resolve = (schema: JsonSchema, { components }: Specification): JsonSchema =>
  components.schemas[componentOf(schema) ?? ""] ?? schema;

/** The scope a call needs, or undefined where it needs no token. */
export const callScope = ({ security }: Operation): string | undefined =>
  security?.flatMap((way) => Object.values(way).flat())[0];
