// Setup for every test of the chain: compares every answer of the real detector with the OpenAPI document.
import type { Specification } from "../../src/api/openapi/specification.ts";
import { bare, Conformance } from "../api/openapi/conformance.ts";

interface App {
  request(path: string): Promise<Response>;
}

/** The API's own program. Its types belong to another platform, so that only the parts used here are declared. */
const program = new URL("../../src/api/app.ts", import.meta.url).href;

const load = async (): Promise<Conformance> => {
  const { createApp } = (await import(/* @vite-ignore */ program)) as { createApp: (edge: object) => App };
  const answer = await createApp({ resolveAddresses: async () => [] }).request("/openapi.json");
  // Some tests mix this release with the last one.
  return new Conformance((await answer.json()) as Specification, false);
};

// Loaded before any test begins, since the tests' pollers count the answers that they get.
const conformance = await load();
const send = globalThis.fetch;

globalThis.fetch = async (...asked: Parameters<typeof fetch>): Promise<Response> => {
  const answer = await send(...asked);
  const request = asked[0] instanceof Request ? asked[0] : undefined;
  const { pathname } = new URL(request?.url ?? String(asked[0] as string | URL));
  const isStream = answer.headers.get("Content-Type")?.startsWith("text/event-stream") ?? false;
  if (!/^\/(v1|k)\//.test(pathname) || isStream) return answer;
  const problems = conformance.problemsOf({
    method: asked[1]?.method ?? request?.method ?? "GET",
    path: bare(pathname),
    status: answer.status,
    headers: answer.headers,
    body: await answer.clone().text(),
  });
  if (problems.length > 0) throw new Error(`not what the document says: ${problems.join("; ")}`);
  return answer;
};
