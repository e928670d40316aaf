// Set up for every test of the chain: whatever the real detector answers is held against the OpenAPI document.
import type { Specification } from "../../src/api/openapi/specification.ts";
import { bare, Conformance } from "../api/openapi/conformance.ts";

interface App {
  request(path: string): Promise<Response>;
}

/** The API's own program, whose types are of another platform: only what is used of it is named here. */
const program = new URL("../../src/api/app.ts", import.meta.url).href;

const load = async (): Promise<Conformance> => {
  const { createApp } = (await import(/* @vite-ignore */ program)) as { createApp: (edge: object) => App };
  const answer = await createApp({ resolveAddresses: async () => [] }).request("/openapi.json");
  // Some tests mix this release with the last.
  return new Conformance((await answer.json()) as Specification, false);
};

// Before any test begins: their pollers count the answers they get.
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
