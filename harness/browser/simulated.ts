/** Answers of a detector that is larger than this machine can hold. */
import type { Page } from "playwright-core";
import type { MatrixAnswer } from "../../src/domain/matrix.ts";
import { LETTERS } from "../../src/dashboard/cell-letters.ts";

const SITES = 50;

/** All its content changes from turn to turn, as in a matrix of thousands of targets. */
export const matrixOf = (targets: number, vantages: number, turn: number, now: number): MatrixAnswer => {
  const instant = new Date(now).toISOString();
  const rows = Array.from({ length: targets }, (_, index) => {
    const isDown = index % 97 === 3;
    return {
      site: `s-${String(Math.floor((index * SITES) / targets)).padStart(2, "0")}`,
      target: `node-${String(index).padStart(5, "0")}`,
      verdict: isDown ? ("process_crashed" as const) : ("alive" as const),
      confirmed: true,
      routing: isDown ? ("avoid" as const) : ("serve" as const),
      failover: false,
      sequence: 2,
      since: instant,
      marks: [],
      cells: Array.from({ length: vantages }, (__, column) =>
        isDown ? "R" : 1 + ((index + 7 * column + 13 * turn) % 300),
      ),
    };
  });
  return {
    asOf: instant,
    vantages: Array.from({ length: vantages }, (_, index) => ({
      id: `v-${index + 1}`,
      provider: index < vantages / 2 ? "cloudflare" : "own",
      inside: null,
      sound: true,
      reason: "",
    })),
    letters: LETTERS,
    targets: rows,
  };
};

/** Gives the page this answer whenever it asks what each vantage saw. */
export const simulate =
  (targets: number, vantages: number) =>
  async (page: Page): Promise<void> => {
    let turn = 0;
    await page.addInitScript({ content: MEASURE });
    await page.route(
      ({ pathname }) => pathname === "/v1/matrix",
      (route) => route.fulfill({ json: matrixOf(targets, vantages, (turn += 1), Date.now()) }),
    );
  };

/** The time of one redraw: of its script alone, and of all that the browser does until the frame is made. */
export interface Redraw {
  scriptMs: number;
  frameMs: number;
  /** Whether a number in the table changed. */
  isNew: boolean;
}

/** Measures every redraw of the page. A message that is sent while a frame is drawn arrives once the frame is made. */
const MEASURE = `
  globalThis.redraws = [];
  const ask = requestAnimationFrame.bind(globalThis);
  const sample = () => document.querySelector("#matrix tbody td:nth-of-type(2)")?.textContent;
  globalThis.requestAnimationFrame = (draw) => ask((at) => {
    const before = sample();
    const begin = performance.now();
    draw(at);
    const scriptMs = performance.now() - begin;
    const isNew = sample() !== before;
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      redraws.push({ scriptMs, frameMs: performance.now() - begin, isNew });
      port1.close();
    };
    port2.postMessage(null);
  });
`;

export const redrawsOf = (page: Page): Promise<Redraw[]> => page.evaluate<Redraw[]>("redraws");

/** Makes the page ask again, as it does when its tab becomes visible. */
export const ask = (page: Page): Promise<unknown> =>
  page.evaluate('document.dispatchEvent(new Event("visibilitychange"))');

/**
 * Processor time of a page's main thread in script, style and layout, from now on, in milliseconds: the same however busy the machine is.
 */
export const busyOf = async (page: Page): Promise<() => Promise<number>> => {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const read = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics
      .filter(({ name }) => ["ScriptDuration", "RecalcStyleDuration", "LayoutDuration"].includes(name))
      .reduce((sum, { value }) => sum + 1_000 * value, 0);
  };
  await page.evaluate("redraws.length = 0");
  const before = await read();
  return async () => (await read()) - before;
};
