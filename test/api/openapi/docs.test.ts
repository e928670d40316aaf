import { describe, expect, it } from "vitest";
import { docsPage } from "../../../src/api/openapi/docs-routes.ts";
import type { Specification } from "../../../src/api/openapi/specification.ts";
import { TargetSchema } from "../../../src/domain/target.ts";
import { world } from "../world.ts";

const page = async () => {
  const { ask, document } = world();
  const answer = await ask("/docs");
  expect(answer.status).toBe(200);
  return { answer, text: await answer.text(), document: await document() };
};

const unescaped = (text: string) =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&");

describe("/docs", () => {
  it("has every call of the document with its scope, and every schema", async () => {
    const { text, document } = await page();
    const articles = text.split("<article").slice(1);
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, { security }] of Object.entries(operations)) {
        if (["head", "options"].includes(method)) continue;
        const article = articles.find((one) =>
          one.includes(`<h3><span class="method ${method}">${method}</span> <code>${path}</code></h3>`),
        );
        expect(article, `${method} ${path}`).toBeDefined();
        const scope = security?.flatMap((way) => Object.values(way).flat())[0];
        expect(article).toContain(scope === undefined ? "needs no token" : `scope <code>${scope}</code>`);
        expect(article).toContain("<pre>curl ");
      }
    for (const name of Object.keys(document.components.schemas))
      expect(text).toContain(`id="schema-${name}"`);
  });

  it("links only to what is there", async () => {
    const { text } = await page();
    const anchors = [...text.matchAll(/href="#([^"]+)"/g)].map(([, anchor]) => anchor);
    expect(anchors.length).toBeGreaterThan(30);
    for (const anchor of anchors) expect(text).toContain(`id="${anchor}"`);
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it("runs no script and asks no other host for anything, and lets nothing else do so", async () => {
    const { answer, text } = await page();
    expect(text).not.toMatch(/<(script|link|img|iframe|object|embed|base|form|svg|meta http-equiv)\b/i);
    expect(text).not.toMatch(/ (on\w+|src|style|action|srcset)=/i);
    expect(text).not.toMatch(/@import|url\(/);
    for (const [, href] of text.matchAll(/href="([^"]*)"/g)) expect(href).toMatch(/^(#|\/openapi\.json$)/);
    const policy = answer.headers.get("Content-Security-Policy") ?? "";
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]+=*'; /);
    expect(policy).not.toContain("unsafe");
    expect(policy).not.toContain("script-src");
    const [, style = ""] = /<style>(.*?)<\/style>/s.exec(text) ?? [];
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
    expect(policy).toContain(`'sha256-${btoa(String.fromCharCode(...new Uint8Array(hash)))}'`);
    expect(text.match(/<style/g)).toHaveLength(1);
  });

  it("fits a phone and the dark", async () => {
    const { text } = await page();
    expect(text).toContain('<meta name="viewport" content="width=device-width, initial-scale=1" />');
    expect(text).toContain("@media (prefers-color-scheme: dark)");
  });

  it("escapes whatever the document holds", async () => {
    const nasty = `<script>alert("1")</script>' "&`;
    const schema = {
      type: "object",
      description: nasty,
      properties: {
        [nasty]: { type: "string", description: nasty, pattern: nasty, default: nasty },
        choice: { enum: [nasty] },
      },
    };
    const document: Specification = {
      openapi: "3.1.0",
      info: { title: nasty, version: nasty, description: nasty },
      components: { schemas: { Nasty: schema }, securitySchemes: {} },
      paths: {
        [`/v1/${nasty}/{site}`]: {
          post: {
            tags: [nasty],
            summary: nasty,
            description: nasty,
            security: [{ bearer: [nasty] }],
            parameters: [{ name: nasty, in: nasty, description: nasty, schema }],
            requestBody: { content: { [nasty]: { schema, example: { [nasty]: nasty } } } },
            responses: {
              200: {
                description: nasty,
                content: { [nasty]: { schema, example: nasty } },
                headers: { [nasty]: {} },
              },
            },
          },
        },
      },
    };
    const text = await docsPage(document);
    expect(text).not.toContain("<script");
    expect(text).not.toContain('alert("1")');
    expect(text.match(/&lt;script&gt;/g)?.length ?? 0).toBeGreaterThan(15);
    expect(unescaped(text)).toContain(nasty);
  });

  it("shows a command that can be typed as it is", async () => {
    const { text } = await page();
    const commands = [...text.matchAll(/<pre>(curl .*?)<\/pre>/gs)].map(([, command = ""]) =>
      unescaped(command),
    );
    const put = commands.find(
      (command) => command.includes("-X PUT") && command.includes("db-1.example.com"),
    );
    expect(put).toContain(
      `"$PARALLAX/v1/sites/fra/targets/db-1" \\\n  -H "Authorization: Bearer $TOKEN" \\\n`,
    );
    const [, body = ""] = /-d '(.*)'$/s.exec(put ?? "") ?? [];
    expect(TargetSchema.safeParse(JSON.parse(body)).success).toBe(true);
    for (const command of commands) expect(command).not.toMatch(/undefined|\[object|local-/);
  });
});
