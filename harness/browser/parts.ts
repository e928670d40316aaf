/** Tests that run on the page once every state has been seen, in this order. */
import type { Browser } from "playwright-core";
import { Sheet } from "./browser.ts";
import { restart, revoke, skew, strangers } from "./faults.ts";
import { actOnGroup } from "./group-acts.ts";
import { cells, filter, hold, skip } from "./keyboard.ts";
import { openAt } from "./past.ts";
import { paper, stillness } from "./media.ts";
import { crowd, files, firstPaint, redraws } from "./sizes.ts";
import type { Table } from "./table.ts";
import { tabs } from "./tabs.ts";
import { findTold, holdFailover, nameFault } from "./tasks.ts";
import type { World } from "./world.ts";

const PATH = "/?site=killed";

interface Part {
  name: string;
  play: (browser: Browser, world: World, table: Table) => Promise<void>;
}

/** Runs an action on a newly opened page of a crash. */
const on = async <T>(
  browser: Browser,
  world: World,
  deed: (page: Sheet["page"]) => Promise<T>,
): Promise<T> => {
  const sheet = await Sheet.open(browser, world.origin, { path: PATH });
  try {
    await sheet.page.getByText("by events").waitFor();
    const came = await deed(sheet.page);
    sheet.mustBeQuiet();
    return came;
  } finally {
    await sheet.close();
  }
};

export const PARTS: readonly Part[] = [
  {
    name: "keyboard",
    play: async (browser, world, table) => {
      await table.prove("keyboard", "the skip link leads past the head", () => on(browser, world, skip));
      await table.prove("keyboard", "cells: arrows, Enter, Escape, and back", () =>
        on(browser, world, cells),
      );
      await table.prove("keyboard", "hold: into the dialog, Escape, and back", () =>
        on(browser, world, hold),
      );
      await table.prove("keyboard", "filter", () => on(browser, world, filter));
    },
  },
  {
    name: "media",
    play: async (browser, world, table) => {
      await table.prove("media", "nothing moves where that is asked for", () =>
        on(browser, world, stillness),
      );
      await table.prove("media", "printed whole, dark on white", () => on(browser, world, paper));
    },
  },
  {
    name: "tasks",
    play: async (browser, world, table) => {
      await table.prove("tasks", "name the fault and its reason", () => nameFault(browser, world));
      await table.prove("tasks", "find what was told to whom", () => findTold(browser, world));
      await table.prove("tasks", "hold failover", () => holdFailover(browser, world));
    },
  },
  {
    name: "acts",
    play: async (browser, world, table) => {
      await table.prove("acts", "freeze, thaw and switch a group", () => actOnGroup(browser, world));
    },
  },
  {
    name: "past",
    play: async (browser, world, table) => {
      await table.prove("past", "an address with an instant opens there", () => openAt(browser, world));
    },
  },
  {
    name: "skew",
    play: async (browser, world, table) => {
      for (const hours of [-7, 5])
        await table.prove(
          "skew",
          `ages are right, the browser's clock ${Math.abs(hours)} h ${hours < 0 ? "slow" : "fast"}`,
          () => skew(browser, world, hours),
        );
    },
  },
  {
    name: "revoked",
    play: async (browser, world, table) => {
      await table.prove("revoked", "the page says that its token opens nothing", () =>
        revoke(browser, world),
      );
      await table.prove("revoked", "without a token: says what to do, without script", () =>
        strangers(browser, world),
      );
    },
  },
  {
    name: "tabs",
    play: async (browser, world, table) => {
      await table.prove("tabs", "nine in one browser, one of them seen", () => tabs(browser, world));
    },
  },
  {
    name: "sizes",
    play: async (browser, world, table) => {
      await table.prove("sizes", "files, compressed", () => files(world));
      await table.prove("sizes", "first paint without script", () => firstPaint(browser, world));
      await table.prove("sizes", "500 by 16 redrawn (simulated answer)", () => redraws(browser, world, 500));
      await table.prove("sizes", "10,000 by 16 redrawn (simulated answer)", () =>
        redraws(browser, world, 10_000),
      );
      await table.prove("sizes", "10,000 by 16 used (simulated answer)", () => crowd(browser, world, 10_000));
    },
  },
  {
    name: "restart",
    play: async (browser, world, table) => {
      await table.prove("restart", "a killed detector is told, and comes back", () =>
        restart(browser, world),
      );
    },
  },
];
