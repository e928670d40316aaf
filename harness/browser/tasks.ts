/** Tasks of a person on call, by a script of clicks from a page that is opened for the first time. */
import type { Browser, Locator, Page } from "playwright-core";
import { pathOf } from "../../scripts/detector-api.ts";
import { Sheet } from "./browser.ts";
import type { World } from "./world.ts";

const CLICKS_MAX = 4;
const ADMIN = "local-admin";
const KILLED = { site: "killed", target: "db-1" };

/** A mouse hand that counts its clicks. */
class Hand {
  readonly page: Page;
  clicks = 0;

  constructor(page: Page) {
    this.page = page;
  }

  async click(locator: Locator): Promise<void> {
    this.clicks += 1;
    await locator.click();
  }
}

/** Does a task from a new page; resolves with its clicks and its time. */
const timed = async (
  browser: Browser,
  world: World,
  task: (hand: Hand) => Promise<string>,
): Promise<string> => {
  const begin = performance.now();
  const sheet = await Sheet.open(browser, world.origin, { path: "/" });
  try {
    const hand = new Hand(sheet.page);
    const found = await task(hand);
    const seconds = ((performance.now() - begin) / 1_000).toFixed(1);
    if (hand.clicks > CLICKS_MAX) throw new Error(`${hand.clicks} clicks`);
    return `${hand.clicks} clicks, ${seconds} s: ${found}`;
  } finally {
    await sheet.close();
  }
};

/** The first card names the target that may be taken over now, and why; a cell shows what one vantage observed. */
export const nameFault = (browser: Browser, world: World): Promise<string> =>
  timed(browser, world, async (hand) => {
    const { page } = hand;
    const card = page.getByRole("main").getByRole("article").first();
    await card.getByRole("heading", { name: "killed/db-1 process crashed" }).waitFor();
    const { because } = await world.api.verdict(KILLED);
    await card.getByText(because).waitFor();
    const row = page.getByRole("row", { name: "killed/db-1" });
    await hand.click(row.getByRole("cell", { name: "R", exact: true }).first());
    await page.getByRole("dialog").getByText("connect rejected").first().waitFor();
    return because;
  });

/** Finds which client was answered that a successor may take over, and when. */
export const findTold = (browser: Browser, world: World): Promise<string> =>
  timed(browser, world, async (hand) => {
    const { page } = hand;
    const card = page.getByRole("article", { name: "killed/db-1" });
    await hand.click(card.getByRole("link", { name: "db-1", exact: true }));
    const changes = page.getByRole("region", { name: "What changed" }).getByRole("listitem");
    const change = changes.filter({ hasText: `${world.askerId} was told by /failover` }).first();
    await change.waitFor();
    return (await change.getByText(world.askerId).innerText()).replaceAll(/\s+/g, " ");
  });

const mustForget = async (page: Page): Promise<void> => {
  const kept = await page.evaluate<string>(
    "document.documentElement.outerHTML + location.href + JSON.stringify({ ...localStorage, ...sessionStorage }) + document.cookie" +
      " + [...document.querySelectorAll('input')].map((one) => one.value).join()",
  );
  if (kept.includes(ADMIN)) throw new Error("the page keeps the administrator's token");
};

/** Holds back failover: from then on a program that polls `/failover` gets that answer. */
export const holdFailover = (browser: Browser, world: World): Promise<string> =>
  timed(browser, world, async (hand) => {
    const { page } = hand;
    const failover = `${pathOf(KILLED)}/failover`;
    const before = (await world.api.ask(failover)).status;
    if (before !== 200) throw new Error(`/failover says ${before} before it is held`);
    const card = page.getByRole("article", { name: "killed/db-1" });
    await hand.click(card.getByRole("button", { name: "Hold: no failover" }));
    const dialog = page.getByRole("dialog", { name: "Hold: no failover: killed/db-1" });
    await dialog.waitFor();
    await page.keyboard.type("INC-31: we look at it");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type(ADMIN);
    await hand.click(dialog.getByText("The same as a command"));
    const command = await dialog.getByText("curl -X PUT").innerText();
    for (const part of [
      `${pathOf(KILLED)}/override`,
      `"failover":false`,
      "INC-31: we look at it",
      "$ADMIN_TOKEN",
    ])
      if (!command.includes(part)) throw new Error(`the command lacks ${part}: ${command}`);
    await hand.click(dialog.getByRole("button", { name: "Hold: no failover" }));
    await dialog.getByText("Done.", { exact: true }).waitFor();
    const after = (await world.api.ask(failover)).status;
    if (after !== 409) throw new Error(`/failover says ${after} after it was held`);
    await mustForget(page);
    await page.keyboard.press("Escape");
    await card.getByText("INC-31: we look at it").first().waitFor();
    return "/failover 200, then 409; the token is forgotten";
  });
