// `npm run browser`: the page in a real Chromium, over a whole detector and real processes.
import { rmSync } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser } from "playwright-core";
import { endAtExit } from "../../scripts/children.ts";
import { findOut, PATH, reasonsAgainst } from "../consumers/ability.ts";
import { NEEDS, Sheet, startBrowser } from "./browser.ts";
import { look } from "./looks.ts";
import { PARTS } from "./parts.ts";
import { FIRST, STATES, type State } from "./states.ts";
import { clear, FOLDER, keep, PICTURED, takeAll, takePicture } from "./shots.ts";
import { Table } from "./table.ts";
import { World } from "./world.ts";

const CANNOT = 2;
const USAGE = `usage: npm run browser [-- --only PART]... [--screenshots] [--picture] [--check]
  --only PART    only this state or trial; may be given again
  --screenshots  instead of trying anything, pictures of states in dist/screenshots
  --picture      instead, the picture that README shows, docs/page.webp
  --check        only says whether it can run here: exit 0 or 2`;

const OPTIONS = {
  only: { type: "string", multiple: true },
  screenshots: { type: "boolean", default: false },
  picture: { type: "boolean", default: false },
  check: { type: "boolean", default: false },
} as const;

interface Asked {
  wants: (name: string) => boolean;
  screenshots: boolean;
  picture: boolean;
  check: boolean;
}

/** The options of the command line; a sentence if they make no sense. */
const parse = (words: string[]): Asked | string => {
  try {
    const { only = [], ...rest } = parseArgs({ args: words, options: OPTIONS }).values;
    const known = [FIRST, ...STATES, ...PARTS].map(({ name }) => name);
    const unknown = only.filter((name) => !known.includes(name));
    if (unknown.length > 0)
      return `--only: no such part: ${unknown.join(", ")}; there are ${known.join(", ")}`;
    return { wants: (name) => only.length === 0 || only.includes(name), ...rest };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

/** Opens the page of a state, then brings the state about. */
const bring = async (browser: Browser, world: World, { path, bring: deed }: State): Promise<Sheet> => {
  const live = await Sheet.open(browser, world.origin, { path });
  await deed?.(world);
  return live;
};

/** Brings about one state after the other, while it examines the ones before. */
const showStates = async (browser: Browser, world: World, table: Table, states: readonly State[]) => {
  let next = states[0] === undefined ? undefined : bring(browser, world, states[0]);
  for (const [index, state] of states.entries()) {
    const coming = next;
    let live: Sheet | undefined;
    await table.prove(state.name, state.title, async () => {
      live = await coming;
    });
    const after = states[index + 1];
    next = after === undefined ? undefined : bring(browser, world, after);
    // It is awaited in its turn.
    next?.catch(() => undefined);
    if (live === undefined) continue;
    await look(browser, world.origin, table, state, live);
    await live.close();
  }
};

/** Brings about all states without examining them. */
const show = async (browser: Browser, world: World, { screenshots, picture }: Asked, table: Table) => {
  const first = await bring(browser, world, FIRST);
  if (screenshots) await clear().then(() => keep(first, FIRST.name));
  await first.close();
  await world.furnish();
  for (const state of STATES.filter(({ name }) => (screenshots ? name !== "many" : PICTURED.includes(name))))
    await table.prove(state.name, state.title, async () => (await bring(browser, world, state)).close());
  if (picture) await table.prove("picture", "docs/page.webp", () => takePicture(browser, world));
  if (screenshots) await table.prove("screenshots", FOLDER, () => takeAll(browser, world));
};

const runAll = async (dir: string, asked: Asked, table: Table): Promise<void> => {
  const { wants, screenshots, picture } = asked;
  const world = await World.start(dir);
  try {
    const browser = await startBrowser();
    try {
      if (screenshots || picture) return await show(browser, world, asked, table);
      await showStates(browser, world, table, wants(FIRST.name) ? [FIRST] : []);
      await world.furnish();
      await showStates(
        browser,
        world,
        table,
        STATES.filter(({ name }) => wants(name)),
      );
      for (const part of PARTS) if (wants(part.name)) await part.play(browser, world, table);
    } finally {
      await browser.close();
    }
  } finally {
    await world.stop();
  }
};

const main = async (): Promise<number> => {
  const asked = parse(process.argv.slice(2));
  if (typeof asked === "string") {
    console.error(`${asked}\n${USAGE}`);
    return CANNOT;
  }
  const reasons = reasonsAgainst([{ name: "browser", needs: NEEDS }], findOut());
  if (reasons.length > 0) {
    console.error(`The page cannot be shown here.\n${reasons.map((reason) => `  ${reason}`).join("\n")}`);
    return CANNOT;
  }
  if (asked.check) {
    console.error("The page can be shown here.");
    return 0;
  }
  process.env["PATH"] = PATH;
  const dir = await mkdtemp(join(tmpdir(), "parallax-browser-"));
  await chmod(dir, 0o755);
  endAtExit(() => rmSync(dir, { recursive: true, force: true }));
  const table = new Table((line) => console.error(line));
  await runAll(dir, asked, table);
  await rm(dir, { recursive: true, force: true });
  console.error(`${table.right} of ${table.rows.length} right`);
  return table.rows.length > 0 && table.right === table.rows.length ? 0 : 1;
};

process.exitCode = await main();
