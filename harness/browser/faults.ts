/** Faults that happen while a page is open. */
import type { Browser, Page } from "playwright-core";
import { secondsOf } from "./figures.ts";
import { Sheet } from "./browser.ts";
import { mustBeAccessible, mustFit } from "./looks.ts";
import type { World } from "./world.ts";

const WIDTHS_PX = [360, 1_280];
const HOUR_MS = 3_600_000;
/** The text read from a page was drawn up to a second ago, from an answer that is older still. */
const LATE_S = 5;

const withSheet = async <T>(opening: Promise<Sheet>, use: (sheet: Sheet) => Promise<T>): Promise<T> => {
  const sheet = await opening;
  try {
    return await use(sheet);
  } finally {
    await sheet.close();
  }
};

/** How long a verdict has held, as the page shows it and as the API reports it. */
const mustAge = async (page: Page, world: World): Promise<number> => {
  const card = page.getByRole("article", { name: "killed/db-1" });
  await page.getByText(/by (events|polls)/).waitFor();
  const text = await card.innerText();
  const said = secondsOf(/\bfor (.+?), since/.exec(text)?.[1] ?? "");
  const { since } = await world.api.verdict({ site: "killed", target: "db-1" });
  const real = (Date.now() - Date.parse(since)) / 1_000;
  if (!(Math.abs(said - real) <= LATE_S))
    throw new Error(`the page says ${said} s, it is ${real.toFixed(1)} s`);
  return said;
};

/** A browser whose clock is wrong by so many hours still shows the true ages. */
export const skew = async (browser: Browser, world: World, hours: number): Promise<string> =>
  withSheet(
    Sheet.open(browser, world.origin, {
      path: "/?site=killed",
      prepare: (page) => page.clock.install({ time: Date.now() + hours * HOUR_MS }),
    }),
    async ({ page }) => {
      const own = await page.evaluate<number>("Date.now()");
      if (Math.abs(own - Date.now()) < HOUR_MS) throw new Error("the browser's clock is right after all");
      return `${await mustAge(page, world)} s`;
    },
  );

/** Answers the browser's first request for a name and a password as a person would, and cancels any further request. */
const answerPassword = async (page: Page, token: string): Promise<{ asked: number }> => {
  const heard = { asked: 0 };
  const session = await page.context().newCDPSession(page);
  session.on("Fetch.requestPaused", ({ requestId }) => {
    session.send("Fetch.continueRequest", { requestId }).catch(() => undefined);
  });
  session.on("Fetch.authRequired", ({ requestId }) => {
    heard.asked += 1;
    const authChallengeResponse =
      heard.asked === 1
        ? { response: "ProvideCredentials" as const, username: "", password: token }
        : { response: "CancelAuth" as const };
    session.send("Fetch.continueWithAuth", { requestId, authChallengeResponse }).catch(() => undefined);
  });
  await session.send("Fetch.enable", { handleAuthRequests: true });
  return heard;
};

/** A token that is revoked: the page says so, and no password window covers that. */
export const revoke = async (browser: Browser, world: World): Promise<string> => {
  const { id, token } = await world.api.makeToken({ scope: "read", note: "anna" });
  let heard = { asked: 0 };
  const prepare = async (page: Page): Promise<void> => {
    heard = await answerPassword(page, token);
  };
  return withSheet(
    Sheet.open(browser, world.origin, { path: "/?site=well", token: null, prepare }),
    async (sheet) => {
      const { page } = sheet;
      await page.getByText("by events").waitFor();
      if (heard.asked !== 1) throw new Error(`asked for a password ${heard.asked} times on the way in`);
      const { status } = await world.api.ask(`/v1/tokens/${id}`, { method: "DELETE" });
      if (status > 299) throw new Error(`DELETE /v1/tokens: ${status}`);
      const words = page.getByRole("status").filter({ hasText: "The token opens nothing any more" });
      await words.waitFor();
      await mustBeAccessible(sheet, WIDTHS_PX);
      if (heard.asked !== 1) throw new Error("a window for a password pops up");
      await page.getByText("well/db-1").first().waitFor();
      sheet.mustBeQuiet(/Failed to load resource.*401/);
      return "no window for a password";
    },
  );
};

/** A user without a token, or with a token that is not valid, reads what to do. */
export const strangers = async (browser: Browser, world: World): Promise<void> =>
  withSheet(
    Sheet.open(browser, world.origin, {
      path: "/",
      token: null,
      hasScript: false,
      prepare: async (page) => void (await answerPassword(page, "opens-nothing")),
    }),
    async (sheet) => {
      await sheet.page.getByText("Reload this page and give a token of scope read as the password").waitFor();
      await mustFit(sheet);
    },
  );

/** A detector that is killed under a page and comes back: the page says so meanwhile, and goes on by itself. */
export const restart = async (browser: Browser, world: World): Promise<string> =>
  withSheet(Sheet.open(browser, world.origin, { path: "/?site=well" }), async (sheet) => {
    const { page } = sheet;
    await page.getByText("by events").waitFor();
    await world.detector.kill();
    const words = page.getByRole("status").filter({ hasText: "The detector does not answer" });
    await words.waitFor();
    await mustBeAccessible(sheet, WIDTHS_PX);
    const begin = performance.now();
    await world.detector.restart();
    const up = performance.now();
    await words.waitFor({ state: "hidden" });
    await page.getByRole("heading", { name: "All 2 targets are well" }).waitFor();
    await page.getByText("by events").waitFor();
    sheet.mustBeQuiet(/Failed to load resource|ERR_/);
    return `down ${((up - begin) / 1_000).toFixed(1)} s, of now again ${((performance.now() - up) / 1_000).toFixed(1)} s later`;
  });
