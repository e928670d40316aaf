/**
 * The bundle with name servers of a test's own: what Workers asks of the public ones goes to the variable NAME_SERVER, which is
 * answered with addresses, as JSON; by the binding NAMES where there is one.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const MAIN = `
import { env } from "cloudflare:workers";

const reach = globalThis.fetch;
const ask = async (name, type) => {
  const url = env.NAME_SERVER + "?name=" + name + "&type=" + type;
  const addresses = await (await (env.NAMES?.fetch(url) ?? reach(url))).json();
  const Answer = addresses.map((data) => ({ name, type: type === "A" ? 1 : 28, TTL: 0, data }));
  return Response.json({ Status: 0, Question: [{ name }], ...(Answer.length > 0 ? { Answer } : {}) });
};
globalThis.fetch = (asked, init) => {
  const url = new URL(asked instanceof Request ? asked.url : asked);
  if (url.hostname !== "cloudflare-dns.com") return reach(asked, init);
  return ask(url.searchParams.get("name"), url.searchParams.get("type"));
};

export * from "./index.js";
export { default } from "./index.js";
`;

/** The modules of the bundle whose main one this is. */
export const namedModules = (bundle: string) => ({
  mainModule: "main.js",
  modules: {
    "main.js": { type: "esm" as const, contents: MAIN },
    "index.js": { type: "esm" as const, contents: bundle },
  },
});

/** A name server that tells a public address of every name when it is asked for the first time, and this machine's own ever after. */
export class TurningNameServer {
  readonly asked = new Map<string, number>();
  readonly #server = createServer((request, answer) => {
    const { searchParams } = new URL(request.url ?? "/", "http://localhost");
    const key = `${searchParams.get("name")} ${searchParams.get("type")}`;
    const before = this.asked.get(key) ?? 0;
    this.asked.set(key, before + 1);
    const [first, then] =
      searchParams.get("type") === "A" ? ["192.0.2.7", "127.0.0.1"] : ["2001:db8::7", "::1"];
    answer.end(JSON.stringify([before === 0 ? first : then]));
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
