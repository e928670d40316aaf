/** Many tabs of the page in one browser, which has six connections to a detector that speaks HTTP/1.1. */
import type { Browser, Page } from "playwright-core";
import { Sheet } from "./browser.ts";
import type { World } from "./world.ts";

const TABS = 9;

/** A browser without windows treats every tab as visible: this script lets the test hide tabs. */
const HIDEABLE = `
  globalThis.isAside = false;
  Object.defineProperty(document, "hidden", { get: () => globalThis.isAside });
`;

const turn = (page: Page, isAside: boolean): Promise<unknown> =>
  page.evaluate(`globalThis.isAside = ${isAside}; document.dispatchEvent(new Event("visibilitychange"))`);

const openIn = async (page: Page, world: World): Promise<void> => {
  await page.addInitScript({ content: HIDEABLE });
  await page.goto(`${world.origin}/?site=well`);
  await page.getByText("by events").waitFor();
};

/** Opens one tab after the other and hides each when the next is opened. Then the first becomes visible again. */
export const tabs = async (browser: Browser, world: World): Promise<void> => {
  const sheet = await Sheet.open(browser, world.origin, {
    path: "/page.svg",
  });
  try {
    const context = sheet.page.context();
    const pages: Page[] = [];
    for (let index = 1; index <= TABS; index++) {
      const last = pages.at(-1);
      if (last !== undefined) await turn(last, true);
      const page = await context.newPage();
      pages.push(page);
      await openIn(page, world).catch((error: unknown) => {
        throw new Error(`tab ${index}: ${error instanceof Error ? error.message : String(error)}`);
      });
    }
    const [first] = pages;
    if (first === undefined) return;
    await turn(first, false);
    await first.getByText("by events").waitFor();
  } finally {
    await sheet.close();
  }
};
