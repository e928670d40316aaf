/** Headers that all routes share. */
import type { MiddlewareHandler } from "hono";
import type { Api, ApiEnv } from "../context.ts";

/** Forbids browsers to take an answer for another type than it declares. */
const unsniffed = (answer: Response): Response => {
  answer.headers.set("X-Content-Type-Options", "nosniff");
  return answer;
};

/** Adds the headers that all answers of `app` have. Set where all answers pass, so that no route lacks them. Nothing is copied. */
export const withHeaders = (app: Api): void => {
  const answer = app.fetch;
  app.fetch = (...asked) => {
    const given = answer(...asked);
    return given instanceof Promise ? given.then(unsniffed) : unsniffed(given);
  };
};

/** Goes before the guard of a call whose answer is the only one to show a secret: no proxy and no browser may store it. */
export const unstored: MiddlewareHandler<ApiEnv> = async (c, next) => {
  await next();
  c.res.headers.set("Cache-Control", "no-store");
};
