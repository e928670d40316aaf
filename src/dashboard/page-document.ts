/** The page as one text, made on the server: complete without any script. */
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { Page } from "./page.tsx";
import { RefusedPage, type RefusedReason } from "./refused.tsx";
import type { PageState } from "./shown-state.ts";
import { titleOf } from "./title.ts";

/** How often a page without a script reloads, in seconds. */
const AGAIN_S = 10;

/** The content of a body, as the renderer returns it. */
type Body = { toString(): string | Promise<string> } | HtmlEscapedString;

const documentOf = async (title: string, body: Body, isLive: boolean): Promise<string> => {
  const text = await html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="stylesheet" href="/page.css" />
        <link rel="icon" href="/page.svg" type="image/svg+xml" />
        ${isLive ? html`<script type="module" src="/page.mjs"></script>` : ""}
        ${isLive ? html`<noscript><meta http-equiv="refresh" content="${AGAIN_S}" /></noscript>` : ""}
      </head>
      <body>
        <div id="page">${body}</div>
      </body>
    </html>`;
  return text.toString();
};

/** The page of a state. Everything in the state is escaped. */
export const pageOf = (state: PageState): Promise<string> =>
  documentOf(titleOf(state), Page({ state }) as Body, true);

/** The page that is shown instead where there is a refusal. */
export const refusedPageOf = (refusal: RefusedReason): Promise<string> =>
  documentOf(`${refusal.title} · Parallax`, RefusedPage(refusal) as Body, false);
