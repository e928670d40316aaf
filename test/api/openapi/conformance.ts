/** Compares answers with the OpenAPI document. Whatever the document does not declare is a mistake. */
import { Validator } from "@cfworker/json-schema";
import type {
  CallAnswer,
  JsonSchema,
  Operation,
  Specification,
} from "../../../src/api/openapi/specification.ts";

/** One answer as it was received. `body` is empty where there is none, or where it must not be compared. */
export interface Received {
  method: string;
  /** Without its query, and passed through `bare`. */
  path: string;
  status: number;
  headers: Headers;
  body: string;
}

type Json = Record<string, unknown>;

/** Statuses that any caller may get for a path or method that does not exist; 503 where the deployment is misconfigured. */
const UNROUTED: ReadonlySet<number> = new Set([401, 403, 404, 405, 503]);

/** A path without the token of a capability. */
export const bare = (path: string): string => path.replace(/^\/k\/[^/]+(?=\/v1\/)/, "");

/** A document, prepared for comparison with many answers. */
export class Conformance {
  readonly #document: Specification;
  readonly #templates: { template: string; pattern: RegExp }[];
  readonly #validators = new Map<JsonSchema, Validator>();

  readonly #isGuarded: boolean;

  /** `isGuarded`: whether each answer must have the headers that `unguarded` asks for. Answers of an earlier release do not. */
  constructor(document: Specification, isGuarded = true) {
    this.#document = document;
    this.#isGuarded = isGuarded;
    this.#templates = Object.keys(document.paths)
      // Of several matching paths, the router takes the one with the fewest parameters.
      .toSorted((left, right) => left.split("{").length - right.split("{").length)
      .map((template) => ({
        template,
        pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, "[^/]+")}$`),
      }));
  }

  /** One sentence for each way in which the answer contradicts the document. */
  problemsOf(received: Received): string[] {
    const { method, path, status } = received;
    const template = this.#templates.find(({ pattern }) => pattern.test(path))?.template;
    const operation = this.#operationOf(template, method);
    const where = `${method} ${template ?? path} ${status}`;
    const problems =
      operation === undefined
        ? this.#unrouted(received)
        : this.#declared(operation.responses[status], received, `status ${status}`);
    return [...problems, ...(this.#isGuarded ? unguarded(received) : [])].map(
      (problem) => `${where}: ${problem}`,
    );
  }

  #operationOf(template: string | undefined, method: string): Operation | undefined {
    const operations = this.#document.paths[template ?? ""];
    // The router serves HEAD wherever GET is.
    return operations?.[method.toLowerCase()] ?? (method === "HEAD" ? operations?.["get"] : undefined);
  }

  #unrouted(received: Received): string[] {
    if (!UNROUTED.has(received.status)) return ["no such call is declared"];
    const schema = this.#document.components.schemas["Problem"] ?? {};
    const answer = { description: "", content: { "application/problem+json": { schema } } };
    const allow = received.status === 405 && !received.headers.has("Allow") ? ["405 without Allow"] : [];
    return [...allow, ...this.#declared(answer, received, "")];
  }

  #declared(answer: CallAnswer | undefined, received: Received, what: string): string[] {
    if (answer === undefined) return [`${what} is not declared`];
    return [...missingHeaders(answer, received), ...this.#content(answer, received)];
  }

  #content({ content = {} }: CallAnswer, { headers, body, method }: Received): string[] {
    const type = headers.get("Content-Type")?.split(";")[0]?.trim();
    if (type === undefined) {
      if (body !== "") return ["a body without a type"];
      return Object.keys(content).length === 0 ? [] : ["no body where one is declared"];
    }
    const media = content[type];
    if (media === undefined) return [`content type ${type} is not declared`];
    if (media.schema === undefined || method === "HEAD" || type === "text/event-stream") return [];
    const value = type.endsWith("json") ? parsed(body) : body;
    return value === undefined ? ["the body is not JSON"] : this.#violations(media.schema, value);
  }

  #violations(schema: JsonSchema, value: unknown): string[] {
    let validator = this.#validators.get(schema);
    if (validator === undefined) {
      // With the components beside the schema, so that its references resolve.
      const whole = { ...schema, components: this.#document.components };
      validator = new Validator(whole as ConstructorParameters<typeof Validator>[0], "2020-12", false);
      this.#validators.set(schema, validator);
    }
    const { errors } = validator.validate(value);
    return errors.map(({ instanceLocation, error }) => `${instanceLocation} ${error}`);
  }
}

/** Fields that hold a secret, at the top of an answer. */
const SECRETS = ["token", "secret"];

/** Problems with the headers that every answer must have, and with those that an answer which shows a secret must have. */
const unguarded = ({ headers, body }: Received): string[] => {
  const value = parsed(body);
  const showsSecret = SECRETS.some((name) => typeof (value as Json | null)?.[name] === "string");
  return [
    headers.get("X-Content-Type-Options") === "nosniff" ? "" : "nosniff is missing",
    showsSecret && headers.get("Cache-Control") !== "no-store" ? "a secret may be stored on the way" : "",
  ].filter((problem) => problem !== "");
};

const missingHeaders = ({ headers = {} }: CallAnswer, received: Received): string[] =>
  Object.entries(headers)
    .filter(([name, { required }]) => required === true && !received.headers.has(name))
    .map(([name]) => `header ${name} is missing`);

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};
