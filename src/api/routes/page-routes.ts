/** `GET /` where a browser asks for it: the page for people, and its files. */
import PROGRAM from "#served/cli";
import SCRIPT from "#served/page";
import REPLAY from "#served/replay";
import { pageOf, refusedPageOf } from "../../dashboard/page-document.ts";
import { ICON } from "../../dashboard/icon.ts";
import { PAGE_STYLE } from "../../dashboard/style.ts";
import { reader } from "../access/auth.ts";
import type { Api, ApiContext } from "../context.ts";
import { ended } from "../ending.ts";
import { addFile, type ServedFile } from "../http/served-file.ts";
import type { OwnHealth } from "./health-routes.ts";
import { gather, viewOf } from "./page-data.ts";
import { ApiError, toApiError } from "../errors/api-error.ts";

/** Allows nothing but our own files, no script or style within the page, and no other page's frame around it. */
const POLICY = [
  "default-src 'none'",
  ...["script", "style", "img", "connect"].map((kind) => `${kind}-src 'self'`),
  ...["base-uri", "form-action", "frame-ancestors"].map((kind) => `${kind} 'none'`),
].join("; ");

const HEADERS = {
  "Content-Type": "text/html; charset=utf-8",
  "Content-Security-Policy": POLICY,
  "Referrer-Policy": "no-referrer",
  // The page is for its requester alone, and outdated at once.
  "Cache-Control": "no-store",
  Vary: "Accept, Authorization",
};

/** A range that the client does not accept (RFC 9110, 12.4.2). */
const REFUSED = /^\s*q\s*=\s*0(\.0{0,3})?\s*$/i;

const isPage = (range: string): boolean => {
  const [type = "", ...parameters] = range.split(";");
  return /^\s*text\/html\s*$/i.test(type) && !parameters.some((one) => REFUSED.test(one));
};

/** Whether a browser asks for something to show. A client that accepts any type at all is a program. */
const wantsPage = (c: ApiContext): boolean => (c.req.header("Accept") ?? "").split(",").some(isPage);

/** The page, or a page with the reason why there is none. */
const answerOf = async (c: ApiContext, health: OwnHealth): Promise<Response> => {
  const now = Date.now();
  try {
    await reader(c, async () => undefined);
    const { state, isBlind } = await gather(c, viewOf(c, now), health, now);
    return new Response(ended(await pageOf(state)), { status: isBlind ? 503 : 200, headers: HEADERS });
  } catch (thrown) {
    const error = toApiError(thrown);
    const { status, title, detail } = error.toProblem();
    const page = await refusedPageOf({ status, title, detail });
    return new Response(ended(page), { status, headers: { ...error.headers, ...HEADERS } });
  }
};

const FILES: readonly ServedFile[] = [
  { path: "/page.css", type: "text/css; charset=utf-8", text: ended(PAGE_STYLE.trimEnd()) },
  { path: "/page.mjs", type: "text/javascript; charset=utf-8", text: ended(SCRIPT.trimEnd()) },
  { path: "/replay.mjs", type: "text/javascript; charset=utf-8", text: ended(REPLAY.trimEnd()) },
  { path: "/page.svg", type: "image/svg+xml", text: ended(ICON) },
  { path: "/cli.mjs", type: "text/javascript; charset=utf-8", text: ended(PROGRAM) },
];

/** `GET /` and its files. */
export const addPage = (app: Api, health: OwnHealth): void => {
  app.get("/", (c) => {
    if (!wantsPage(c))
      throw new ApiError("not-found", "no such path; /openapi.json lists those there are", [], {
        Vary: "Accept",
      });
    return answerOf(c, health);
  });
  for (const file of FILES) addFile(app, file);
};
