/** The page at a past instant, judged again in the browser. */
import type { Browser } from "playwright-core";
import { Sheet } from "./browser.ts";
import { mustBeAccessible, mustFit } from "./looks.ts";
import type { World } from "./world.ts";

const WIDTHS_PX = [360, 1_280];
const BEFORE_MS = 1_500;
const KILLED = { site: "killed", target: "db-1" };

/** Opens at the instant before a process was known to be dead, moves on to the change by keyboard, and back to now. */
export const openAt = async (browser: Browser, world: World): Promise<string> => {
  const history = await world.api.history(KILLED);
  const fell = history.find(({ from, to }) => from === "alive" && to === "process_crashed");
  if (fell === undefined) throw new Error("nothing in its history says that it crashed");
  const at = new Date(Date.parse(fell.at) - BEFORE_MS).toISOString();
  const sheet = await Sheet.open(browser, world.origin, { path: `/?site=killed&at=${at}` });
  try {
    const { page } = sheet;
    await page.getByRole("slider", { name: "Instant" }).waitFor();
    await page.getByRole("heading", { name: "All 2 targets are well" }).waitFor();
    await page.getByRole("button", { name: "Change after" }).press("Enter");
    await page.getByRole("article", { name: "killed/db-1 process crashed" }).waitFor();
    await page.getByText("Judged again in this browser, as it was published.").waitFor();
    await mustFit(sheet);
    const said = await mustBeAccessible(sheet, WIDTHS_PX);
    await page.getByRole("button", { name: "Back to now" }).press("Enter");
    await page.getByText("by events").waitFor();
    sheet.mustBeQuiet();
    return `axe: ${said}`;
  } finally {
    await sheet.close();
  }
};
