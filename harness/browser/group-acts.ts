/** Actions of an operator on a group, from its card. */
import type { Browser, Page } from "playwright-core";
import { Sheet } from "./browser.ts";
import { makeGroup, reachGroup } from "./group-states.ts";
import type { World } from "./world.ts";

const ADMIN = "local-admin";
const GROUP = "acts";

/** Opens an action's dialog by its button, fills it in, and sends it. */
const act = async (page: Page, button: string, title: string, words: readonly string[]): Promise<void> => {
  const card = page.getByRole("article", { name: new RegExp(`^group ${GROUP} `) });
  await card.getByRole("button", { name: button, exact: true }).click();
  const dialog = page.getByRole("dialog", { name: title });
  await dialog.waitFor();
  for (const [label, text] of [
    ["Reason", words[0]],
    ["Minutes", words[1]],
    ["A token", ADMIN],
  ] as const)
    if (text !== undefined) await dialog.getByLabel(label).fill(text);
  await dialog.locator("button[type=submit]").click();
  await dialog.getByText("Done.", { exact: true }).waitFor();
  await page.keyboard.press("Escape");
};

/** Freeze, thaw and a switch to a named member, each as the group itself reports it afterwards. */
export const actOnGroup = async (browser: Browser, world: World): Promise<string> => {
  await makeGroup(world, GROUP, "well", { mode: "leader", policy: { holdDownMs: 0 } });
  await reachGroup(world, GROUP, ({ leader }) => leader?.target === "db-1");
  const sheet = await Sheet.open(browser, world.origin, { path: "/?site=well" });
  const { page } = sheet;
  try {
    await act(page, "Freeze", `Freeze: group ${GROUP}`, ["INC-9", "30"]);
    await reachGroup(world, GROUP, ({ frozen }) => frozen?.reason === "INC-9");
    await act(page, "Thaw", `Thaw: group ${GROUP}`, []);
    await reachGroup(world, GROUP, ({ frozen }) => frozen === null);
    await act(page, "Switch to well/db-2", `Switch: group ${GROUP} to well/db-2`, ["a new kernel"]);
    await reachGroup(world, GROUP, ({ leader }) => leader?.target === "db-2");
    await page.getByText("well/db-2 leads").waitFor();
    sheet.mustBeQuiet();
  } finally {
    await sheet.close();
    await world.api.ask(`/v1/groups/${GROUP}`, { method: "DELETE" });
  }
  return "frozen, thawed, another leads";
};
