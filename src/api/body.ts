import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { ApiEnv } from "./context.ts";
import { ApiError, mediaTypeError } from "./problem.ts";

export const MAX_BODY_BYTES = 65_536;
const MAX_REPORT_BYTES = 1_048_576;

/** Refuses what is not declared as JSON, before a byte of it is read. */
const requireJson: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const type = c.req.header("Content-Type")?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== "application/json") throw mediaTypeError();
  await next();
};

/** Refuses by the declared length, or as soon as a body without one has grown past the limit. */
const requireSmall = (maxSize: number): MiddlewareHandler<ApiEnv> =>
  bodyLimit({
    maxSize,
    onError: () => {
      throw new ApiError("too-large", `the body must be at most ${maxSize} bytes`);
    },
  });

/** The same where there is a body at all. */
const requireJsonIfAny: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const isEmpty = c.req.raw.body === null || c.req.header("Content-Length") === "0";
  await (isEmpty ? next() : requireJson(c, next));
};

/** What every route with a body puts in front of its schema. */
export const jsonBody = [requireJson, requireSmall(MAX_BODY_BYTES)];
/** The same where the body may be left out. */
export const optionalJsonBody = [requireJsonIfAny, requireSmall(MAX_BODY_BYTES)];
/** The same for what a vantage has kept while it could not report. */
export const reportBody = [requireJson, requireSmall(MAX_REPORT_BYTES)];
