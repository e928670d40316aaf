/** The page as one text, made on the server: whole without any script. */
import { html } from "hono/html";
import type { HtmlEscapedString } from "hono/utils/html";
import { Page } from "./page.tsx";
import { Refused, type Refusal } from "./refused.tsx";
import type { PageState } from "./state.ts";
import { inTrouble } from "./words.ts";

/** How often a page without script asks again, in seconds. */
const AGAIN_S = 10;

/** What a body is made of, as the renderer gives it. */
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
        ${isLive ? html`<noscript><meta http-equiv="refresh" content="${AGAIN_S}" /></noscript>` : ""}
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return text.toString();
};

/** What a tab says: how many are in trouble, and of what. */
export const titleOf = ({ matrix, view: { site, target } }: PageState): string => {
  const troubled = matrix.targets.filter(inTrouble).length;
  const where = [site, target].filter((name) => name !== null).join("/");
  const what = troubled === 0 ? "all well" : `${troubled} in trouble`;
  return [matrix.targets.length === 0 ? "nothing watched" : what, where, "Parallax"]
    .filter((part) => part !== "")
    .join(" · ");
};

/** The page of a state. Everything it holds is escaped. */
export const pageOf = (state: PageState): Promise<string> =>
  documentOf(titleOf(state), Page({ state }) as Body, true);

/** What is shown instead of the page. */
export const refusedPageOf = (refusal: Refusal): Promise<string> =>
  documentOf(`${refusal.title} · Parallax`, Refused(refusal) as Body, false);
