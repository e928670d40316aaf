import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { type Browser, chromium, type Page } from "playwright-core";
import { until } from "../../../scripts/until.ts";
import type { Transition } from "../../../src/domain/verdict.ts";
import type { Consumer, Row, Running } from "../consumer.ts";
import { exampleFile } from "../example.ts";
import { FAULTS, type Fault, FaultProxy } from "../faults.ts";
import type { Watched, World } from "../world.ts";

const CHROMIUM = "/usr/bin/chromium";
const SITE = "event-source";
const CHANGED_WITHIN_MS = 40_000;
const CAUGHT_UP_WITHIN_MS = 30_000;
/** A browser's own pause before it reconnects, and a look after that. */
const TROUBLED_MS = 5_000;

interface Seen {
  transitions: { target: string; transition: Transition }[];
  gaps: number;
}

const FOLLOW = (token: string): string => `
  window.seen = { transitions: [], gaps: 0 };
  follow("/k/${token}/v1/events?site=${SITE}", (one) => seen.transitions.push(one), () => (seen.gaps += 1));
`;

/** The transitions of one target that the page has received so far. */
const sequencesOf = async (page: Page, { key }: Watched): Promise<{ sequences: number[]; gaps: number }> => {
  const { transitions, gaps } = await page.evaluate<Seen>("window.seen");
  const own = transitions.filter(({ target }) => target === key.target);
  return { sequences: own.map(({ transition }) => transition.sequence), gaps };
};

/** Kills a running node or revives a dead one; resolves once the verdict says so. */
const turn = async ({ detector: { api } }: World, { key, node }: Watched): Promise<string> => {
  const isUp = node.pid !== undefined;
  await (isUp ? node.kill() : node.revive());
  const wanted = isUp ? "process_crashed" : "alive";
  await until(async () => (await api.verdict(key)).verdict === wanted, {
    withinMs: CHANGED_WITHIN_MS,
    explain: () => `${key.target} is not ${wanted}`,
  });
  return wanted;
};

class Listener {
  readonly #world: World;
  readonly #browser: Browser;
  readonly #proxy: FaultProxy;

  private constructor(world: World, browser: Browser, proxy: FaultProxy) {
    this.#world = world;
    this.#browser = browser;
    this.#proxy = proxy;
  }

  static async start(world: World): Promise<Listener> {
    const browser = await chromium.launch({ executablePath: CHROMIUM, args: ["--no-sandbox"] });
    return new Listener(world, browser, new FaultProxy({ host: "127.0.0.1", port: world.detector.port }));
  }

  get version(): string {
    return `Chromium ${this.#browser.version()}`;
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    await this.#proxy.stop();
  }

  /** At least one transition in each fault, and one while all is fine. */
  async play(): Promise<Row[]> {
    const { primary } = await this.#world.pair(SITE);
    const page = await this.#open();
    // The page need not receive transitions from before it was opened.
    const before = (await this.#world.detector.api.verdict(primary.key)).sequence;
    const rows: Row[] = [];
    for (const fault of ["fine", ...FAULTS] as const) {
      await this.#proxy.switchTo(fault);
      if (fault !== "fine") await wait(TROUBLED_MS);
      const verdict = await turn(this.#world, primary);
      await this.#proxy.switchTo("fine");
      rows.push(await this.#rowOf(page, primary, { before, fault, verdict }));
    }
    return rows;
  }

  /** A page of the same origin that follows the events, once it is connected. */
  async #open(): Promise<Page> {
    const { url } = await this.#proxy.open(SITE);
    const page = await this.#browser.newPage();
    await page.goto(`${url}/healthz`);
    const example = await readFile(exampleFile("browser/events.js"), "utf8");
    const connected = page.waitForResponse((response) => response.url().includes("/v1/events"));
    await page.evaluate(
      `(() => { ${example.replace("export const", "const")} ${FOLLOW(this.#world.readToken)} })()`,
    );
    if (!(await connected).ok()) throw new Error(`the stream did not open: ${(await connected).status()}`);
    return page;
  }

  async #rowOf(
    page: Page,
    watched: Watched,
    { before, fault, verdict }: { before: number; fault: Fault; verdict: string },
  ): Promise<Row> {
    const begin = performance.now();
    const { api } = this.#world.detector;
    const all = (await api.history(watched.key))
      .map(({ sequence }) => sequence)
      .filter((sequence) => sequence > before)
      .toReversed();
    const last = all.at(-1) ?? 0;
    const got = await until(
      async () => {
        const seen = await sequencesOf(page, watched);
        return (seen.sequences.at(-1) ?? 0) >= last && seen;
      },
      { withinMs: CAUGHT_UP_WITHIN_MS, explain: () => `sequence ${last} did not arrive after ${fault}` },
    );
    // The history may have grown during the wait.
    const known = got.sequences.filter((sequence) => sequence <= last);
    const isWhole = got.gaps === 0 && JSON.stringify(known) === JSON.stringify(all);
    const did = isWhole ? "all, once" : `${JSON.stringify(got)}, not ${JSON.stringify(all)}`;
    return {
      scenario: "event-source/turns",
      verdict,
      fault,
      expected: "all, once",
      did,
      ok: isWhole,
      seconds: Number(((performance.now() - begin) / 1_000).toFixed(1)),
      violations: 0,
      detail: `${all.length} transitions in order; seconds since the API's return`,
    };
  }
}

/** A page in a browser. */
export const eventSource: Consumer = {
  name: "event-source",
  title: "a browser's `EventSource` on `/v1/events`",
  recommended: true,
  example: "examples/browser",
  needs: { commands: { [CHROMIUM]: "chromium" } },
  states: [],
  pollMs: 0,
  rounds: 0,
  start: async (world): Promise<Running> => {
    const listener = await Listener.start(world);
    const rows = listener.play();
    rows.catch(() => undefined);
    return {
      version: listener.version,
      observe: async () => ({ did: "" }),
      also: () => rows,
      stop: async () => {
        await listener.stop();
        await rows.catch(() => undefined);
      },
    };
  },
  expects: () => "",
  isSwitch: () => false,
};
