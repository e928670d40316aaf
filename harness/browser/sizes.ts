/**
 * How large the page is, and how long it takes. Times are shown beside their budgets: a busy machine misses a budget, which proves nothing.
 */
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { until } from "../../scripts/until.ts";
import { type Opening, Sheet } from "./browser.ts";
import { against, quantileOf } from "./figures.ts";
import { ask, busyOf, redrawsOf, simulate } from "./simulated.ts";
import type { World } from "./world.ts";

/** The files loaded at once, and the file that a look into the past loads besides: the page's own tests limit the size of both. */
const AT_ONCE = ["/page.mjs", "/page.css"];
const JUDGE = "/replay.mjs";
const FILES_KB = 45;
const PAINT_MS = 100;
const PAINTS = 3;
const REDRAW_MS = 16;
const REDRAWS = 12;
const WITHIN_MS = 40_000;
const VANTAGES = 16;
const KB = 1_024;

/** The files of the page, compressed as they are sent. Their size does not depend on the machine. */
export const files = async (world: World): Promise<string> => {
  const sumOf = async (paths: readonly string[]): Promise<number> => {
    let bytes = 0;
    for (const path of paths) {
      const { status, text } = await world.api.ask(path, { token: null });
      if (status !== 200) throw new Error(`${path}: ${status}`);
      bytes += gzipSync(text, { level: 9 }).length;
    }
    return bytes / KB;
  };
  const first = await sumOf(AT_ONCE);
  const judge = await sumOf([JUDGE]);
  if (first > FILES_KB) throw new Error(`${first.toFixed(1)} KB at once, budget ${FILES_KB} KB`);
  return `${first.toFixed(1)} KB at once; with the judge ${against(first + judge, FILES_KB, "KB")}`;
};

const PAINTED = `(() => {
  const [page] = performance.getEntriesByType("navigation");
  const paint = performance.getEntriesByName("first-contentful-paint")[0];
  return paint && { answer: page.responseEnd, paint: paint.startTime };
})()`;

/** From the answer's last byte to the first paint. */
const paintOf = async (browser: Browser, world: World, opening: Partial<Opening>): Promise<number> => {
  const taken: number[] = [];
  for (let round = 0; round < PAINTS; round++) {
    const sheet = await Sheet.open(browser, world.origin, {
      path: "/?site=killed",
      hasScript: false,
      ...opening,
    });
    try {
      const read = () => sheet.page.evaluate<{ answer: number; paint: number } | undefined>(PAINTED);
      const { answer, paint } = await until(read, {
        withinMs: WITHIN_MS,
        explain: () => "nothing was painted",
      });
      taken.push(paint - answer);
    } finally {
      await sheet.close();
    }
  }
  return quantileOf(taken, 0.5);
};

/** Compared with a page of one word, which shows the time that the browser itself takes. */
export const firstPaint = async (browser: Browser, world: World): Promise<string> => {
  const ours = await paintOf(browser, world, {});
  const prepare = async (page: Page): Promise<void> => {
    await page.route(`${world.origin}/**`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<p>word" }),
    );
  };
  const least = await paintOf(browser, world, { prepare });
  return `${against(ours, PAINT_MS, "ms")} after the answer; a page of one word ${least.toFixed(1)} ms; medians of ${PAINTS}`;
};

const timesOf = (samples: readonly number[]): string =>
  `median ${quantileOf(samples, 0.5).toFixed(1)}, p95 ${against(quantileOf(samples, 0.95), REDRAW_MS, "ms")}`;

/** Redraws in which every number of the table changes. */
export const redraws = async (browser: Browser, world: World, targets: number): Promise<string> => {
  const prepare = simulate(targets, VANTAGES);
  const sheet = await Sheet.open(browser, world.origin, { path: "/", prepare });
  try {
    const { page } = sheet;
    await page.getByRole("columnheader", { name: `v-${VANTAGES}`, exact: true }).waitFor();
    const busy = await busyOf(page);
    const fresh = async () => (await redrawsOf(page)).filter(({ isNew }) => isNew);
    const enough = await until(
      async () => {
        await ask(page);
        const samples = await fresh();
        return samples.length >= REDRAWS && samples;
      },
      { withinMs: WITHIN_MS, everyMs: 400, explain: async () => `only ${(await fresh()).length} redraws` },
    );
    const script = enough.map(({ scriptMs }) => scriptMs);
    const frame = enough.map(({ frameMs }) => frameMs);
    const all = (await redrawsOf(page)).length;
    const own = (await busy()) / all;
    return `script ${timesOf(script)}; with layout and paint ${timesOf(frame)}; of ${enough.length} redraws; processor ${against(own, REDRAW_MS, "ms")} each on average`;
  } finally {
    await sheet.close();
  }
};

/** Filters and scrolls a table of which only the visible part is drawn. */
export const crowd = async (browser: Browser, world: World, targets: number): Promise<string> => {
  const prepare = simulate(targets, VANTAGES);
  const sheet = await Sheet.open(browser, world.origin, { path: "/", prepare });
  try {
    const { page } = sheet;
    await page.getByRole("columnheader", { name: `v-${VANTAGES}`, exact: true }).waitFor();
    const drawn = await page.getByRole("rowheader").count();
    if (drawn > 300) throw new Error(`${drawn} rows are drawn at once`);
    const last = `node-${String(targets - 1).padStart(5, "0")}`;
    const begin = (await redrawsOf(page)).length;
    const scrolled = performance.now();
    await page.evaluate("document.querySelector('#matrix .tall').scrollTop = 1e9");
    await page.getByRole("rowheader", { name: last }).waitFor();
    const scrollMs = performance.now() - scrolled;
    const typed = performance.now();
    await page.getByRole("searchbox", { name: "Show rows that hold" }).pressSequentially(last.slice(-4));
    await page.getByRole("rowheader", { name: last }).waitFor();
    await page
      .getByRole("status")
      .getByText(/^\d+ of 10000 rows$/)
      .waitFor();
    const filterMs = performance.now() - typed;
    const frames = (await redrawsOf(page)).slice(begin).map(({ frameMs }) => frameMs);
    return `${drawn} rows drawn; to the last row ${scrollMs.toFixed(0)} ms, filter typed and shown ${filterMs.toFixed(0)} ms; a frame ${timesOf(frames)}`;
  } finally {
    await sheet.close();
  }
};
