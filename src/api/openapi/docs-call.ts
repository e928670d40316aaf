/** One call for `/docs`: scope, parameters, bodies, answers and an example. */
import { html } from "hono/html";
import { entry, prose, typeOf, type Html } from "./docs-schema.ts";
import { exampleOf } from "./examples.ts";
import {
  callScope,
  type CallAnswer,
  type Media,
  type Operation,
  type Specification,
} from "./specification.ts";

/** One call of the document. */
export interface Call {
  method: string;
  path: string;
  operation: Operation;
  /** Further methods that answer as this method does. */
  also: string[];
}

export const anchorOf = ({ method, path }: Call): string =>
  `${method}-${path.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "")}`;

const shown = (value: unknown): string =>
  typeof value === "string" ? value : JSON.stringify(value, null, 2);

const mediaOf = (content: Record<string, Media> | undefined): [string, Media] | undefined =>
  Object.entries(content ?? {})[0];

const parametersOf = ({ parameters }: Operation): Html | "" =>
  parameters === undefined || parameters.length === 0
    ? ""
    : html`<h4>Parameters</h4>
        <dl>
          ${parameters.map(({ name, required, schema = {}, description, in: place }) =>
            entry(`${name} (${place})`, required ?? false, schema, description),
          )}
        </dl>`;

const bodyOf = ({ requestBody }: Operation): Html | "" => {
  const [type, media] = mediaOf(requestBody?.content) ?? [];
  if (type === undefined || media?.schema === undefined) return "";
  return html`<h4>Body</h4>
    <p>
      <code>${type}</code>: ${typeOf(media.schema)}${requestBody?.required ? "" : html`, may be left out`}
    </p>`;
};

const answerOf = ([status, { description, content, headers }]: [string, CallAnswer]): Html => {
  const [type, media] = mediaOf(content) ?? [];
  const what = media?.schema === undefined ? "" : html`: ${typeOf(media.schema)}`;
  return html`
    <dt><code>${status}</code> ${prose(description)}</dt>
    <dd>
      ${type === undefined ? "no body" : html`<code>${type}</code>${what}`}
      ${Object.keys(headers ?? {}).map((name) => html` <code>${name}</code>`)}
    </dd>
  `;
};

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** The call as a user types it. Its token is in a variable, so that no text here can be mistaken for a real one. */
export const exampleCommand = ({ method, path, operation }: Call, document: Specification): string => {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const schema = operation.parameters?.find((one) => one.in === "path" && one.name === name)?.schema;
    return String(exampleOf(schema ?? { type: "string" }, document, name));
  });
  const [type, media] = mediaOf(operation.requestBody?.content) ?? [];
  const flags = { get: "", head: "-I ", post: "-X POST " }[method] ?? `-X ${method.toUpperCase()} `;
  return [
    `curl ${flags}"$PARALLAX${filled}"`,
    callScope(operation) === undefined ? "" : `-H "Authorization: Bearer $TOKEN"`,
    media === undefined ? "" : `-H 'Content-Type: ${type}' -d ${quoted(JSON.stringify(media.example))}`,
  ]
    .filter((part) => part !== "")
    .join(" \\\n  ");
};

/** An example of the first answer that is not an error. */
const exampleAnswer = ({ operation }: Call, document: Specification): Html | "" => {
  const good = Object.entries(operation.responses).find(([status]) => status.startsWith("2"));
  const [type, media] = mediaOf(good?.[1].content) ?? [];
  if (good === undefined || media?.schema === undefined || type === "text/html") return "";
  return html`<pre>${shown(media.example ?? exampleOf(media.schema, document))}</pre>`;
};

export const callSection = (call: Call, document: Specification): Html => {
  const { method, path, operation } = call;
  const scope = callScope(operation);
  return html`
    <article id="${anchorOf(call)}">
      <h3><span class="method ${method}">${method}</span> <code>${path}</code></h3>
      ${call.also.length === 0 ? "" : html`<p>${call.also.join(" and ").toUpperCase()} answer alike.</p>`}
      <p>${prose(operation.summary ?? "")}</p>
      ${operation.description === undefined ? "" : html`<p>${prose(operation.description)}</p>`}
      <p class="soft">${scope === undefined ? "needs no token" : html`scope <code>${scope}</code>`}</p>
      ${parametersOf(operation)} ${bodyOf(operation)}
      <h4>Answers</h4>
      <dl>${Object.entries(operation.responses).map(answerOf)}</dl>
      <details>
        <summary>An example</summary>
        <pre>${exampleCommand(call, document)}</pre>
        ${exampleAnswer(call, document)}
      </details>
    </article>
  `;
};
