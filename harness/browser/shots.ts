/** Pictures of the page, for people to look at. */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { type Opening, Sheet } from "./browser.ts";
import type { World } from "./world.ts";

/** A folder that git ignores. */
export const FOLDER = fileURLToPath(new URL("../../dist/screenshots/", import.meta.url));
/** The picture that is committed: README shows it. */
const PICTURE = fileURLToPath(new URL("../../docs/page.webp", import.meta.url));
const PICTURE_BYTES_MAX = 150_000;
const PICTURE_QUALITY = 80;
const PICTURE_PX = 1_200;
const MARGIN_PX = 16;
/** The sites that README describes. */
export const PICTURED = ["well", "killed", "frozen", "cut", "vantage"];
const PHONE_PX = 360;

interface Shot {
  name: string;
  opening: Opening;
  /** An action before the picture is taken. */
  deed?: (page: Page) => Promise<void>;
  /** Whether the picture shows the whole page, and not only its visible part. */
  isWhole?: boolean;
}

const openHold = async (page: Page): Promise<void> => {
  await page.getByRole("article", { name: "killed/db-1" }).getByRole("button", { name: /^Hold/ }).click();
  await page.keyboard.type("INC-31: we look at it");
  await page.getByRole("dialog").getByText("The same as a command").click();
};

const openCell = async (page: Page): Promise<void> => {
  await page
    .getByRole("row", { name: "killed/db-1" })
    .getByRole("cell", { name: "R", exact: true })
    .first()
    .click();
  await page.getByRole("dialog").getByText("not reached").first().waitFor();
};

const openPast = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: "Show an instant of the past" }).click();
  await page.getByRole("slider").waitFor();
};

/** Pictures of a world in which all states have come about. */
const SHOTS: readonly Shot[] = [
  { name: "all-light", opening: { path: "/" }, isWhole: true },
  { name: "all-dark", opening: { path: "/", scheme: "dark" } },
  { name: "wall", opening: { path: "/", width: 3_840, height: 2_160 } },
  { name: "phone", opening: { path: "/?site=killed", width: PHONE_PX, height: 800 }, isWhole: true },
  {
    name: "phone-dark-lost-vantage",
    opening: { path: "/?site=vantage", width: PHONE_PX, scheme: "dark" },
    isWhole: true,
  },
  { name: "one-target", opening: { path: "/?site=hostile&target=db-1" }, isWhole: true },
  { name: "hold", opening: { path: "/?site=killed" }, deed: openHold },
  { name: "cell-dark", opening: { path: "/?site=killed", scheme: "dark" }, deed: openCell },
  { name: "past", opening: { path: "/?site=killed" }, deed: openPast },
  { name: "without-script", opening: { path: "/?site=cut", hasScript: false }, isWhole: true },
];

/** Opens the page of a shot, and runs the action that precedes it. */
const pose = async (browser: Browser, world: World, { opening, deed }: Shot): Promise<Sheet> => {
  const sheet = await Sheet.open(browser, world.origin, opening);
  if (opening.hasScript !== false) await sheet.page.getByText("by events").waitFor();
  await deed?.(sheet.page);
  return sheet;
};

/** Takes a picture of the page in its present state. */
export const keep = async ({ page }: Sheet, name: string): Promise<void> => {
  await mkdir(FOLDER, { recursive: true });
  await page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: true });
};

export const clear = (): Promise<void> => rm(FOLDER, { recursive: true, force: true });

export const takeAll = async (browser: Browser, world: World): Promise<void> => {
  await mkdir(FOLDER, { recursive: true });
  for (const shot of SHOTS) {
    const sheet = await pose(browser, world, shot);
    await sheet.page.screenshot({ path: `${FOLDER}${shot.name}.png`, fullPage: shot.isWhole === true });
    await sheet.close();
  }
};

/** Takes the picture for README, as WebP, which is half as large. */
export const takePicture = async (browser: Browser, world: World): Promise<string> => {
  const { token } = await world.api.makeToken({ scope: "read", sites: PICTURED });
  const sheet = await pose(browser, world, {
    name: "picture",
    opening: { path: "/", width: PICTURE_PX, token },
  });
  const table = await sheet.page.getByRole("table").boundingBox();
  const height = (table?.y ?? 0) + (table?.height ?? 0) + MARGIN_PX;
  const session = await sheet.page.context().newCDPSession(sheet.page);
  const { data } = await session.send("Page.captureScreenshot", {
    format: "webp",
    quality: PICTURE_QUALITY,
    clip: { x: 0, y: 0, width: PICTURE_PX, height, scale: 1 },
    captureBeyondViewport: true,
  });
  await sheet.close();
  const bytes = Buffer.from(data, "base64");
  if (bytes.length > PICTURE_BYTES_MAX) throw new Error(`${bytes.length} bytes of ${PICTURE_BYTES_MAX}`);
  await writeFile(PICTURE, bytes);
  return `${(bytes.length / 1_024).toFixed(0)} KB`;
};
