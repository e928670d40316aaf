/** Every answer of text or JSON ends its last line, so that in a terminal the prompt begins a new one. */
import type { Api, ApiContext } from "./context.ts";

/** The same text with its line end. For answers that are written by hand. */
export const ended = (text: string): string => `${text}\n`;

type Json = (value: unknown, status?: number, headers?: Record<string, string>) => Response;

/** A context whose `json` adds the line end. */
const ending = (c: ApiContext): ApiContext => {
  const respond = c.body as unknown as (body: string, status?: number, headers?: object) => Response;
  const json: Json = (value, status, headers) =>
    respond(ended(JSON.stringify(value)), status, { "Content-Type": "application/json", ...headers });
  return Object.assign(c, { json });
};

type Register = (
  route: object,
  handler: (c: ApiContext, ...rest: unknown[]) => unknown,
  ...rest: unknown[]
) => Api;

/** Adds the line end to all that routes of the document answer by `c.json`. Set where routes are registered, so that no route lacks it. */
export const withEnds = (app: Api): void => {
  const register = app.openapi as unknown as Register;
  const registerEnding: Register = (route, handler, ...more) =>
    register(route, (c, ...rest) => handler(ending(c), ...rest), ...more);
  Object.assign(app, { openapi: registerEnding });
};
