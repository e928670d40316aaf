/** Requirements for every state of the page. */
import type { Browser } from "playwright-core";
import { examine, type Findings } from "./axe.ts";
import { type Scheme, Sheet } from "./browser.ts";
import { mustSee, type State } from "./states.ts";
import type { Table } from "./table.ts";

const HEIGHT_PX = 900;
/** A phone, a desk, a wall. */
const WIDTHS_PX = [360, 1_280, 3_840];
/** WCAG's 1.4.10 requires that nothing be scrolled sideways at 320 pixels. */
const NARROW_PX = [360, 320];
const SCHEMES: readonly Scheme[] = ["light", "dark"];
const TALLEST_PX = 2_160;

/** Throws if the page is wider than the viewport. */
export const mustFit = async ({ page }: Sheet): Promise<string> => {
  const found: string[] = [];
  for (const width of NARROW_PX) {
    await page.setViewportSize({ width, height: HEIGHT_PX });
    const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
    if (wide > width) {
      const widest = await page.evaluate<string>(WIDEST);
      found.push(`${wide} px wide at ${width} px: ${widest}`);
    }
  }
  if (found.length > 0) throw new Error(found.join("; "));
  return NARROW_PX.join(" and ") + " px";
};

/** The elements that extend beyond the right edge, except those that scroll within themselves. */
const WIDEST = `(() => {
  const out = [...document.body.querySelectorAll("*")].filter((one) =>
    one.getBoundingClientRect().right > innerWidth + 1 && !one.closest(".scroll, pre"));
  return out.map((one) => one.tagName + "." + one.className).slice(0, 3).join(", ");
})()`;

/** Examines a page in both schemes and all widths. Throws violations of WCAG; returns other advice. */
export const mustBeAccessible = async (
  { page }: Pick<Sheet, "page">,
  widths: readonly number[] = WIDTHS_PX,
): Promise<string> => {
  const all: Findings = { wrong: [], advice: [] };
  for (const width of widths) {
    await page.setViewportSize({ width, height: Math.min(TALLEST_PX, Math.max(HEIGHT_PX, width / 2)) });
    for (const scheme of SCHEMES) {
      await page.emulateMedia({ colorScheme: scheme });
      const { wrong, advice } = await examine(page);
      all.wrong.push(...wrong.map((one) => `${one} (${width} px, ${scheme})`));
      all.advice.push(...advice);
    }
  }
  if (all.wrong.length > 0) throw new Error(all.wrong.join("; "));
  const advice = [...new Set(all.advice)];
  return `0 in ${widths.length * SCHEMES.length} looks${advice.length === 0 ? "" : `; best practice: ${advice.join("; ")}`}`;
};

/** All checks of a state that holds by now. `live`: a page that was open before the state came about. */
export const look = async (browser: Browser, origin: string, table: Table, state: State, live: Sheet) => {
  const { name, path, sees, seesLive, seesStill } = state;
  await table.prove(name, "is seen, without a reload", () => mustSee(live.page, { ...seesLive, ...sees }));
  await table.prove(name, "is whole without script", async () => {
    const sheet = await Sheet.open(browser, origin, { path, hasScript: false });
    try {
      await mustSee(sheet.page, { ...sees, ...seesStill });
      sheet.mustBeQuiet();
    } finally {
      await sheet.close();
    }
  });
  await table.prove(name, "axe finds nothing against WCAG 2.2 AA", () => mustBeAccessible(live));
  await table.prove(name, "nothing is scrolled sideways", () => mustFit(live));
  await table.prove(name, "no error, nothing refused by the policy, no other host", async () => {
    if (await live.page.evaluate<boolean>("globalThis.ran !== undefined")) throw new Error("something ran");
    live.mustBeQuiet();
  });
};
