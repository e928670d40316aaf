/** The page for users who want no motion, and on paper. */
import type { Page } from "playwright-core";
import { examine } from "./axe.ts";

/** An A4 sheet between margins of 1 cm, at 96 pixels an inch. */
const PAPER_PX = 718;
/** A browser prints a wider page smaller, down to half. */
const SHRINKS = 2;
const HEIGHT_PX = 900;

const MOVING = `[...document.querySelectorAll("*")].filter((one) => {
  const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(one);
  return animationName !== "none" || scrollBehavior === "smooth" || !/^0s(, 0s)*$/.test(transitionDuration);
}).map((one) => one.outerHTML.slice(0, 80))`;

export const stillness = async (page: Page): Promise<void> => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const moving = await page.evaluate<string[]>(MOVING);
  if (moving.length > 0) throw new Error(`moves: ${moving.join(", ")}`);
};

/** Printed from a dark screen the page is dark on white, whole, and without its controls. */
export const paper = async (page: Page): Promise<string> => {
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  await page.setViewportSize({ width: PAPER_PX, height: HEIGHT_PX });
  await page.getByRole("article", { name: "killed/db-1" }).waitFor();
  if (await page.getByRole("button").first().isVisible()) throw new Error("buttons are printed");
  const ground = await page.evaluate<string>("getComputedStyle(document.body).backgroundColor");
  if (ground !== "rgb(255, 255, 255)") throw new Error(`printed on ${ground}`);
  const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
  if (wide > SHRINKS * PAPER_PX) throw new Error(`${wide} px wide on paper of ${PAPER_PX} px`);
  const { wrong } = await examine(page);
  if (wrong.length > 0) throw new Error(wrong.join("; "));
  const pdf = await page.pdf({ format: "A4" });
  return `${wide} px onto ${PAPER_PX}, ${(pdf.length / 1_024).toFixed(0)} KB of PDF`;
};
