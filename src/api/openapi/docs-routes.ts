/** `GET /docs`: the OpenAPI document as a page, made on the server. No script, and nothing from other hosts. */
import { html, raw } from "hono/html";
import type { Api } from "../context.ts";
import { anchorOf, callSection, type Call } from "./docs-call.ts";
import { prose, propertiesOf, typeOf, type Html } from "./docs-schema.ts";
import { ended } from "../ending.ts";
import { DOCS_STYLE } from "./docs-style.ts";
import { callScope, type JsonSchema, type Specification } from "./specification.ts";

const METHODS = ["get", "head", "options", "put", "post", "patch", "delete"];

/** Methods that repeat GET: where GET exists, the page shows only GET. */
const ALIKE = ["head", "options"];
const isOwn = (method: string, operations: Record<string, unknown>): boolean =>
  !(ALIKE.includes(method) && "get" in operations);

const callsOf = ({ paths }: Specification): Call[] =>
  Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.includes(method) && isOwn(method, operations))
      .map(([method, operation]) => ({
        method,
        path,
        operation,
        also: method === "get" ? ALIKE.filter((other) => other in operations) : [],
      })),
  );

const tagged = (calls: Call[]): Map<string, Call[]> =>
  Map.groupBy(calls, ({ operation }) => operation.tags?.[0] ?? "other");

const list = (calls: Call[]): Html => html`
  <ul>
    ${calls.map(
      (call) =>
        html`<li>
          <a href="#${anchorOf(call)}"
            ><span class="method ${call.method}">${call.method}</span> <code>${call.path}</code></a
          >
          <span class="soft">${callScope(call.operation) ?? ""}</span>
        </li>`,
    )}
  </ul>
`;

const schemaSection = ([name, schema]: [string, JsonSchema]): Html => html`
  <article id="schema-${name}">
    <h3>${name}</h3>
    ${schema.properties === undefined ? html`<p>${typeOf(schema)}</p>` : propertiesOf(schema)}
  </article>
`;

/** The whole page. Everything from the document is escaped. */
export const docsPage = async (document: Specification): Promise<string> => {
  const { info, components } = document;
  const groups = [...tagged(callsOf(document))];
  const page = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${info.title}, HTTP API version ${info.version}</title>
        ${raw(`<style>${DOCS_STYLE}</style>`)}
      </head>
      <body>
        <header>
          <h1>${info.title}, HTTP API version ${info.version}</h1>
          ${info.description.split("\n\n").map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
          <p>
            For machines: <a href="/openapi.json">/openapi.json</a>. In the examples <code>$PARALLAX</code> is
            where it is deployed, <code>$TOKEN</code> a token of the scope.
          </p>
          <nav>${groups.map(([tag, calls]) => html`<strong>${tag}</strong>${list(calls)}`)}</nav>
        </header>
        <main>
          ${groups.map(
            ([tag, calls]) =>
              html`<section>
                <h2>${tag}</h2>
                ${calls.map((call) => callSection(call, document))}
              </section>`,
          )}
          <section>
            <h2>Schemas</h2>
            ${Object.entries(components.schemas).map(schemaSection)}
          </section>
        </main>
      </body>
    </html>`;
  return ended(page.toString());
};

const base64 = (bytes: ArrayBuffer): string => btoa(String.fromCharCode(...new Uint8Array(bytes)));

/** Allows this page's own style, by its hash, and nothing else at all. */
const policy = async (): Promise<string> => {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(DOCS_STYLE));
  return [
    "default-src 'none'",
    `style-src 'sha256-${base64(hash)}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
};

/** Adds the page, which each isolate makes once. */
export const addDocs = (app: Api, documentOf: () => Specification): void => {
  let page: string | undefined;
  app.get("/docs", async (c) => {
    page ??= await docsPage(documentOf());
    return c.body(page, 200, {
      "Content-Type": "text/html; charset=utf-8",
      "Content-Security-Policy": await policy(),
      "Referrer-Policy": "no-referrer",
      "Cache-Control": "public, max-age=60",
    });
  });
};
