/** Headers that are no route's own matter. */
import type { MiddlewareHandler } from "hono";
import type { Api, ApiEnv } from "../context.ts";

/** A browser takes no answer for anything but what its type says. */
const unsniffed = (answer: Response): Response => {
  answer.headers.set("X-Content-Type-Options", "nosniff");
  return answer;
};

/** Every answer of `app` with the headers that all have: set where all pass, so that no route can be without. Nothing is copied. */
export const withHeaders = (app: Api): void => {
  const answer = app.fetch;
  app.fetch = (...asked) => {
    const given = answer(...asked);
    return given instanceof Promise ? given.then(unsniffed) : unsniffed(given);
  };
};

/** Before the guard of a call whose answer alone shows a secret: nobody on the way, no browser either, may keep it. */
export const unstored: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
};
