import { admitAnybody } from "./auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { ApiError } from "../errors/api-error.ts";

interface Known {
  pattern: RegExp;
  methods: string[];
}

/** Every path that has a handler, with its methods. GET brings HEAD with it. */
const knownPaths = (app: Api): Known[] => {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes.filter((route) => route.method !== "ALL")) {
    const known = methods.get(path) ?? new Set();
    known.add(method);
    if (method === "GET") known.add("HEAD");
    methods.set(path, known);
  }
  return [...methods].map(([path, known]) => ({
    pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/:[a-z]+/g, "[^/]+")}$`),
    methods: [...known],
  }));
};

/** Answers a request that no route matches: 405 with Allow where the path is known, else 404. */
export const notRouted = (app: Api): ((c: ApiContext) => Promise<never>) => {
  let known: Known[] | undefined;
  return async (c) => {
    // A client that may not ask does not learn which paths exist either.
    if (/^\/v1(\/|$)/.test(c.req.path)) await admitAnybody(c);
    known ??= knownPaths(app);
    const methods = known.find(({ pattern }) => pattern.test(c.req.path))?.methods;
    if (methods === undefined)
      throw new ApiError("not-found", "no such path; /openapi.json lists those there are");
    const allowed = methods.join(", ");
    throw new ApiError("method-not-allowed", `allowed here: ${allowed}`, [], { Allow: allowed });
  };
};
