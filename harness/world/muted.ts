/**
 * The bundle with aggregators that a test makes mute: `POST /mute?shard=` and `POST /unmute`. A mute one lives and holds what
 * it has; calls from others find it, and it does not answer any.
 */

const MAIN = `
import { DurableObject } from "cloudflare:workers";
import * as bundle from "./index.js";

export * from "./index.js";

const mute = new Set();

export class Aggregator extends bundle.Aggregator {}
const names = new Set();
// Its own calls, and those of the classes that it extends.
for (let one = bundle.Aggregator.prototype; one !== DurableObject.prototype; one = Object.getPrototypeOf(one))
  for (const name of Object.getOwnPropertyNames(one)) names.add(name);
for (const name of names) {
  if (name === "constructor" || name === "alarm") continue;
  const method = bundle.Aggregator.prototype[name];
  Aggregator.prototype[name] = async function (...given) {
    while (mute.has(this.ctx.id.name)) await new Promise((resolve) => setTimeout(resolve, 100));
    return method.apply(this, given);
  };
}

export default {
  ...bundle.default,
  fetch: (request, env, ctx) => {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === "/mute") mute.add(searchParams.get("shard"));
    else if (pathname === "/unmute") mute.clear();
    else return bundle.default.fetch(request, env, ctx);
    return new Response(null, { status: 204 });
  },
};
`;

/** The modules of the bundle whose main one this is. */
export const mutedModules = (bundle: string) => ({
  mainModule: "main.js",
  modules: {
    "main.js": { type: "esm" as const, contents: MAIN },
    "index.js": { type: "esm" as const, contents: bundle },
  },
});
