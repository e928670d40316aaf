/** The page by keyboard alone. */
import type { Locator, Page } from "playwright-core";
import { mustBeAccessible } from "./looks.ts";
import { until } from "../../scripts/until.ts";

/** A dialog is as wide on a wall display as on a desk. */
const WIDTHS_PX = [360, 1_280];
const TABS_MAX = 80;
const WITHIN_MS = 10_000;

const isFocused = (locator: Locator): Promise<boolean> =>
  locator.evaluate((one) => one === one.ownerDocument.activeElement);

const waitFor = (holds: () => Promise<boolean>, words: string): Promise<boolean> =>
  until(holds, { withinMs: WITHIN_MS, everyMs: 50, explain: () => words });

/** A user without a pointer must see where the focus is. */
const mustShowFocus = async (page: Page): Promise<void> => {
  const style = await page.evaluate<string>("getComputedStyle(document.activeElement).outlineStyle");
  if (style === "none") {
    const what = await page.evaluate<string>("document.activeElement.outerHTML.slice(0, 80)");
    throw new Error(`the focus is not seen on ${what}`);
  }
};

/** Presses Tab until an element has the focus; resolves with the number of presses. */
const tabTo = async (page: Page, locator: Locator, name: string): Promise<number> => {
  for (let tabs = 1; tabs <= TABS_MAX; tabs++) {
    await page.keyboard.press("Tab");
    await mustShowFocus(page);
    if (await isFocused(locator)) return tabs;
  }
  throw new Error(`${TABS_MAX} times Tab do not lead to ${name}`);
};

const FOCUS_IN_DIALOG = "document.querySelector('dialog[open]')?.contains(document.activeElement) === true";
/** After the last of a dialog's fields come the browser's own controls, and the page has no focus meanwhile. */
const FOCUS_NOT_BEHIND = `document.activeElement === document.body || ${FOCUS_IN_DIALOG}`;

/** Opens a dialog from the focused element, walks through all of it, and leaves it by Escape. */
const visit = async (page: Page, from: Locator, name: string): Promise<void> => {
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name });
  await dialog.waitFor();
  await waitFor(() => page.evaluate<boolean>(FOCUS_IN_DIALOG), `the focus does not go into “${name}”`);
  await mustBeAccessible({ page }, WIDTHS_PX);
  for (let tabs = 0; tabs < 10; tabs++) {
    await page.keyboard.press("Tab");
    if (!(await page.evaluate<boolean>(FOCUS_NOT_BEHIND)))
      throw new Error(`the focus leaves “${name}” for the page behind it`);
  }
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await waitFor(() => isFocused(from), `the focus does not come back from “${name}”`);
};

/** The first element that Tab reaches leads past the head. */
export const skip = async (page: Page): Promise<string> => {
  await page.keyboard.press("Tab");
  const link = page.getByRole("link", { name: "Skip to what is in trouble" });
  if (!(await isFocused(link))) throw new Error("the first Tab is not at the skip link");
  const inView = async (): Promise<boolean> => ((await link.boundingBox())?.x ?? -1) >= 0;
  await waitFor(inView, "the skip link is not seen where it has the focus");
  await page.keyboard.press("Enter");
  await waitFor(() => isFocused(page.getByRole("main")), "the skip link does not lead to the main part");
  return "1 Tab";
};

/** The arrows walk the cells, Enter opens one. */
export const cells = async (page: Page): Promise<string> => {
  const table = page.getByRole("region", { name: "The table of targets by vantages" });
  const tabs = await tabTo(page, table, "the table");
  const cell = table.getByRole("row", { name: "killed/db-1" }).getByRole("cell");
  await page.keyboard.press("ArrowRight");
  await waitFor(() => isFocused(cell.nth(1)), "an arrow does not lead to the first cell");
  await page.keyboard.press("ArrowRight");
  await waitFor(() => isFocused(cell.nth(2)), "an arrow does not lead to the next cell");
  await mustShowFocus(page);
  await visit(page, cell.nth(2), "killed/db-1 as seen by enam");
  return `${tabs} Tabs to the table`;
};

/** The dialog that holds back failover. */
export const hold = async (page: Page): Promise<string> => {
  const button = page.getByRole("article", { name: "killed/db-1" }).getByRole("button", { name: /^Hold/ });
  const tabs = await tabTo(page, button, "the button");
  await visit(page, button, "Hold: no failover: killed/db-1");
  return `${tabs} Tabs to the button`;
};

/** The filter that shows rows with a given text. */
export const filter = async (page: Page): Promise<string> => {
  const box = page.getByRole("searchbox", { name: "Show rows that hold" });
  const tabs = await tabTo(page, box, "the filter");
  await page.keyboard.type("db-2");
  await page.getByText("1 of 2 rows", { exact: true }).waitFor();
  const shown = await page.getByRole("rowheader").count();
  if (shown !== 1) throw new Error(`${shown} rows are shown`);
  if (!page.url().includes("filter=db-2")) throw new Error(`the address does not hold it: ${page.url()}`);
  return `${tabs} Tabs to the filter`;
};
