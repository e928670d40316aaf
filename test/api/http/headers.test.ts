import { describe, expect, it } from "vitest";
import { createApp } from "../../../src/api/app.ts";
import { componentOf, type Operation, type Specification } from "../../../src/api/openapi/specification.ts";
import { bindingsOf, FakeAggregator } from "../fake.ts";
import { ADMIN, DB1, READ, world } from "../world.ts";

/** A name for each parameter, so that calls find what they ask about. */
const NAMES: Record<string, string> = { site: "fra", target: "db-1", id: "one", delivery: "d-1" };

const filled = (path: string, names: Record<string, string> = {}): string =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? NAMES[name] ?? "one");

interface Call {
  method: string;
  path: string;
  operation: Operation;
}

/** Every operation of the document, those that delete last. */
const callsOf = ({ paths }: Specification): Call[] =>
  Object.entries(paths)
    .flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]): Call => ({ method, path, operation })),
    )
    .toSorted((left, right) => Number(left.method === "delete") - Number(right.method === "delete"));

/** The call with the body of the document's own example and with `token`; `code` replaces the example's code where it is given. */
const requestOf = (
  { operation, method }: Call,
  token: Record<string, string>,
  code?: string,
): RequestInit => {
  const example = operation.requestBody?.content["application/json"]?.example;
  return example === undefined
    ? { method: method.toUpperCase(), headers: token }
    : {
        method: method.toUpperCase(),
        headers: { ...token, "Content-Type": "application/json" },
        body: JSON.stringify(code === undefined ? example : { ...example, code }),
      };
};

/** The status of the declared answer that shows a secret; undefined where no answer does. */
const secretStatus = ({ operation }: Call): string | undefined =>
  Object.entries(operation.responses).find(([, { content }]) =>
    componentOf(content?.["application/json"]?.schema ?? {})?.startsWith("New"),
  )?.[0];

describe("headers of every answer", () => {
  it.each([
    ["an admin", ADMIN],
    ["a reader", READ],
    ["nobody", {}],
  ])("nosniff, whatever %s asks", async (_, token) => {
    const { ask, document, send } = world();
    await send("PUT", DB1, { url: "https://db-1.example.com/" });
    for (const call of callsOf(await document())) {
      const answer = await ask(filled(call.path), requestOf(call, token));
      await answer.body?.cancel();
      expect(answer.headers.get("X-Content-Type-Options"), `${call.method} ${call.path}`).toBe("nosniff");
    }
  });

  it.each(["/nothing", "/v1/nothing", "/k/the-read-token/v1/nothing"])(
    "nosniff, at %s, too",
    async (path) => {
      const app = createApp({ resolveAddresses: async () => [] });
      const answer = await app.request(path, { headers: READ }, bindingsOf([new FakeAggregator()]));
      expect(answer.status).toBe(404);
      expect(answer.headers.get("X-Content-Type-Options")).toBe("nosniff");
    },
  );
});

describe("an answer that shows a secret", () => {
  it("is kept by nobody on the way, whichever call it is of", async () => {
    const { ask, document, send } = world();
    await send("PUT", DB1, { url: "https://db-1.example.com/" });
    const known = new Map<string, string>();
    let made: string | undefined;
    const showing = callsOf(await document()).filter((call) => secretStatus(call) !== undefined);
    expect(showing).toHaveLength(8);
    // A call that makes something comes before the call that rotates its secret.
    for (const call of showing.toSorted((left, right) => left.path.length - right.path.length)) {
      const kind = call.path.split("/")[2] ?? "";
      const id = known.get(kind);
      const answer = await ask(
        filled(call.path, id === undefined ? {} : { id }),
        requestOf(call, ADMIN, call.path.endsWith("/trade") ? made : undefined),
      );
      const where = `${call.method} ${call.path}`;
      expect(String(answer.status), where).toBe(secretStatus(call));
      expect(answer.headers.get("Cache-Control"), where).toBe("no-store");
      const told = await answer.json<{ id: string; code?: string }>();
      known.set(kind, told.id);
      made = told.code ?? made;
    }
  });

  it("stands beside answers that show none, which may be kept by their bearer", async () => {
    const answer = await world().ask("/v1/tokens", { headers: ADMIN });
    expect(answer.headers.get("Cache-Control")).toBe("private, no-cache");
  });
});
