import { Validator } from "@seriousme/openapi-schema-validator";
import { beforeAll, describe, expect, it } from "vitest";
import { callScope, type Specification } from "../../src/api/openapi/specification.ts";
import { Validator as Schema } from "@cfworker/json-schema";

type Spec = Parameters<Validator["validate"]>[0] & object;
interface App {
  request(path: string): Promise<Response>;
}

/** The API's own program. Its types belong to another platform, so that only the parts used here are declared. */
const program = new URL("../../src/api/app.ts", import.meta.url).href;
let document: Specification;

beforeAll(async () => {
  const { createApp } = (await import(/* @vite-ignore */ program)) as { createApp: (edge: object) => App };
  const app = createApp({ resolveAddresses: async () => [] });
  document = (await (await app.request("/openapi.json")).json()) as Specification;
});

describe("the OpenAPI document", () => {
  it("is valid by a tool that is not ours", async () => {
    const result = await new Validator().validate(structuredClone(document) as unknown as Spec);
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
  });

  it("would not be valid without its answers", async () => {
    const broken = structuredClone(document);
    for (const operations of Object.values(broken.paths))
      for (const operation of Object.values(operations)) Object.assign(operation, { responses: "none" });
    expect((await new Validator().validate(broken as unknown as Spec)).valid).toBe(false);
  });

  it("has no reference that leads nowhere", () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(50);
    for (const [, name = ""] of references) expect(Object.keys(document.components.schemas)).toContain(name);
  });

  it("names one scope for every call that needs a token, by what guards it", () => {
    const scopes = new Map<string, string | undefined>();
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, operation] of Object.entries(operations)) {
        scopes.set(`${method} ${path}`, callScope(operation));
        if (operation.security === undefined) continue;
        expect(["read", "notify", "vantage", "admin"], path).toContain(callScope(operation));
        for (const way of operation.security) expect(Object.values(way).flat(), path).toHaveLength(1);
      }
    expect(Object.fromEntries(scopes)).toMatchObject({
      "put /v1/sites/{site}/targets/{target}": "admin",
      "patch /v1/sites/{site}/targets/{target}": "admin",
      "get /v1/sites/{site}/targets/{target}": "read",
      "options /v1/sites/{site}/targets/{target}/up": "read",
      "get /v1/drills": "read",
      "get /v1/mutes/{id}": "read",
      "put /v1/mutes/{id}": "admin",
      "post /v1/joins": "admin",
      "get /v1/joins": "admin",
      "delete /v1/joins/{id}": "admin",
      "post /v1/joins/trade": undefined,
      "post /v1/observations": "vantage",
      "post /v1/sites/{site}/targets/{target}/notices": "notify",
      "get /v1/matrix": "read",
      "get /": "read",
      "get /healthz": undefined,
    });
  });

  it("has an example of every body, valid by its own schema", () => {
    let bodies = 0;
    for (const [path, operations] of Object.entries(document.paths))
      for (const [method, { requestBody }] of Object.entries(operations))
        for (const { schema, example } of Object.values(requestBody?.content ?? {})) {
          const whole = { ...schema, components: document.components };
          const validator = new Schema(whole as ConstructorParameters<typeof Schema>[0], "2020-12", false);
          expect(validator.validate(example).errors, `${method} ${path}`).toEqual([]);
          bodies += 1;
        }
    expect(bodies).toBeGreaterThan(8);
  });

  it("gives no two calls one name", () => {
    const anchors = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method} ${path.replaceAll(/\{\w+\}/g, "{}")}`),
    );
    expect(new Set(anchors).size).toBe(anchors.length);
  });
});
